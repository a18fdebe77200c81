/** Which times may a client give for what a listener did? Those that a clock with the allowed skew can have shown. */

/** How far a client's clock may be from ours. */
export const MAX_CLOCK_SKEW_MS = 5 * 60_000;

/** What is wrong with a time, or undefined. `now` in milliseconds since the epoch. */
export function eventTimeProblem(time: Date, now: number): string | undefined {
  if (Number(time) > now + MAX_CLOCK_SKEW_MS) return "must be no more than five minutes in the future";
  // Only a broken clock shows it.
  return Number(time) < 0 ? "must be after 1970" : undefined;
}
