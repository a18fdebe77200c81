/** A day at a place, in UTC: also where the clocks are changed on it. */
import { describe, expect, it } from "vitest";
import { beginOf, endOf } from "../../gateway/console/parts/day.ts";

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
  ])("%s in %s is from %s to %s", (day, timeZone, begins, ends) => {
    expect([beginOf(day, timeZone), endOf(day, timeZone)]).toEqual([begins, ends]);
  });
});
