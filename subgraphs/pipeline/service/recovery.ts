/**
 * When is whatever kept failing tried again?
 *
 * So many milliseconds after it was left alone, by a clock that only ever goes forward. Breakers go by the time of day
 * otherwise, and a clock that somebody sets back by a day would keep them open for a day.
 */
import type { IBackoff, IBackoffFactory } from "cockatiel";
import { monotonic } from "./turns.ts";

/** For `halfOpenAfter`: counts from when the breaker opened. */
export function recovery(ms: number, now: () => number = monotonic): IBackoffFactory<unknown> {
  return { next: () => since(now()) };

  function since(openedAt: number): IBackoff<unknown> {
    return {
      // The breaker holds its own idea of the time that has passed against this.
      get duration() {
        return now() - openedAt < ms ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
      },
      next: () => since(now()),
    };
  }
}
