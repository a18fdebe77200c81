/**
 * How does the graph list what waits for somebody, the most urgent first?
 *
 * Urgency comes from decisions, so a worklist is ranked anew for every page, and a cursor cannot be a count: it is the
 * rank and id of the item it stands at, and what follows it is what ranks behind that, whether the item is still there or
 * not. The price: an item whose own rank changes between two pages may show twice or not at all. No other item does.
 */
import { connection, cursorsOf, pageSize } from "./connection.ts";
import type { Connection, Cursors, PageArgs } from "./connection.ts";

/** What an item is ranked by, the weightiest first: the lower a number, the sooner; texts by their code units. */
export type Shape = readonly ("number" | "string")[];
/** Numbers must be finite: a cursor is JSON. */
export type Rank<Of extends Shape> = { readonly [Part in keyof Of]: Of[Part] extends "number" ? number : string };

export interface Ranked<Of extends Shape, Node> {
  readonly rank: Rank<Of>;
  /** Decides between items of the same rank, so no two items of a list may share it. */
  readonly id: string;
  readonly node: Node;
}

/** Throws BAD_USER_INPUT before anything is ranked, where the page is none of this list. */
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
    const behind = after === undefined ? sorted : sorted.filter(({ position }) => compare(position, after) > 0);
    return connection({
      items: behind.slice(0, size),
      cursors,
      hasNextPage: behind.length > size,
      hasPreviousPage: behind.length < sorted.length,
      totalCount: () => sorted.length,
    });
  };
}

function positionsOf(list: string, shape: Shape): Cursors<Position> {
  return cursorsOf(list, (value) => {
    const parts: readonly unknown[] = Array.isArray(value) ? value : [];
    const fitting = parts.filter((part, index): part is number | string => typeof part === shape[index]);
    return parts.length === shape.length && fitting.length === shape.length ? fitting : undefined;
  });
}

/** Throws a RangeError where a number could not stand in a cursor: it would lead nowhere. */
function positionOf({ rank, id }: Ranked<Shape, unknown>): Position {
  const unfit = rank.find((part) => typeof part !== "string" && !Number.isFinite(part));
  if (unfit !== undefined) throw new RangeError(`a rank must be of finite numbers but got ${String(unfit)} for ${id}`);
  return [...rank, id];
}

/** Below 0 where the left one comes first. Of one list, so part by part of one type. */
function compare(left: Position, right: Position): number {
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined || part === other) continue;
    return part < other ? -1 : 1;
  }
  return 0;
}
