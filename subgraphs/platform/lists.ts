/**
 * How is a list below each of many things one look-up, and not one for each?
 *
 * Whatever part of it things are asked for in one tick is looked up together, part by part, and so are their counts: the
 * look-ups of a query are bounded by the lists it names. A position is an item's time and id, so what is added or taken
 * away between two pages neither hides an item nor shows it twice.
 */
import DataLoader from "dataloader";
import { z } from "zod";
import { connection, cursorsOf, pageSize } from "../../schema/connection.ts";
import type { Connection, Cursors, PageArgs } from "../../schema/connection.ts";
import { results } from "./results.ts";
import type { Results } from "./results.ts";

/** Records that belong to owners. An id that cannot be one is one that is not there. */
export interface ByOwner<Item> {
  /** Aligned with the ids. */
  byIds(ids: readonly string[]): Promise<readonly (Item | undefined)[]>;
  /** Aligned with the owners: of each the newest (of one moment, those of the greater id first) that are in the part. */
  lists(ownerIds: readonly string[], part: ListPart): Promise<readonly (readonly Item[])[]>;
  /** Aligned with the owners: how many each has. */
  counts(ownerIds: readonly string[]): Promise<readonly number[]>;
}

/** Up to `limit` items that follow the position, or the first ones. */
export interface ListPart {
  readonly limit: number;
  readonly after: ListPosition | undefined;
}

/** Of the item a part ends with. In whole milliseconds: a cursor holds no more. */
export interface ListPosition {
  readonly at: Date;
  readonly id: string;
}

/** For one request. */
export interface ListLoaders<Item> {
  readonly item: DataLoader<string, Item | null>;
  readonly part: DataLoader<OwnPart, readonly Item[], string>;
  readonly count: DataLoader<string, number>;
}

interface OwnPart {
  readonly ownerId: string;
  readonly part: ListPart;
}

/** How the items of one kind are listed. */
export interface Listing<Item, Node> {
  readonly cursors: Cursors<ListPosition>;
  readonly position: (item: Item) => ListPosition;
  readonly node: (item: Item) => Node;
}

const Position = z.object({ at: z.iso.datetime().transform((text) => new Date(text)), id: z.string() });

export function listCursors(list: string): Cursors<ListPosition> {
  return cursorsOf(list, (value) => Position.safeParse(value).data);
}

export function listLoaders<Item>(records: ByOwner<Item>): ListLoaders<Item> {
  return {
    item: new DataLoader(async (ids: readonly string[]) => (await records.byIds(ids)).map((found) => found ?? null)),
    part: new DataLoader<OwnPart, readonly Item[], string>((wanted) => inParts(records, wanted), {
      cacheKeyFn: ({ ownerId, part }) => JSON.stringify([ownerId, keyOf(part)]),
    }),
    count: new DataLoader((ids: readonly string[]) => records.counts(ids)),
  };
}

/** Throws BAD_USER_INPUT where `first` or `after` is not of this list. */
export function listByOwner<Item, Node>(
  ownerId: string,
  page: PageArgs,
  { part, count }: ListLoaders<Item>,
  listing: Listing<Item, Node>,
): Promise<Connection<Node>> {
  return listPage(page, {
    ...listing,
    part: (wanted) => part.load({ ownerId, part: wanted }),
    count: () => count.load(ownerId),
  });
}

/** A list that belongs to nobody. */
export interface ListSource<Item, Node> extends Listing<Item, Node> {
  /** In the list's order. */
  readonly part: (part: ListPart) => Promise<readonly Item[]>;
  readonly count: () => Promise<number>;
}

/** Throws BAD_USER_INPUT where `first` or `after` is not of this list. */
export async function listPage<Item, Node>(page: PageArgs, source: ListSource<Item, Node>): Promise<Connection<Node>> {
  const { cursors, position, node, part, count } = source;
  const size = pageSize(page);
  const after = cursors.decode(page);
  // One more than the page shows says whether the list goes on.
  const found = await part({ limit: size + 1, after });
  return connection({
    items: found.slice(0, size).map((item) => ({ position: position(item), node: node(item) })),
    cursors,
    hasNextPage: found.length > size,
    hasPreviousPage: after !== undefined,
    totalCount: count,
  });
}

/** One look-up for each different part, aligned with what is wanted. */
async function inParts<Item>(records: ByOwner<Item>, wanted: readonly OwnPart[]): Promise<Results<readonly Item[]>> {
  const byPart = Map.groupBy(wanted, ({ part }) => keyOf(part));
  const found = new Map<OwnPart, readonly Item[] | Error>();
  await Promise.all(
    Array.from(byPart.values(), async (same) => {
      const [first] = same;
      if (!first) return;
      const owners = same.map(({ ownerId }) => ownerId);
      const [lists = []] = await results([records.lists(owners, first.part)]);
      for (const [index, one] of same.entries()) found.set(one, lists instanceof Error ? lists : (lists[index] ?? []));
    }),
  );
  return wanted.map((one) => found.get(one) ?? []);
}

function keyOf({ limit, after }: ListPart): string {
  return JSON.stringify([limit, after]);
}
