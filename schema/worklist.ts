/**
 * How does the graph list open work, the most urgent first?
 *
 * Urgency comes from decisions and changes, and an offset would not be stable. A cursor is the place of an item, and the
 * next page begins with the first item after that place, even if the item itself is gone. The price: an item whose own
 * place changes between two pages may appear twice or not at all. No other item does.
 */
import { z } from "zod";
import { connection, cursorsOf, pageSize } from "./connection.ts";
import type { Connection, PageArgs } from "./connection.ts";

/** Lower numbers come first. Numbers are finite: a cursor is JSON. */
export interface Place {
  readonly priority: number;
  /** Orders items of the same priority, in milliseconds since the epoch. */
  readonly time: number;
  /** Orders items of the same priority and time, by code units, so it is unique in the list. */
  readonly id: string;
}

/** As a cursor holds it: client input. PostgreSQL has no text with NUL. */
const CursorPlace = z.strictObject({
  priority: z.number(),
  time: z.number(),
  id: z.string().refine((id) => !id.includes("\0")),
});

export interface Placed<Node> {
  readonly position: Place;
  /** null if it does not exist any more: it is left out. */
  readonly node: Node | null;
}

/** A worklist that is kept sorted. */
export interface Ranking<Node> {
  /** Everything that had changed by then is in it; null while that is not known. */
  readonly asOf: Date | null;
  /** In order: up to `limit` after a place, or from the start. */
  items(limit: number, after: Place | undefined): Promise<readonly Placed<Node>[]>;
  /** Whether there is an item at this place or before it. */
  hasUpTo(place: Place): Promise<boolean>;
  count(): Promise<number>;
}

/** Throws BAD_USER_INPUT for an invalid page, before the ranking is opened. */
export type Worklist = <Node>(page: PageArgs, open: () => Promise<Ranking<Node>>) => Promise<Connection<Node>>;

export function worklistOf(list: string): Worklist {
  const cursors = cursorsOf<Place>(list, (value) => CursorPlace.safeParse(value).data);
  return async (page, open) => {
    const size = pageSize(page);
    const after = cursors.decode(page);
    const ranking = await open();
    const [items, hasPreviousPage] = await Promise.all([
      ranking.items(size + 1, after),
      after !== undefined && ranking.hasUpTo(after),
    ]);
    return {
      ...connection({
        items: items.slice(0, size).flatMap(({ position, node }) => (node === null ? [] : [{ position, node }])),
        cursors,
        hasNextPage: items.length > size,
        hasPreviousPage,
        totalCount: () => ranking.count(),
      }),
      asOf: ranking.asOf,
    };
  };
}
