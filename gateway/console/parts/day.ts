/** When does a day begin and end at a place? As its clocks there say, which is another time than here. */

const DAY_MS = 86_400_000;

/** `day` as `2026-03-01`, `timeZone` as `Europe/Berlin`. */
export function beginOf(day: string, timeZone: string): string {
  const midnight = `${day}T00:00:00`;
  const guess = new Date(`${midnight}${offsetAt(new Date(`${midnight}Z`), timeZone)}`);
  // The clocks may have been changed in between.
  return new Date(`${midnight}${offsetAt(guess, timeZone)}`).toISOString();
}

/** Its last second. */
export function endOf(day: string, timeZone: string): string {
  const next = new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);
  return new Date(Date.parse(beginOf(next, timeZone)) - 1000).toISOString();
}

/** `+01:00` */
function offsetAt(at: Date, timeZone: string): string {
  const text = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).format(at);
  return /[+-]\d\d:\d\d/.exec(text)?.[0] ?? "Z";
}
