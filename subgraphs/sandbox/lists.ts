/**
 * How does the world answer for first-party lists below something, while no database does?
 *
 * From memory, as `Below` asks: aligned with what is asked for, the newest first.
 */
import type { Below, ListPosition } from "../lists.ts";

export function listsOf<Item extends { readonly id: string }>(
  items: readonly Item[],
  { owner, time }: { readonly owner: (item: Item) => string | null; readonly time: (item: Item) => Date },
): Below<Item> {
  const byId = new Map(items.map((item) => [item.id, item]));
  const positionOf = (item: Item): ListPosition => ({ at: time(item), id: item.id });
  const newestFirst = items.toSorted((left, right) => newer(positionOf(left), positionOf(right)));
  const byOwner = Map.groupBy(newestFirst, owner);
  return {
    byIds: async (ids) => ids.map((id) => byId.get(id)),
    lists: async (ownerIds, { limit, after }) =>
      ownerIds.map((id) =>
        (byOwner.get(id) ?? [])
          .filter((item) => after === undefined || newer(after, positionOf(item)) < 0)
          .slice(0, limit),
      ),
    counts: async (ownerIds) => ownerIds.map((id) => byOwner.get(id)?.length ?? 0),
  };
}

/** Below 0 where the left one comes first. */
function newer(left: ListPosition, right: ListPosition): number {
  const difference = Number(right.at) - Number(left.at);
  if (difference !== 0) return difference;
  return left.id === right.id ? 0 : left.id > right.id ? -1 : 1;
}
