/**
 * When does an open circuit let a call through again?
 *
 * A fixed time after it opened, by a monotonic clock. Cockatiel measures with Date.now(): a system clock set back by a
 * day would keep a circuit open for a day.
 */
import type { IBackoff, IBackoffFactory } from "cockatiel";
import { monotonic } from "./clock.ts";

/** For cockatiel's `halfOpenAfter`. */
export function recoveryAfter(ms: number, now: () => number = monotonic): IBackoffFactory<unknown> {
  return { next: () => openedAt(now()) };

  function openedAt(opened: number): IBackoff<unknown> {
    return {
      // Cockatiel compares this with the time that passed by its own clock: both values take precedence over that time.
      get duration() {
        return now() - opened < ms ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
      },
      next: () => openedAt(now()),
    };
  }
}
