/**
 * Whom does a decision decide about today?
 *
 * Each field that decides has a population: all that a caller could ask it about, with the facts that it would be decided by.
 */
import type { Context } from "../platform/context.ts";
import type { Considered } from "../pipeline/eligible.ts";

/** `about` is the other side of a pair: the campaign that an episode is decided for. */
export interface Member extends Considered {
  readonly about?: string;
}

export interface Population {
  /** `Location.playback`. */
  readonly field: string;
  /** The key of its decision. */
  readonly model: string;
  /** Those that exist for the caller, in batches. Rejects where they cannot be listed. */
  readonly members: (context: Context) => AsyncIterable<readonly Member[]>;
}

/** Read together. */
export const POPULATION_BATCH = 250;

/** A list to its end, in batches. `read` gives those after a position, and `positionOf` where the next ones begin. */
export async function* batchesOf<Item, Position>(
  read: (limit: number, after: Position | undefined) => Promise<readonly Item[]>,
  positionOf: (item: Item) => Position,
): AsyncGenerator<readonly Item[]> {
  for (let after: Position | undefined, more = true; more;) {
    const batch = await read(POPULATION_BATCH, after);
    yield batch;
    const last = batch.at(-1);
    after = last && positionOf(last);
    more = batch.length === POPULATION_BATCH;
  }
}

/** One of a batch, whose facts may be missing in what a loader gave for it. */
export function memberOf(subject: string, facts: Considered["facts"] | undefined, about?: string): Member {
  const known = facts ?? new Error(`nothing is known of ${subject}`);
  return about === undefined ? { subject, facts: known } : { subject, facts: known, about };
}

/** What `make` returns, or the error that it throws: of this member alone. */
export function orError<T>(make: () => T): T | Error {
  try {
    return make();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
