/** Which day is it, in UTC? */

/** `2026-03-10`, of milliseconds since the epoch. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
