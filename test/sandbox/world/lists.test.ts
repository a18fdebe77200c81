/** The world's lists: things that are made when they are asked for, and found by their keys. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createParts, createWorldList } from "../../../subgraphs/sandbox/world/list.ts";
import type { WorldList } from "../../../subgraphs/sandbox/world/list.ts";
import { createLookup } from "../../../subgraphs/sandbox/world/lookup.ts";
import { createWorld } from "../../../subgraphs/sandbox/world/world.ts";

const { campaigns, episodes, locations, listeners, cases, sponsorships, playlistRequests } = createWorld({
  scale: 2,
  now: new Date("2026-03-10T13:45:00Z"),
});

interface Checked {
  readonly list: WorldList<object>;
  readonly all: readonly object[];
  /** Every key of the list: of an index, and where it is looked up. */
  readonly keys: Readonly<Record<string, KeyCheck>>;
}
interface KeyCheck {
  readonly at: (index: number) => string | undefined;
  readonly of: (index: number) => unknown;
  readonly all: (key: string) => readonly number[];
  readonly first: (key: string) => number | undefined;
}

function checked<T extends object, Key extends keyof T & string>(list: WorldList<T, Key>, ...keys: Key[]): Checked {
  const all = [...list];
  const checkOf = (key: Key): KeyCheck => ({
    at: (index) => list.keyAt?.(index, key),
    of: (index) => all[index]?.[key],
    ...createLookup(list, key),
  });
  return { list, all, keys: Object.fromEntries(keys.map((key) => [key, checkOf(key)])) };
}

const LISTED = ["id", "name", "status", "created_at", "updated_at"] as const;
const lists: Readonly<Record<string, Checked>> = {
  campaigns: checked(campaigns.campaigns, ...LISTED),
  adSets: checked(campaigns.adSets, ...LISTED, "campaign_id"),
  ads: checked(campaigns.ads, ...LISTED, "ad_set_id"),
  reports: checked(campaigns.reports, "campaignId"),
  campaignProfiles: checked(campaigns.profiles),
  shows: checked(episodes.shows, "podcastId", "spotifyId"),
  episodes: checked(episodes.episodes, "id", "spotifyId", "podcastId"),
  episodeProfiles: checked(episodes.profiles),
  accounts: checked(locations.accounts, "id", "businessName"),
  locations: checked(locations.locations, "id", "accountId", "name"),
  locationProfiles: checked(locations.profiles),
  cases: checked(cases),
  sponsorships: checked(sponsorships),
  playlistRequests: checked(playlistRequests),
  listeners: checked(listeners.listeners),
};

describe.each(Object.entries(lists))("the world's %s", (_name, { list, all, keys }) => {
  const index = fc.nat({ max: all.length - 1 });

  it("are the same one by one, in pages and from first to last, in any order", () => {
    fc.assert(
      fc.property(index, fc.nat({ max: 60 }), (place, size) => {
        expect(list.at(place)).toEqual(all[place]);
        expect(list.slice(place, place + size)).toEqual(all.slice(place, place + size));
      }),
    );
    expect([list.length, list.at(all.length), list.at(-1)]).toEqual([all.length, undefined, undefined]);
    expect(list.slice(all.length - 1, all.length + 9)).toEqual(all.slice(-1));
  });

  it("have the keys that are known without making them, and are found by them", () => {
    for (const [name, { at, of, first, all: found }] of Object.entries(keys)) {
      fc.assert(
        fc.property(index, (place) => {
          const key = String(of(place));
          expect([name, at(place)]).toEqual([name, key]);
          const expected = all.flatMap((_item, each) => (of(each) === key ? each : []));
          expect([name, found(key)]).toEqual([name, expected]);
          expect([name, first(key)]).toEqual([name, expected[0]]);
        }),
        { numRuns: 30 },
      );
      expect([name, first("nobody's"), found("")]).toEqual([name, undefined, []]);
    }
  });
});

describe("a list of the world", () => {
  it("is asked for its length once, and makes nothing before it is asked for", () => {
    const calls: string[] = [];
    const list = createWorldList({
      length: () => calls.push("length") + 9,
      make(index) {
        calls.push(`make ${index}`);
        return { index };
      },
    });
    expect(calls).toEqual([]);
    expect(list.at(3)).toEqual({ index: 3 });
    expect(list.at(3)).toBe(list.at(3));
    expect(list.slice(3, 5)).toEqual([{ index: 3 }, { index: 4 }]);
    expect(calls).toEqual(["length", "make 3", "make 4"]);
  });

  it("keeps no more than it made last", () => {
    let made = 0;
    const list = createWorldList({ length: () => 100_000, make: (index) => ({ index, nth: (made += 1) }) });
    for (let index = 0; index < 100_000; index += 1) list.at(index);
    expect(made).toBe(100_000);
    list.at(99_999);
    expect(made).toBe(100_000);
    list.at(0);
    expect(made).toBe(100_001);
  });
});

it("the parts of owners are in their order, and an owner may have none", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 3 }), { maxLength: 30 }), (counts) => {
      const parts = createParts(counts.length, (owner) => counts[owner] ?? 0);
      const expected = counts.flatMap((count, owner) => Array.from({ length: count }, (_none, nth) => [owner, nth]));
      expect(Array.from({ length: parts.length }, (_none, part) => parts.ownerOf(part))).toEqual(expected);
    }),
  );
});
