import { describe, expect, it } from "vitest";
import { UndecidedError } from "../../../subgraphs/pipeline/decision.ts";
import { locationPlayback, playbackFacts } from "../../../subgraphs/locations/decisions/location-playback.ts";
import { playlistFacts, playlistRequest } from "../../../subgraphs/locations/decisions/playlist-request.ts";
import type { LocationKnowledge } from "../../../subgraphs/locations/decisions/location-facts.ts";
import { isOpen, localTime } from "../../../subgraphs/locations/location/local-time.ts";
import type { LicenceRecord, OpeningSpan, PlaylistRequestRecord } from "../../../subgraphs/records/locations/types.ts";

const NOW = Date.parse("2026-03-10T12:00:00Z");
const DAY = 86_400_000;
const at = (moment: string): number => Date.parse(moment);

/** `"6 18:00-02:30"`: on Saturday, over midnight. */
function hours(...spans: readonly string[]): readonly OpeningSpan[] {
  return spans.map((span) => {
    const [day, opens = "", closes = ""] = span.split(/[ -]/);
    return { day: Number(day), opens, closes };
  });
}
function open(spans: readonly OpeningSpan[], timezone: string, moment: string): boolean {
  const time = localTime(timezone, at(moment));
  return time !== undefined && isOpen(spans, time);
}

describe("localTime", () => {
  it.each([
    ["UTC", "1970-01-01T00:00:00Z", { weekday: 4, minutes: 0, date: 0 }],
    ["Europe/Berlin", "2026-03-10T12:00:59Z", { weekday: 2, minutes: 13 * 60, date: 20_522 }],
    ["America/Los_Angeles", "2026-03-09T06:59:00Z", { weekday: 7, minutes: 23 * 60 + 59, date: 20_520 }],
    ["Australia/Adelaide", "2026-03-10T13:30:00Z", { weekday: 3, minutes: 0, date: 20_523 }],
    ["Asia/Kathmandu", "2024-02-28T18:15:00Z", { weekday: 4, minutes: 0, date: 19_782 }],
  ])("in %s at %s", (timezone, moment, expected) => {
    expect(localTime(timezone, at(moment))).toEqual(expected);
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
  ])("between its hours: at %s, %s", (moment, expected) => {
    expect(open(week, "Europe/Berlin", moment)).toBe(expected);
  });

  it.each([
    ["2026-03-14T16:59:00Z", false],
    ["2026-03-14T17:00:00Z", true],
    ["2026-03-14T23:30:00Z", true],
    ["2026-03-15T01:29:00Z", true],
    ["2026-03-15T01:30:00Z", false],
    // Sunday has no hours of its own.
    ["2026-03-15T17:00:00Z", false],
  ])("past midnight where it closes on the day after: at %s, %s", (moment, expected) => {
    expect(open(hours("6 18:00-02:30"), "Europe/Berlin", moment)).toBe(expected);
  });

  it("continues after midnight from Sunday to Monday", () => {
    expect(open(hours("7 20:00-01:00"), "UTC", "2026-03-16T00:59:00Z")).toBe(true);
    expect(open(hours("7 20:00-01:00"), "UTC", "2026-03-16T01:00:00Z")).toBe(false);
  });

  it("covers a whole day from 00:00 to 24:00, and from any time to the same time", () => {
    for (const span of ["2 00:00-24:00", "2 06:00-06:00"]) {
      expect(open(hours(span), "UTC", "2026-03-10T06:00:00Z")).toBe(true);
      expect(open(hours(span), "UTC", "2026-03-10T23:59:00Z")).toBe(true);
    }
    expect(open(hours("2 06:00-06:00"), "UTC", "2026-03-11T05:59:00Z")).toBe(true);
    expect(open(hours("2 00:00-24:00"), "UTC", "2026-03-11T00:00:00Z")).toBe(false);
  });

  it("accepts several spans on one day", () => {
    const twice = hours("2 12:00-15:00", "2 18:00-23:00");
    const asked = ["11:59", "14:59", "15:00", "18:00"].map((time) => open(twice, "UTC", `2026-03-10T${time}:00Z`));
    expect(asked).toEqual([false, true, false, true]);
  });

  it.each([
    // Clocks go from 02:00 to 03:00: half past two never comes, and closing time is when it would have.
    ["2026-03-29T00:59:00Z", true],
    ["2026-03-29T01:00:00Z", false],
    // Clocks go back from 03:00 to 02:00: what the wall shows twice counts twice.
    ["2026-10-25T00:29:00Z", true],
    ["2026-10-25T00:30:00Z", false],
    ["2026-10-25T01:00:00Z", true],
    ["2026-10-25T01:30:00Z", false],
  ])("by the clock on its wall when summer time begins and ends: at %s, %s", (moment, expected) => {
    expect(open(hours("6 18:00-02:30"), "Europe/Berlin", moment)).toBe(expected);
  });

  it.each(["2 9:00-17:00", "2 25:00-26:00", "2 00:00-24:30", "2 soon-later", "2 -", "0 00:00-24:00", "8 00:00-24:00"])(
    "never by hours that are none: %s",
    (span) => {
      expect(open(hours(span), "UTC", "2026-03-10T12:00:00Z")).toBe(false);
    },
  );

  it("is false without recorded hours", () => {
    expect(open([], "UTC", "2026-03-10T12:00:00Z")).toBe(false);
  });
});

describe("playbackFacts", () => {
  const licence: LicenceRecord = { status: "ACTIVE", tier: "background", expiresAt: null };
  const location = (more: Partial<LocationKnowledge["profile"]> = {}): LocationKnowledge => ({
    country: "DE",
    timezone: "Europe/Berlin",
    zones: [
      { online: true, subscription: "ACTIVE" },
      { online: false, subscription: "PAUSED" },
      { online: false, subscription: "ACTIVE" },
    ],
    profile: { storeType: "BAR", openingHours: hours("2 12:00-14:00"), licence, ...more },
  });
  const licensed = (more: Partial<LicenceRecord> | null): object => {
    const { licence_status, licence_tier, days_left } = playbackFacts(
      location({ licence: more && { ...licence, ...more } }),
      NOW,
    );
    return { licence_status, licence_tier, days_left };
  };

  it("is a flat record", () => {
    expect(playbackFacts(location(), NOW)).toEqual({
      store_type: "BAR",
      licence_status: "ACTIVE",
      licence_tier: "background",
      days_left: 9999,
      country: "DE",
      zones: 3,
      offline_zones: 2,
      subscriptions: ["ACTIVE", "PAUSED"],
      open_now: true,
    });
    expect(playbackFacts({ ...location(), timezone: "Europe/Atlantis" }, NOW).open_now).toBe(false);
  });

  it.each([null, { status: "NONE", tier: "events", expiresAt: new Date(NOW) }] as const)(
    "is no licence of any kind where there is none: %j",
    (none) => {
      expect(licensed(none)).toEqual({ licence_status: "NONE", licence_tier: "unknown", days_left: 9999 });
    },
  );

  it.each([
    ["background", "background"],
    [" Foreground ", "foreground"],
    ["EVENTS", "events"],
    ["in-store radio", "unknown"],
    ["", "unknown"],
  ])("takes the tier %j for %s", (tier, expected) => {
    expect(licensed({ tier })).toMatchObject({ licence_tier: expected });
  });

  it.each([
    [NOW + 5.9 * DAY, 5],
    [NOW + 1, 0],
    [NOW, 0],
    [NOW - 1, -1],
    [NOW - 3 * DAY, -3],
  ])("counts whole days to the end of a licence: %i, %i", (end, expected) => {
    expect(licensed({ expiresAt: new Date(end) })).toMatchObject({ days_left: expected });
  });
});

describe("playlistFacts", () => {
  const record: PlaylistRequestRecord = {
    id: "1",
    locationId: "1",
    title: "",
    usage: "EVENT",
    trackUris: ["spotify:track:1", "spotify:track:2"],
    explicitTracks: 1,
    brandGuidelines: "Quiet",
    brandFit: 80,
    startsAt: null,
    endsAt: null,
    status: "IN_REVIEW",
    playlistUri: null,
    requestedBy: "",
    requestedAt: new Date(NOW),
  };
  const facts = (more: Partial<PlaylistRequestRecord>, timezone = "UTC") =>
    playlistFacts(
      { ...record, ...more },
      { country: "FR", timezone, profile: { storeType: "BAR", openingHours: [], licence: null } },
      NOW,
    );

  it("is a flat record", () => {
    expect(facts({})).toEqual({
      usage: "EVENT",
      licence_status: "NONE",
      country: "FR",
      tracks: 2,
      explicit_tracks: 1,
      brand_fit: 80,
      duration_days: 9999,
      lead_days: 0,
    });
  });

  it.each([
    [{ brandFit: null }, 0],
    [{ brandGuidelines: null, brandFit: null }, 100],
    [{ brandGuidelines: null, brandFit: 12 }, 100],
  ])("rates the fit of %j as %i", (more, expected) => {
    expect(facts(more).brand_fit).toBe(expected);
  });

  it.each([
    ["2026-03-12T23:00:00Z", "2026-03-13T01:00:00Z", "UTC", 2, 2],
    ["2026-03-12T23:00:00Z", "2026-03-13T01:00:00Z", "Europe/Paris", 3, 1],
    ["2026-03-12T23:00:00Z", "2026-03-13T01:00:00Z", "Europe/Atlantis", 2, 2],
    ["2026-03-10T00:00:00Z", "2026-03-10T23:00:00Z", "UTC", 0, 1],
    ["2026-03-09T23:59:00Z", null, "UTC", -1, 9999],
    [null, "2026-03-11T00:00:00Z", "UTC", 0, 2],
    [null, "2026-03-10T11:59:59Z", "UTC", 0, 0],
    ["2026-03-12T23:00:00Z", "2026-03-12T22:00:00Z", "UTC", 2, 0],
    // A day of 23 hours is a day.
    ["2026-03-29T00:00:00Z", "2026-03-29T22:00:00Z", "Europe/Paris", 19, 2],
  ])("counts days by the location's calendar: from %s to %s in %s", (from, to, timezone, lead, duration) => {
    const dates = { startsAt: from === null ? null : new Date(from), endsAt: to === null ? null : new Date(to) };
    expect(facts(dates, timezone)).toMatchObject({ lead_days: lead, duration_days: duration });
  });
});

describe("the answer of a location decision", () => {
  it("has the first licence action, the most urgent priority and each playlist once", () => {
    expect(
      locationPlayback.answer([
        { licence_action: "ESCALATE", priority: 3, playlists: "lobby-lounge, brand-default" },
        { licence_action: "NONE", priority: 5, playlists: "brand-default" },
        { priority: 2 },
      ]),
    ).toEqual({ licenceAction: "ESCALATE", priority: 2, playlists: ["lobby-lounge", "brand-default"] });
  });

  it.each([
    [[{ priority: 3 }], "no row says licence_action"],
    [[{ priority: 3, licence_action: "PRAY" }], "a row has an unknown licence_action"],
    [[{ licence_action: "NONE" }], "no row says priority"],
  ])("is not an answer of its own making: %j", (rows, message) => {
    expect(() => locationPlayback.answer(rows)).toThrow(new UndecidedError(message));
  });

  it("has the action for a playlist, and its queue if a row names one", () => {
    expect(playlistRequest.answer([{ queue: "brand" }, { action: "HOLD", queue: "rights" }])).toEqual({
      action: "HOLD",
      queue: "brand",
    });
    expect(playlistRequest.answer([{ action: "CREATE" }])).toEqual({ action: "CREATE", queue: null });
    expect(() => playlistRequest.answer([{}])).toThrow(new UndecidedError("no row says action"));
  });
});
