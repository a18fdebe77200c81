/** How long is a minute, an hour or a day in milliseconds, and how does the graph show a time? */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** `at` in milliseconds since the epoch. */
export const iso = (at: number): string => new Date(at).toISOString();
