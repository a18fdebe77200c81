/**
 * What does the clock on a location's wall say, and is the location open by it?
 *
 * Opening hours are times of day where the location is, so an instant is turned into those and never the other way round:
 * there is no hour that summer time skips or repeats.
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
const clocks = new Map<string, Intl.DateTimeFormat>();

/** undefined where the time zone is none that anybody knows. */
export function localTime(timezone: string, at: number): LocalTime | undefined {
  const clock = clockOf(timezone);
  if (!clock) return undefined;
  const parts = new Map(clock.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const date = Date.UTC(part("year"), part("month") - 1, part("day")) / DAY_MS;
  // The epoch began on a Thursday.
  return { weekday: ((date + 3) % 7) + 1, minutes: part("hour") * 60 + part("minute"), date };
}

export function isOpen(hours: readonly OpeningSpan[], { weekday, minutes }: LocalTime): boolean {
  return hours.some(({ day, opens, closes }) => {
    const [from, to] = [minutesOf(opens), minutesOf(closes)];
    if (from === undefined || to === undefined) return false;
    if (from < to) return day === weekday && from <= minutes && minutes < to;
    // Past midnight, and what is left of it is on the day after.
    return (day === weekday && from <= minutes) || ((day % 7) + 1 === weekday && minutes < to);
  });
}

/** `24:00` is the end of the day. undefined for what is no time: nothing is open by it. */
function minutesOf(time: string): number | undefined {
  const [, hours, minutes] = /^(\d\d):([0-5]\d)$/.exec(time) ?? [];
  const since = Number(hours) * 60 + Number(minutes);
  return since <= DAY_MINUTES ? since : undefined;
}

/** Made once each: making one takes as long as a thousand looks at it. */
function clockOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const known = clocks.get(timeZone);
  if (known) return known;
  try {
    const numeric = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
    const made = new Intl.DateTimeFormat("en", { timeZone, calendar: "gregory", hourCycle: "h23", ...numeric });
    clocks.set(timeZone, made);
    return made;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
