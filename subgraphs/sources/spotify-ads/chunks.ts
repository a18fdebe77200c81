/**
 * How are the items of many ids read from Spotify Ads, each once and fifty in a request?
 *
 * An item that cannot be read and does not say whose it is could be anybody's in its request. Then the request is repeated
 * in halves until it is known: the price is about twelve more requests, and only that one id has the error.
 */
import { ItemError } from "../../platform/items.ts";
import { results } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";

export interface ChunkedRead<T> {
  readonly fetch: (ids: readonly string[]) => Promise<Results<T>>;
  /** The id that the item was asked for by. */
  readonly idOf: (item: T) => string;
  /** The same of an item that cannot be read; undefined if nobody knows. Default: its own id. */
  readonly ofBad?: (item: ItemError) => string | undefined;
}

/** The maximum number of ids in a filter, and of items in a page. */
export const MAX_ITEMS = 50;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A malformed id is not sent: Spotify would refuse the whole request. */
export function isId(id: string): boolean {
  return UUID.test(id);
}

/** By id: its items, or why its request failed. An id without items is left out. */
export async function inChunks<T>(
  ids: readonly string[],
  read: ChunkedRead<T>,
): Promise<ReadonlyMap<string, Results<T> | Error>> {
  const validIds = [...new Set(ids.filter(isId))];
  const starts = Array.from({ length: Math.ceil(validIds.length / MAX_ITEMS) }, (_, index) => index * MAX_ITEMS);
  const chunks = starts.map((start) => readChunk(validIds.slice(start, start + MAX_ITEMS), read));
  return new Map((await Promise.all(chunks)).flatMap((found) => Array.from(found)));
}

async function readChunk<T>(
  ids: readonly string[],
  read: ChunkedRead<T>,
): Promise<ReadonlyMap<string, Results<T> | Error>> {
  const { fetch, idOf, ofBad = ({ id }) => id } = read;
  const [items = []] = await results([fetch(ids)]);
  if (items instanceof Error) return new Map(ids.map((id) => [id, items]));
  const whose = (item: T | Error): string | undefined => {
    if (!(item instanceof Error)) return idOf(item);
    // Asked for alone, it can be nobody else's.
    return (item instanceof ItemError ? ofBad(item) : undefined) ?? (ids.length === 1 ? ids[0] : undefined);
  };
  if (items.every((item) => whose(item) !== undefined)) return Map.groupBy(items, (item) => whose(item) ?? "");
  const half = Math.ceil(ids.length / 2);
  const halves = await Promise.all([readChunk(ids.slice(0, half), read), readChunk(ids.slice(half), read)]);
  return new Map(halves.flatMap((found) => Array.from(found)));
}
