/**
 * How does the graph list open work, the most urgent first?
 *
 * Urgency comes from decisions, so a worklist is ranked for every page, and an offset would not be stable. A cursor is the
 * rank and id of an item, and the next page begins with the first item that ranks after it, even if the item itself is
 * gone. The price: an item whose own rank changes between two pages may appear twice or not at all. No other item does.
 */
import { connection, cursorsOf, pageSize } from "./connection.ts";
import type { Connection, Cursors, PageArgs } from "./connection.ts";

/** The types of a rank's parts, the most significant first. Lower numbers come first; texts are ordered by code units. */
export type Shape = readonly ("number" | "string")[];
/** Numbers must be finite: a cursor is JSON. */
export type Rank<Of extends Shape> = { readonly [Part in keyof Of]: Of[Part] extends "number" ? number : string };

export interface Ranked<Of extends Shape, Node> {
  readonly rank: Rank<Of>;
  /** Orders items of the same rank, so it must be unique in the list. */
  readonly id: string;
  readonly node: Node;
}

/** Throws BAD_USER_INPUT for an invalid page, before anything is ranked. */
export type Worklist<Of extends Shape> = <Node>(
  page: PageArgs,
  rank: () => Promise<readonly Ranked<Of, Node>[]>,
) => Promise<Connection<Node>>;

/** A rank, then the id. */
type Position = readonly (number | string)[];

export function worklistOf<const Of extends Shape>(list: string, shape: Of): Worklist<Of> {
  const cursors = positionsOf(list, [...shape, "string"]);
  return async (page, rank) => {
    const size = pageSize(page);
    const after = cursors.decode(page);
    const items = (await rank()).map((item) => ({ position: positionOf(item), node: item.node }));
    const sorted = items.toSorted((left, right) => compare(left.position, right.position));
    const remaining = after === undefined ? sorted : sorted.filter(({ position }) => compare(position, after) > 0);
    return connection({
      items: remaining.slice(0, size),
      cursors,
      hasNextPage: remaining.length > size,
      hasPreviousPage: remaining.length < sorted.length,
      totalCount: () => sorted.length,
    });
  };
}

function positionsOf(list: string, shape: Shape): Cursors<Position> {
  return cursorsOf(list, (value) => {
    const parts: readonly unknown[] = Array.isArray(value) ? value : [];
    const valid = parts.filter((part, index): part is number | string => typeof part === shape[index]);
    return parts.length === shape.length && valid.length === shape.length ? valid : undefined;
  });
}

/** Throws a RangeError for a number that JSON, hence a cursor, cannot hold. */
function positionOf({ rank, id }: Ranked<Shape, unknown>): Position {
  const invalid = rank.find((part) => typeof part !== "string" && !Number.isFinite(part));
  if (invalid !== undefined) {
    throw new RangeError(`a rank must be of finite numbers but got ${String(invalid)} for ${id}`);
  }
  return [...rank, id];
}

/** Negative if the left one comes first. Positions of one list have parts of the same types. */
function compare(left: Position, right: Position): number {
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined || part === other) continue;
    return part < other ? -1 : 1;
  }
  return 0;
}
