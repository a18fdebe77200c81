/**
 * How are the lists of many owners one query, and not one query each?
 *
 * All lists requested in one tick with the same window are one query, and so are all counts: a request's queries are
 * bounded by the lists it names. A position is an item's time and id, so an item added or removed between two pages
 * neither hides another one nor repeats it.
 */
import DataLoader from "dataloader";
import { z } from "zod";
import { connection, cursorsOf, pageSize } from "../../schema/connection.ts";
import type { Connection, Cursors, PageArgs } from "../../schema/connection.ts";
import { readOwnItems } from "./accounts.ts";
import type { AccountsOf } from "./accounts.ts";
import type { Context } from "./context.ts";
import { results } from "./results.ts";
import type { Results } from "./results.ts";

/** Records that belong to owners. An unknown or malformed id is one without records. */
export interface ByOwner<Item> {
  /** Aligned with the ids. */
  byIds(ids: readonly string[]): Promise<readonly (Item | undefined)[]>;
  /** Aligned with the owners: the items of each within the window, newest first, of the same time the greater id first. */
  lists(ownerIds: readonly string[], window: ListWindow): Promise<readonly (readonly Item[])[]>;
  /** Aligned with the owners: how many items each has. */
  counts(ownerIds: readonly string[]): Promise<readonly number[]>;
}

/** Up to `limit` items after the position, or from the start. */
export interface ListWindow<Position = ListPosition> {
  readonly limit: number;
  readonly after: Position | undefined;
}

/** In whole milliseconds: a cursor holds no finer time. */
export interface ListPosition {
  readonly at: Date;
  readonly id: string;
}

/** For one request. */
export interface ListLoaders<Item> {
  readonly item: DataLoader<string, Item | null>;
  readonly list: DataLoader<OwnerWindow, readonly Item[], string>;
  readonly count: DataLoader<string, number>;
}

interface OwnerWindow {
  readonly ownerId: string;
  readonly window: ListWindow;
}

/** How the items of one kind are listed. */
export interface Listing<Item, Node, Position = ListPosition> {
  readonly cursors: Cursors<Position>;
  readonly position: (item: Item) => Position;
  readonly node: (item: Item) => Node;
}

const Position = z.object({ at: z.iso.datetime().transform((text) => new Date(text)), id: z.string() });

export function listCursors(list: string): Cursors<ListPosition> {
  return cursorsOf(list, (value) => Position.safeParse(value).data);
}

/**
 * `own` says whose an item is: others are absent for a caller that may not see their owner. A list is of an owner, which
 * was read before.
 */
export function listLoaders<Item>(
  context: Context,
  records: ByOwner<Item>,
  own: { readonly accountsOf: AccountsOf; readonly ownerOf: (item: Item) => string | null },
): ListLoaders<Item> {
  const byIds = async (ids: readonly string[]) => (await records.byIds(ids)).map((item) => item ?? null);
  return {
    item: new DataLoader<string, Item | null>(readOwnItems(context, own, byIds)),
    list: new DataLoader<OwnerWindow, readonly Item[], string>((keys) => listsByWindow(records, keys), {
      cacheKeyFn: ({ ownerId, window }) => JSON.stringify([ownerId, keyOf(window)]),
    }),
    count: new DataLoader((ids: readonly string[]) => records.counts(ids)),
  };
}

/** After a mutation of the item: its request reads it, and every list and count, anew. */
export function forgetLists<Item>({ item, list, count }: ListLoaders<Item>, id: string): void {
  item.clear(id);
  list.clearAll();
  count.clearAll();
}

/** Throws BAD_USER_INPUT for an invalid `first`, or an `after` that is not of this list. */
export function listByOwner<Item, Node>(
  ownerId: string,
  page: PageArgs,
  { list, count }: ListLoaders<Item>,
  listing: Listing<Item, Node>,
): Promise<Connection<Node>> {
  return listPage(page, {
    ...listing,
    items: (window) => list.load({ ownerId, window }),
    count: () => count.load(ownerId),
  });
}

/** A list without owners; its positions may be of another kind. */
export interface ListSource<Item, Node, Position = ListPosition> extends Listing<Item, Node, Position> {
  /** In the list's order. */
  readonly items: (window: ListWindow<Position>) => Promise<readonly Item[]>;
  readonly count: () => Promise<number>;
}

/** Throws BAD_USER_INPUT for an invalid `first`, or an `after` that is not of this list. */
export async function listPage<Item, Node, Position>(
  page: PageArgs,
  source: ListSource<Item, Node, Position>,
): Promise<Connection<Node>> {
  const { cursors, position, node, count } = source;
  const size = pageSize(page);
  const after = cursors.decode(page);
  // One item more than the page shows whether there is a next one.
  const items = await source.items({ limit: size + 1, after });
  return connection({
    items: items.slice(0, size).map((item) => ({ position: position(item), node: node(item) })),
    cursors,
    hasNextPage: items.length > size,
    hasPreviousPage: after !== undefined,
    totalCount: count,
  });
}

/** One query for each different window; aligned with the keys. */
async function listsByWindow<Item>(
  records: ByOwner<Item>,
  keys: readonly OwnerWindow[],
): Promise<Results<readonly Item[]>> {
  const byWindow = Map.groupBy(keys, ({ window }) => keyOf(window));
  const listOf = new Map<OwnerWindow, readonly Item[] | Error>();
  await Promise.all(
    Array.from(byWindow.values(), async (group) => {
      const [first] = group;
      if (!first) return;
      const owners = group.map(({ ownerId }) => ownerId);
      const [lists = []] = await results([records.lists(owners, first.window)]);
      for (const [index, key] of group.entries())
        listOf.set(key, lists instanceof Error ? lists : (lists[index] ?? []));
    }),
  );
  return keys.map((key) => listOf.get(key) ?? []);
}

function keyOf({ limit, after }: ListWindow): string {
  return JSON.stringify([limit, after]);
}
