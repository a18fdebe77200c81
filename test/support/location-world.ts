/** The locations and playlist requests of the sandboxes' world, and how their tables decide without a graph. */
// Before any decorator runs.
import "reflect-metadata";
import { join } from "node:path";
import { locationId } from "../../schema/id.ts";
import { playbackFacts } from "../../subgraphs/locations/decisions/location-playback.ts";
import type { PlaybackFacts } from "../../subgraphs/locations/decisions/location-playback.ts";
import type { CompiledTable } from "../../subgraphs/pipeline/table/compile.ts";
import { loadTables } from "../../subgraphs/pipeline/table/load.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import type { LocationProfile, PlaylistRequestRecord } from "../../subgraphs/records/locations/types.ts";
import { createLocations } from "../../subgraphs/sandbox/world/locations.ts";
import type { LocationWorld, WorldLocation } from "../../subgraphs/sandbox/world/locations.ts";
import { createPlaylistRequests } from "../../subgraphs/sandbox/world/playlist-requests.ts";
import { NOW } from "./now.ts";
import { tableNamed } from "./tables.ts";
import { whole } from "./whole.ts";
import type { Whole } from "./whole.ts";

export const world: Whole<LocationWorld> = whole(createLocations({ scale: 1, now: new Date(NOW) }));
export const requests: readonly PlaylistRequestRecord[] = whole(
  createPlaylistRequests({
    scale: 1,
    now: new Date(NOW),
    locations: world.locations,
  }),
);
export const tables = await loadTables(join(projectRoot(), "subgraphs", "locations"));

/** By the ids in Soundtrack. */
export const profileOf: ReadonlyMap<string, LocationProfile> = new Map(
  world.profiles.map((profile) => [profile.locationId, profile]),
);
export const worldLocationOf: ReadonlyMap<string, WorldLocation> = new Map(
  world.locations.map((location) => [location.id, location]),
);
const BUSINESSES = 40;

export const tableOf = (key: string): CompiledTable => tableNamed(tables, key);

/** `index` is from 0. */
export function locationOf(business: string, index: number): WorldLocation {
  const account = world.accounts.findIndex(({ businessName }) => businessName === business);
  const location = world.locations[index * BUSINESSES + account];
  if (account === -1 || !location) throw new RangeError(`the world has no location ${index} of ${business}`);
  return location;
}

export function idOf({ id }: { readonly id: string }): string {
  return locationId.encode(id);
}

/** From the world, without the graph. */
export function playbackFactsOf(location: WorldLocation, profile = profileOf.get(location.id)): PlaybackFacts {
  const { address, timezone, zones } = location;
  if (!profile) throw new RangeError(`the world has no profile of ${location.id}`);
  const states = zones.map(({ online, subscription }) => ({ online, subscription: subscription.state }));
  return playbackFacts({ country: address.country, timezone, zones: states, profile }, NOW);
}
