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
