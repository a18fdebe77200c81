/** When does a day begin and end at a place? As its clocks there say, which is another time than here. */

const DAY_MS = 86_400_000;

/** Of a date field: without one, browsers take years of six digits, which are no dates elsewhere. */
export const LAST_DAY = "9999-12-31";

/** `day` as `2026-03-01`, `timeZone` as `Europe/Berlin`. */
export function beginOf(day: string, timeZone: string): string {
  const midnightBy = (at: number): number => Date.parse(`${day}T00:00:00${offsetAt(at, timeZone)}`);
  // The clocks may be changed on the day, or just before it.
  const found = [-DAY_MS, DAY_MS].map((away) => midnightBy(Date.parse(day) + away));
  const early = Math.min(...found);
  // Where no clock shows midnight then, the later one is when they go forward.
  return new Date(midnightBy(early) === early ? early : Math.max(...found)).toISOString();
}

/** Its last second. */
export function endOf(day: string, timeZone: string): string {
  const next = new Date(Date.parse(day) + DAY_MS).toISOString().replace(/T.*/, "");
  return new Date(Date.parse(beginOf(next, timeZone)) - 1000).toISOString();
}

/** `+01:00` */
function offsetAt(at: number, timeZone: string): string {
  const text = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).format(at);
  return /[+-]\d\d:\d\d/.exec(text)?.[0] ?? "Z";
}
