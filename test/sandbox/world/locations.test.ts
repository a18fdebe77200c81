import { describe, expect, it } from "vitest";
import { createLocations } from "../../../subgraphs/sandbox/world/locations.ts";
import type { LocationWorld } from "../../../subgraphs/sandbox/world/locations.ts";
import { createPlaylistRequests } from "../../../subgraphs/sandbox/world/playlist-requests.ts";
import type { WorldPlaylistRequest } from "../../../subgraphs/sandbox/world/playlist-requests.ts";
import { whole } from "../../support/whole.ts";
import type { Whole } from "../../support/whole.ts";

const now = new Date("2026-03-10T13:45:00Z");
const world = whole(createLocations({ scale: 1, now }));
const requests = requestsOf(world);
const triple = whole(createLocations({ scale: 3, now }));

function requestsOf({ locations }: Whole<LocationWorld>, at = now, scale = 1): readonly WorldPlaylistRequest[] {
  return whole(createPlaylistRequests({ scale, now: at, locations }));
}

describe("the world's locations", () => {
  it("are 500 of 40 accounts in 14 countries, with 0 to 6 zones each", () => {
    expect([world.accounts.length, world.locations.length, world.profiles.length]).toEqual([40, 500, 500]);
    expect(new Set(world.locations.map(({ address }) => address.country)).size).toBe(14);
    expect(new Set(world.locations.map(({ zones }) => zones.length))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
    expect(world.profiles.map(({ locationId }) => locationId)).toEqual(world.locations.map(({ id }) => id));
  });

  it("have unique opaque ids, and names that are unique in their account", () => {
    const ids = [
      ...world.accounts.map(({ id }) => id),
      ...world.locations.flatMap(({ id, zones }) => [id, ...zones.map((zone) => zone.id)]),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[A-Za-z0-9+/]+={0,2}$/.test(id))).toEqual([]);
    expect(new Set(world.locations.map(({ accountId, name }) => `${accountId} ${name}`)).size).toBe(500);
    for (const { zones } of world.locations) expect(new Set(zones.map(({ name }) => name)).size).toBe(zones.length);
  });

  it("have valid time zones", () => {
    const zones = new Set(world.locations.map(({ timezone }) => timezone));
    expect(zones.size).toBeGreaterThan(20);
    for (const timeZone of zones) expect(() => new Intl.DateTimeFormat("en", { timeZone })).not.toThrow();
  });

  it("grow with the scale, and contain the smaller world", () => {
    expect([triple.accounts.length, triple.locations.length]).toEqual([120, 1500]);
    expect(triple.locations.slice(0, 500)).toEqual(world.locations);
    expect(triple.profiles.slice(0, 500)).toEqual(world.profiles);
    expect(new Set(triple.accounts.map(({ businessName }) => businessName)).size).toBe(120);
    expect(new Set(triple.locations.map(({ id }) => id)).size).toBe(1500);
    const more = requestsOf(triple, now, 3);
    expect([more.length, more.slice(0, 36)]).toEqual([108, requests]);
  });

  it.each([0, -1, 1.5, Number.NaN])("cannot be made at a scale of %d", (scale) => {
    const refused = new RangeError(`scale is a whole number from 1, but got ${scale}`);
    expect(() => createLocations({ scale, now })).toThrow(refused);
    expect(() => createPlaylistRequests({ scale, now, locations: world.locations })).toThrow(refused);
  });

  it("are the same all day, and their dates move with the day", () => {
    const at = (moment: string): readonly [Whole<LocationWorld>, readonly WorldPlaylistRequest[]] => {
      const made = whole(createLocations({ scale: 1, now: new Date(moment) }));
      return [made, requestsOf(made, new Date(moment))];
    };
    expect(at("2026-03-10T00:00:00Z")).toEqual(at("2026-03-10T23:59:59Z"));
    const [[today, asked], [tomorrow, askedThen]] = [at("2026-03-10T00:00:00Z"), at("2026-03-11T00:00:00Z")];
    const ends = ({ profiles }: Whole<LocationWorld>): number[] =>
      profiles.flatMap(({ licence }) => Number(licence?.expiresAt ?? NaN));
    const shifts = new Set(ends(tomorrow).map((end, index) => end - (ends(today)[index] ?? 0)));
    expect(shifts).toEqual(new Set([86_400_000, Number.NaN]));
    expect(askedThen.map(({ requestedAt }, index) => Number(requestedAt) - Number(asked[index]?.requestedAt))).toEqual(
      asked.map(() => 86_400_000),
    );
  });

  it("mostly need no attention", () => {
    const valid = world.profiles.filter(({ licence }) => licence?.status === "ACTIVE");
    expect(valid.length).toBeGreaterThan(420);
    const zones = world.locations.flatMap((location) => location.zones);
    expect(zones.filter(({ online }) => online).length).toBeGreaterThan(zones.length * 0.95);
  });
});

describe("the world's requests for playlists", () => {
  it("are 36, with unique ids, for known locations", () => {
    const known = new Set(world.locations.map(({ id }) => id));
    expect(requests.filter(({ locationId }) => !known.has(locationId))).toEqual([]);
    expect(new Set(requests.map(({ id }) => id)).size).toBe(36);
  });

  it("have a playlist in Spotify if and only if they are fulfilled", () => {
    expect(requests.filter(({ status, playlistUri }) => (status === "FULFILLED") !== (playlistUri !== null))).toEqual(
      [],
    );
    expect(requests.filter(({ playlistUri }) => playlistUri !== null).length).toBeGreaterThan(0);
  });

  it("have each track once, and at most as many explicit tracks as tracks", () => {
    for (const { trackUris, explicitTracks } of requests) {
      expect(explicitTracks).toBeLessThanOrEqual(trackUris.length);
      expect(new Set(trackUris).size).toBe(trackUris.length);
    }
  });
});
