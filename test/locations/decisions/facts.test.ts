/** The facts of the decisions about locations and playlist requests. */
import { describe, expect, it } from "vitest";
import { playbackFacts } from "../../../subgraphs/locations/decisions/location-playback.ts";
import { playlistFacts } from "../../../subgraphs/locations/decisions/playlist-request.ts";
import type { LocationKnowledge } from "../../../subgraphs/locations/decisions/location-facts.ts";
import type { LicenceRecord, PlaylistRequestRecord } from "../../../subgraphs/records/locations/types.ts";
import { NOW } from "../../support/now.ts";
import { DAY_MS } from "../../support/times.ts";

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
    profile: { storeType: "BAR", openingHours: [{ day: 2, opens: "12:00", closes: "14:00" }], licence, ...more },
  });
  const licensed = (more: Partial<LicenceRecord> | null): object => {
    const { licence_status, licence_tier, days_left } = playbackFacts(
      location({ licence: more && { ...licence, ...more } }),
      NOW,
    );
    return { licence_status, licence_tier, days_left };
  };

  it("is a flat record of all inputs", () => {
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
    "is NONE, without a tier or an end, for the licence %j",
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
  ])("normalises the tier %j to %s", (tier, expected) => {
    expect(licensed({ tier })).toMatchObject({ licence_tier: expected });
  });

  it.each([
    [NOW + 5.9 * DAY_MS, 5],
    [NOW + 1, 0],
    [NOW, 0],
    [NOW - 1, -1],
    [NOW - 3 * DAY_MS, -3],
  ])("counts whole days until a licence ends at %i: %i", (end, expected) => {
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

  it("is a flat record of all inputs", () => {
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
  ])("rates the brand fit of %j at %i", (more, expected) => {
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
    // A day of 23 hours counts as a day.
    ["2026-03-29T00:00:00Z", "2026-03-29T22:00:00Z", "Europe/Paris", 19, 2],
  ])("counts calendar days at the location: from %s to %s in %s", (from, to, timezone, lead, duration) => {
    const dates = { startsAt: from === null ? null : new Date(from), endsAt: to === null ? null : new Date(to) };
    expect(facts(dates, timezone)).toMatchObject({ lead_days: lead, duration_days: duration });
  });
});
