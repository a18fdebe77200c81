/**
 * Which data sources does this subgraph have, and how are reads batched?
 *
 * Each request has one loader for each source. A loader resolves all keys of a batch at the same moment, so that the
 * resolvers continue together and their decisions form one batch.
 */
import DataLoader from "dataloader";
import { notFound } from "../../schema/errors.ts";
import { readOwn } from "../platform/accounts.ts";
import type { AccountsOf } from "../platform/accounts.ts";
import { perRequest } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import type { DecideFor } from "../pipeline/loader.ts";
import type { Recall } from "../pipeline/recall.ts";
import { useFacts } from "../platform/facts/used.ts";
import { listLoaders } from "../platform/lists.ts";
import type { ListLoaders } from "../platform/lists.ts";
import { ItemError } from "../platform/items.ts";
import { results } from "../platform/results.ts";
import type { Results } from "../platform/results.ts";
import type { Soundtrack } from "../sources/soundtrack/client.ts";
import type { SoundtrackLocation } from "../sources/soundtrack/replies.ts";
import type { WebFacts } from "../sources/spotify-web/facts.ts";
import type { Eligibility } from "../server/eligibility.ts";
import { playbackFacts } from "./decisions/location-playback.ts";
import { playlistFacts } from "./decisions/playlist-request.ts";
import type { PlaybackFacts } from "./decisions/location-playback.ts";
import type { PlaylistFacts } from "./decisions/playlist-request.ts";
import { localTime } from "./location/local-time.ts";
import { toLocation } from "./location/location.ts";
import type { Location } from "./location/location.ts";
import { countedZones } from "./sound-zones/sound-zone.ts";
import type {
  LocationProfile,
  LocationRecords,
  PlaylistRequestRecord,
  PlaylistRequestRecords,
} from "../records/locations/types.ts";

export interface LocationSources {
  readonly soundtrack: Soundtrack;
  /** Which account each location belongs to. */
  readonly accountsOf: AccountsOf;
  readonly web: WebFacts;
  readonly records: LocationRecords;
  readonly playlistRequests: PlaylistRequestRecords;
  readonly decide: DecideFor;
  readonly recall: Recall;
  readonly eligibility: Eligibility;
  /** Milliseconds since the epoch; for opening hours and the days left of a licence. */
  readonly now: () => number;
}

export interface LocationServices extends LocationSources {
  readonly load: (context: Context) => LocationLoaders;
}

/** Locations and zones are loaded by their ids in Soundtrack. */
export interface LocationLoaders {
  readonly location: DataLoader<string, Location | null>;
  readonly account: DataLoader<string, string | null>;
  readonly profile: DataLoader<string, Profile>;
  readonly playback: DataLoader<SoundtrackLocation, PlaybackFacts, string>;
  readonly nowPlaying: DataLoader<string, string | null>;
  readonly playlistRequests: ListLoaders<PlaylistRequestRecord>;
  readonly playlist: DataLoader<PlaylistRequestRecord, PlaylistFacts, string>;
}

type Profile = Omit<LocationProfile, "locationId">;

/** Of a location without a record. */
const NO_PROFILE: Profile = { storeType: "OTHER", openingHours: [], licence: null };

export function locationServices(sources: LocationSources): LocationServices {
  return { ...sources, load: loadersOf(sources) };
}

function loadersOf({
  soundtrack,
  accountsOf,
  records,
  playlistRequests,
  now,
}: LocationSources): LocationServices["load"] {
  return perRequest((context) => {
    const readLocations = async (ids: readonly string[]): Promise<Results<Location | null>> =>
      (await useFacts(context, soundtrack.location, ids)).map((fact) =>
        fact instanceof Error ? fact : fact.value && toLocation(fact.value, fact.asOf),
      );
    const location = new DataLoader<string, Location | null>(readOwn(context, accountsOf, readLocations));
    const profile = new DataLoader(async (ids: readonly string[]) =>
      (await records.profiles(ids)).map((record) => record ?? NO_PROFILE),
    );
    const playbackOf = async (source: SoundtrackLocation): Promise<PlaybackFacts> => {
      const { country, timezone } = source;
      const zones = countedZones(source);
      const locationProfile = await profile.load(source.id);
      if (locationProfile.openingHours.length > 0) requireTimezone(source);
      return playbackFacts({ country, timezone, zones, profile: locationProfile }, now());
    };
    const playlistOf = async (record: PlaylistRequestRecord): Promise<PlaylistFacts> => {
      const { locationId } = record;
      const [{ source }, locationProfile] = await Promise.all([
        location.load(locationId).then(requireExisting),
        profile.load(locationId),
      ]);
      const { country, timezone } = source;
      return playlistFacts(record, { country, timezone, profile: locationProfile }, now());
    };
    return {
      location,
      profile,
      playback: new DataLoader((sources: readonly SoundtrackLocation[]) => results(sources.map(playbackOf)), {
        cacheKeyFn: ({ id }) => id,
      }),
      account: new DataLoader(async (ids: readonly string[]) =>
        (await accountsOf(ids)).map((account) => account ?? null),
      ),
      nowPlaying: new DataLoader<string, string | null>(async (ids) => [...(await soundtrack.nowPlaying(ids))]),
      playlistRequests: listLoaders(context, playlistRequests, { accountsOf, ownerOf: ({ locationId }) => locationId }),
      playlist: new DataLoader((requests: readonly PlaylistRequestRecord[]) => results(requests.map(playlistOf)), {
        cacheKeyFn: ({ id }) => id,
      }),
    };
  });
}

/** Opening hours are local: without a time zone nobody knows whether the location is open. */
function requireTimezone({ id, timezone }: SoundtrackLocation): void {
  if (timezone !== null && localTime(timezone, 0)) return;
  const [item, field] = [`location ${id}`, "timezone"];
  throw new ItemError("soundtrack", { item, field, problem: `${field}: not known`, id });
}

function requireExisting(location: Location | null): Location {
  if (location) return location;
  throw notFound("Cannot decide playlist_request: its location does not exist any more");
}
