/**
 * What is the local time at a location, and is the location open?
 *
 * Opening hours are local times. An instant is converted to local time and never the other way round, so the hours that
 * daylight saving time skips or repeats cause no ambiguity.
 */
import type { OpeningSpan } from "../../records/locations/types.ts";

export interface LocalTime {
  /** 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
  /** Since midnight. */
  readonly minutes: number;
  /** The date, as days since the epoch. */
  readonly date: number;
}

const DAY_MS = 86_400_000;
const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;
const formatters = new Map<string, Intl.DateTimeFormat>();

/** `at` in milliseconds since the epoch; undefined for an unknown time zone. */
export function localTime(timezone: string, at: number): LocalTime | undefined {
  const formatter = formatterOf(timezone);
  if (!formatter) return undefined;
  const parts = new Map(formatter.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const date = Date.UTC(part("year"), part("month") - 1, part("day")) / DAY_MS;
  // The epoch began on a Thursday.
  return { weekday: ((date + 3) % 7) + 1, minutes: part("hour") * 60 + part("minute"), date };
}

/** The calendar day as days since the epoch: in the time zone, or in UTC if that is unknown. */
export function dayAt(timezone: string | null, at: number): number {
  return (timezone === null ? undefined : localTime(timezone, at))?.date ?? Math.floor(at / DAY_MS);
}

export function isOpen(hours: readonly OpeningSpan[], { weekday, minutes }: LocalTime): boolean {
  return hours.some(({ day, opens, closes }) => {
    const [from, to] = [minutesOf(opens), minutesOf(closes)];
    if (from === undefined || to === undefined) return false;
    if (from < to) return day === weekday && from <= minutes && minutes < to;
    // It closes after midnight, on the next day.
    return (day === weekday && from <= minutes) || ((day % 7) + 1 === weekday && minutes < to);
  });
}

/** In how many minutes it opens or closes next, by hours that are the same each week; undefined if it never does. */
export function minutesToChange(hours: readonly OpeningSpan[], { weekday, minutes }: LocalTime): number | undefined {
  const sinceMonday = (weekday - 1) * DAY_MINUTES + minutes;
  const changes = hours.flatMap(({ day, opens, closes }) => {
    const [from, to] = [minutesOf(opens), minutesOf(closes)];
    if (from === undefined || to === undefined) return [];
    const start = (day - 1) * DAY_MINUTES;
    return [start + from, start + to + (from < to ? 0 : DAY_MINUTES)];
  });
  const waits = changes.map((change) => (change - sinceMonday + 2 * WEEK_MINUTES) % WEEK_MINUTES || WEEK_MINUTES);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

/** `24:00` is the end of the day; undefined for an invalid time, which opens nothing. */
function minutesOf(time: string): number | undefined {
  const [, hours, minutes] = /^(\d\d):([0-5]\d)$/.exec(time) ?? [];
  const sinceMidnight = Number(hours) * 60 + Number(minutes);
  return sinceMidnight <= DAY_MINUTES ? sinceMidnight : undefined;
}

/** Kept for each time zone: creating a formatter costs as much as a thousand uses of it. */
function formatterOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const kept = formatters.get(timeZone);
  if (kept) return kept;
  try {
    const numeric = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
    const created = new Intl.DateTimeFormat("en", { timeZone, calendar: "gregory", hourCycle: "h23", ...numeric });
    formatters.set(timeZone, created);
    return created;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
