/**
 * Until when does a gateway wait for its request?
 *
 * It says so in a header of each: what is left then, because the clocks of two machines differ.
 */
import { monotonic } from "./clock.ts";

/** In milliseconds. */
export const DEADLINE = "x-decibel-deadline-ms";

/** `endsAt` is in milliseconds, by `now`. */
export function deadlineHeader(endsAt: number, now: () => number = monotonic): Readonly<Record<string, string>> {
  return { [DEADLINE]: String(Math.max(0, Math.floor(endsAt - now()))) };
}

/** In milliseconds, by `now`. Infinity without a header that can be read: somebody always waits. */
export function readDeadline(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  now: () => number = monotonic,
): number {
  const text = headers[DEADLINE];
  return typeof text === "string" && /^\d{1,9}$/.test(text) ? now() + Number(text) : Infinity;
}
