/**
 * How old is something, if the system's clock may be set?
 *
 * What this process remembers or waits for is timed by `elapsed`, which no setting of the clock moves. What has a date,
 * because other processes read it too, is fresh only from that date on: an answer from the future was given before the
 * clock was set back, and nobody knows how old it is.
 */

export interface Clock {
  /** Milliseconds since the epoch: for dates that are shown, stored or sent. It may be set, both ways. */
  readonly now: () => number;
  /** Milliseconds since an arbitrary start, for everything else. They never decrease. */
  readonly elapsed: () => number;
}

export const SYSTEM_CLOCK: Clock = { now: Date.now, elapsed: monotonic };

/** Milliseconds since an arbitrary start; they never decrease. */
export function monotonic(): number {
  return performance.now();
}

/** The clocks of processes that share a store may differ by as much, in milliseconds. */
export const MAX_CLOCK_DIFFERENCE_MS = 60_000;

/** Whether what is of this time is younger than `forMs`. What is from the future is not fresh. */
export function isFresh(at: number, forMs: number, now: number): boolean {
  const ageMs = now - at;
  return ageMs >= -MAX_CLOCK_DIFFERENCE_MS && ageMs < forMs;
}
