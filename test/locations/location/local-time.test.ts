/** Local times at locations, and opening hours. */
import { describe, expect, it } from "vitest";
import { isOpen, localTime } from "../../../subgraphs/locations/location/local-time.ts";
import type { OpeningSpan } from "../../../subgraphs/records/locations/types.ts";
import { NOW } from "../../support/now.ts";

/** `"6 18:00-02:30"`: on Saturday, over midnight. */
function hours(...spans: readonly string[]): readonly OpeningSpan[] {
  return spans.map((span) => {
    const [day, opens = "", closes = ""] = span.split(/[ -]/);
    return { day: Number(day), opens, closes };
  });
}
function isOpenAt(spans: readonly OpeningSpan[], timezone: string, moment: string): boolean {
  const time = localTime(timezone, Date.parse(moment));
  return time !== undefined && isOpen(spans, time);
}

describe("localTime", () => {
  it.each([
    ["UTC", "1970-01-01T00:00:00Z", { weekday: 4, minutes: 0, date: 0 }],
    ["Europe/Berlin", "2026-03-10T12:00:59Z", { weekday: 2, minutes: 13 * 60, date: 20_522 }],
    ["America/Los_Angeles", "2026-03-09T06:59:00Z", { weekday: 7, minutes: 23 * 60 + 59, date: 20_520 }],
    ["Australia/Adelaide", "2026-03-10T13:30:00Z", { weekday: 3, minutes: 0, date: 20_523 }],
    ["Asia/Kathmandu", "2024-02-28T18:15:00Z", { weekday: 4, minutes: 0, date: 19_782 }],
  ])("converts to %s: %s", (timezone, moment, expected) => {
    expect(localTime(timezone, Date.parse(moment))).toEqual(expected);
  });

  it.each(["", "Europe/Atlantis", "not a time zone"])("is undefined for the unknown time zone %j", (timezone) => {
    expect(localTime(timezone, NOW)).toBe(undefined);
  });
});

describe("isOpen", () => {
  const week = hours("1 09:30-19:30", "6 10:00-18:00");
  it.each([
    ["2026-03-09T08:29:00Z", false],
    ["2026-03-09T08:30:00Z", true],
    ["2026-03-09T18:29:00Z", true],
    ["2026-03-09T18:30:00Z", false],
    ["2026-03-10T12:00:00Z", false],
    ["2026-03-14T09:00:00Z", true],
  ])("compares the local time with the opening hours: at %s: %s", (moment, expected) => {
    expect(isOpenAt(week, "Europe/Berlin", moment)).toBe(expected);
  });

  it.each([
    ["2026-03-14T16:59:00Z", false],
    ["2026-03-14T17:00:00Z", true],
    ["2026-03-14T23:30:00Z", true],
    ["2026-03-15T01:29:00Z", true],
    ["2026-03-15T01:30:00Z", false],
    // Sunday has no opening hours.
    ["2026-03-15T17:00:00Z", false],
  ])("extends hours past midnight: at %s: %s", (moment, expected) => {
    expect(isOpenAt(hours("6 18:00-02:30"), "Europe/Berlin", moment)).toBe(expected);
  });

  it("extends the hours of Sunday to Monday", () => {
    expect(isOpenAt(hours("7 20:00-01:00"), "UTC", "2026-03-16T00:59:00Z")).toBe(true);
    expect(isOpenAt(hours("7 20:00-01:00"), "UTC", "2026-03-16T01:00:00Z")).toBe(false);
  });

  it("is true all day for 00:00 to 24:00, and for any time to the same one", () => {
    for (const span of ["2 00:00-24:00", "2 06:00-06:00"]) {
      expect(isOpenAt(hours(span), "UTC", "2026-03-10T06:00:00Z")).toBe(true);
      expect(isOpenAt(hours(span), "UTC", "2026-03-10T23:59:00Z")).toBe(true);
    }
    expect(isOpenAt(hours("2 06:00-06:00"), "UTC", "2026-03-11T05:59:00Z")).toBe(true);
    expect(isOpenAt(hours("2 00:00-24:00"), "UTC", "2026-03-11T00:00:00Z")).toBe(false);
  });

  it("is true in each of several spans of a day", () => {
    const twice = hours("2 12:00-15:00", "2 18:00-23:00");
    const states = ["11:59", "14:59", "15:00", "18:00"].map((time) => isOpenAt(twice, "UTC", `2026-03-10T${time}:00Z`));
    expect(states).toEqual([false, true, false, true]);
  });

  it.each([
    // The clock skips 02:00 to 03:00: a closing time in between is at 03:00.
    ["2026-03-29T00:59:00Z", true],
    ["2026-03-29T01:00:00Z", false],
    // The clock repeats 02:00 to 03:00: so do the opening hours.
    ["2026-10-25T00:29:00Z", true],
    ["2026-10-25T00:30:00Z", false],
    ["2026-10-25T01:00:00Z", true],
    ["2026-10-25T01:30:00Z", false],
  ])("follows the local time when daylight saving time begins and ends: at %s: %s", (moment, expected) => {
    expect(isOpenAt(hours("6 18:00-02:30"), "Europe/Berlin", moment)).toBe(expected);
  });

  it.each(["2 9:00-17:00", "2 25:00-26:00", "2 00:00-24:30", "2 soon-later", "2 -", "0 00:00-24:00", "8 00:00-24:00"])(
    "is false for invalid hours: %s",
    (span) => {
      expect(isOpenAt(hours(span), "UTC", "2026-03-10T12:00:00Z")).toBe(false);
    },
  );

  it("is false if the opening hours are unknown", () => {
    expect(isOpenAt([], "UTC", "2026-03-10T12:00:00Z")).toBe(false);
  });
});
