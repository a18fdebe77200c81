/**
 * How does this subgraph get at what it knows of locations, without asking twice or one by one?
 *
 * One loader for each source, for each request. A loader answers all keys of a batch at the same moment, so resolvers
 * that wait for one go on together, and their decisions become one batch.
 */
import DataLoader from "dataloader";
import { notFound } from "../../schema/errors.ts";
import { perRequest } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import type { DecideFor } from "../pipeline/loader.ts";
import type { Recall } from "../pipeline/recall.ts";
import { listLoaders } from "../platform/lists.ts";
import type { ListLoaders } from "../platform/lists.ts";
import type { Soundtrack, SoundtrackLocation, SoundtrackZone } from "../sources/soundtrack/client.ts";
import type { SpotifyWeb } from "../sources/spotify-web/client.ts";
import { UpstreamError } from "../platform/upstream.ts";
import { playbackFacts } from "./decisions/location-playback.ts";
import { playlistFacts } from "./decisions/playlist-request.ts";
import type { PlaybackFacts } from "./decisions/location-playback.ts";
import type { PlaylistFacts } from "./decisions/playlist-request.ts";
import { toLocation } from "./location/location.ts";
import type { Location } from "./location/location.ts";
import type {
  LocationProfile,
  LocationRecords,
  PlaylistRequestRecord,
  PlaylistRequestRecords,
} from "../records/locations/types.ts";

export interface LocationSources {
  readonly soundtrack: Soundtrack;
  readonly web: SpotifyWeb;
  readonly records: LocationRecords;
  readonly playlistRequests: PlaylistRequestRecords;
  readonly decide: DecideFor;
  readonly recall: Recall;
  /** Milliseconds since the epoch; tells who is open, and how long a licence has to run. */
  readonly now: () => number;
}

export interface LocationServices extends LocationSources {
  readonly load: (context: Context) => LocationLoaders;
}

/** Locations and zones go by the ids Soundtrack gives them. */
export interface LocationLoaders {
  readonly location: DataLoader<string, Location | null>;
  readonly profile: DataLoader<string, Profile>;
  readonly playback: DataLoader<SoundtrackLocation, PlaybackFacts, string>;
  readonly nowPlaying: DataLoader<string, string | null>;
  readonly playlistRequests: ListLoaders<PlaylistRequestRecord>;
  readonly playlist: DataLoader<PlaylistRequestRecord, PlaylistFacts, string>;
}

type Profile = Omit<LocationProfile, "locationId">;

/** What is true of a location until somebody says otherwise. */
const NO_PROFILE: Profile = { storeType: "OTHER", openingHours: [], licence: null };

export function locationServices(sources: LocationSources): LocationServices {
  return { ...sources, load: loadersOf(sources) };
}

/** Throws an UpstreamError where Soundtrack did not say: no zones and unknown zones are not the same. */
export function zonesOf({ zones }: SoundtrackLocation): readonly SoundtrackZone[] {
  if (zones) return zones;
  throw new UpstreamError("soundtrack", "UNEXPECTED", "it did not say which sound zones a location has");
}

function loadersOf({ soundtrack, records, playlistRequests, now }: LocationSources): LocationServices["load"] {
  return perRequest(() => {
    const location = new DataLoader<string, Location | null>(async (ids) =>
      (await soundtrack.locationsById(ids)).map((found) =>
        found === null || found instanceof Error ? found : toLocation(found),
      ),
    );
    const profile = new DataLoader(async (ids: readonly string[]) =>
      (await records.profiles(ids)).map((known) => known ?? NO_PROFILE),
    );
    const playbackOf = async (source: SoundtrackLocation): Promise<PlaybackFacts> => {
      const { country, timezone } = source;
      const zones = zonesOf(source);
      return playbackFacts({ country, timezone, zones, profile: await profile.load(source.id) }, now());
    };
    const playlistOf = async (record: PlaylistRequestRecord): Promise<PlaylistFacts> => {
      const { locationId } = record;
      const [place, own] = await Promise.all([location.load(locationId), profile.load(locationId)]);
      if (!place) throw notFound("Cannot decide playlist_request: its location is not there any more");
      const { country, timezone } = place;
      return playlistFacts(record, { country, timezone, profile: own }, now());
    };
    return {
      location,
      profile,
      playback: new DataLoader(
        (sources: readonly SoundtrackLocation[]) => Promise.all(sources.map(orError(playbackOf))),
        {
          cacheKeyFn: ({ id }) => id,
        },
      ),
      nowPlaying: new DataLoader<string, string | null>(async (ids) => [...(await soundtrack.nowPlaying(ids))]),
      playlistRequests: listLoaders(playlistRequests),
      playlist: new DataLoader(
        (known: readonly PlaylistRequestRecord[]) => Promise.all(known.map(orError(playlistOf))),
        {
          cacheKeyFn: ({ id }) => id,
        },
      ),
    };
  });
}

/** What goes wrong with one of a batch is a value at its place. */
function orError<Key, Value>(work: (key: Key) => Promise<Value>): (key: Key) => Promise<Value | Error> {
  return async (key) => {
    try {
      return await work(key);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };
}
