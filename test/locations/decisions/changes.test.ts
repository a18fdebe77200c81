/** When the time alone changes what a location is decided by. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { playbackChangesAt, playbackFacts } from "../../../subgraphs/locations/decisions/location-playback.ts";
import type { LocationProfile } from "../../../subgraphs/records/locations/types.ts";
import { NOW } from "../../support/now.ts";
import { DAY_MS } from "../../support/times.ts";

type Known = Pick<LocationProfile, "storeType" | "openingHours" | "licence">;

const factsAt = (profile: Known, at: number, timezone = "Asia/Kathmandu") =>
  playbackFacts({ country: "NP", timezone, zones: [], profile }, at);

describe("the facts of a playback decision", () => {
  it("stay the same until they change by the time", () => {
    const hour = fc.constantFrom("00:00", "06:30", "09:00", "17:45", "23:59", "24:00", "unreadable");
    const span = fc.record({ day: fc.integer({ min: 1, max: 7 }), opens: hour, closes: hour });
    const expiresAt = fc.option(fc.integer({ min: -100, max: 100 }).map((hours) => new Date(NOW + hours * 3_600_000)));
    const profile: fc.Arbitrary<Known> = fc.record({
      storeType: fc.constant("BAR"),
      openingHours: fc.array(span, { maxLength: 4 }),
      licence: fc.option(
        fc.record({ status: fc.constantFrom("ACTIVE", "NONE"), tier: fc.constant("events"), expiresAt }),
      ),
    });
    fc.assert(
      fc.property(
        profile,
        fc.integer({ min: 0, max: 8 * DAY_MS }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (one, ms, share) => {
          const now = NOW + ms;
          const changesAt = playbackChangesAt({ timezone: "Asia/Kathmandu", profile: one }, now);
          const until = changesAt ?? now + 30 * DAY_MS;
          expect(until).toBeGreaterThan(now);
          expect(factsAt(one, Math.floor(now + share * (until - 1 - now)))).toEqual(factsAt(one, now));
        },
      ),
    );
  });

  it("change with a day of the licence, and when the location opens and closes", () => {
    const licence = { status: "ACTIVE", tier: "events", expiresAt: new Date(NOW + 2.5 * DAY_MS) } as const;
    // A Tuesday at 17:45 in Kathmandu.
    const openingHours = [{ day: 2, opens: "09:00", closes: "18:00" }];
    const profile: Known = { storeType: "BAR", openingHours, licence };
    const timezone = "Asia/Kathmandu";
    const closesAt = playbackChangesAt({ timezone, profile }, NOW) ?? 0;
    expect([closesAt, factsAt(profile, NOW).open_now, factsAt(profile, closesAt).open_now]).toEqual([
      NOW + 15 * 60_000,
      true,
      false,
    ]);
    const nextDay = playbackChangesAt({ timezone, profile }, closesAt) ?? 0;
    expect([nextDay, factsAt(profile, closesAt).days_left, factsAt(profile, nextDay).days_left]).toEqual([
      NOW + DAY_MS / 2 + 1,
      2,
      1,
    ]);
    expect(playbackChangesAt({ timezone, profile: { ...profile, openingHours: [], licence: null } }, NOW)).toBeNull();
  });
});
