/** A day at a place, in UTC: also where the clocks are changed on it. */
import { describe, expect, it } from "vitest";
import { LAST_DAY, beginOf, endOf } from "../../gateway/console/parts/day.ts";

const DAY_MS = 86_400_000;

describe("a day", () => {
  it.each([
    ["2026-02-01", "UTC", "2026-02-01T00:00:00.000Z", "2026-02-01T23:59:59.000Z"],
    ["2026-02-01", "America/New_York", "2026-02-01T05:00:00.000Z", "2026-02-02T04:59:59.000Z"],
    ["2026-02-01", "Asia/Kolkata", "2026-01-31T18:30:00.000Z", "2026-02-01T18:29:59.000Z"],
    ["2026-12-31", "Asia/Tokyo", "2026-12-30T15:00:00.000Z", "2026-12-31T14:59:59.000Z"],
    ["2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00.000Z", "2026-03-29T21:59:59.000Z"],
    ["2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00.000Z", "2026-10-25T22:59:59.000Z"],
    ["2026-09-27", "Pacific/Auckland", "2026-09-26T12:00:00.000Z", "2026-09-27T10:59:59.000Z"],
    ["2026-04-05", "Pacific/Auckland", "2026-04-04T11:00:00.000Z", "2026-04-05T11:59:59.000Z"],
    // These begin at one o'clock.
    ["2026-09-06", "America/Santiago", "2026-09-06T04:00:00.000Z", "2026-09-07T02:59:59.000Z"],
    ["2026-03-08", "America/Havana", "2026-03-08T05:00:00.000Z", "2026-03-09T03:59:59.000Z"],
    ["2026-03-29", "Atlantic/Azores", "2026-03-29T01:00:00.000Z", "2026-03-29T23:59:59.000Z"],
    ["2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00.000Z", "2026-04-24T20:59:59.000Z"],
    // And before these, midnight comes twice, or an hour of the day before.
    ["2026-11-01", "America/Havana", "2026-11-01T04:00:00.000Z", "2026-11-02T04:59:59.000Z"],
    ["2026-04-05", "America/Santiago", "2026-04-05T04:00:00.000Z", "2026-04-06T03:59:59.000Z"],
    // One that there was not.
    ["2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00.000Z", "2011-12-30T09:59:59.000Z"],
    [LAST_DAY, "America/New_York", "9999-12-31T05:00:00.000Z", "+010000-01-01T04:59:59.000Z"],
  ])("%s in %s is from %s to %s", (day, timeZone, begins, ends) => {
    expect([beginOf(day, timeZone), endOf(day, timeZone)]).toEqual([begins, ends]);
  });

  it("begins with its first second in every time zone, when the clocks are changed", () => {
    const changed = Intl.supportedValuesOf("timeZone").flatMap((timeZone) => daysOfChange(2026, timeZone));
    expect(changed.length).toBeGreaterThan(500);
    const wrong = changed.filter(({ day, dateAt, timeZone }) => {
      const begin = Date.parse(beginOf(day, timeZone));
      return dateAt(begin) !== day || dateAt(begin - 1000) === day;
    });
    expect(wrong).toEqual([]);
  });
});

/** And those beside them. */
function daysOfChange(year: number, timeZone: string) {
  const local = new Intl.DateTimeFormat("sv", { timeZone, dateStyle: "short", timeStyle: "short" });
  const offsetAt = (at: number): number => Date.parse(`${local.format(at)}Z`) - at;
  const dateAt = (at: number): string => local.format(at).slice(0, 10);
  const months = Array.from({ length: 12 }, (_, month) => [Date.UTC(year, month), Date.UTC(year, month + 1)] as const);
  return months.flatMap(([begin, end]) => {
    const before = offsetAt(begin);
    if (offsetAt(end) === before) return [];
    let day = begin;
    while (offsetAt(day) === before) day += DAY_MS;
    return [-2, -1, 0, 1].map((away) => ({ day: dateAt(day + away * DAY_MS), dateAt, timeZone }));
  });
}
