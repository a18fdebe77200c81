/**
 * How many tracks of a playlist are explicit?
 *
 * Those that Spotify marks as explicit, and those that it does not know. A failed lookup is reported as a failure, so
 * that an outage of Spotify does not reject a playlist permanently.
 */
import type { SpotifyWeb } from "../../sources/spotify-web/client.ts";

type Kind = "track" | "episode";

export interface ExplicitTracks {
  /** Includes those whose lookup failed. */
  readonly count: number;
  /** Of the first lookup that failed. */
  readonly failure: Error | undefined;
}

/** `uris`: `spotify:track:…` and `spotify:episode:…`. */
export async function countExplicit(
  web: Pick<SpotifyWeb, "tracks" | "episodes">,
  uris: readonly string[],
): Promise<ExplicitTracks> {
  const ids = (kind: Kind): readonly string[] =>
    uris.filter((uri) => uri.split(":")[1] === kind).map((uri) => uri.split(":")[2] ?? "");
  const [tracks, episodes] = await Promise.all([web.tracks(ids("track")), web.episodes(ids("episode"))]);
  const all = [...tracks, ...episodes];
  return {
    count: all.filter((one) => one === null || one instanceof Error || one.explicit).length,
    failure: all.find((one) => one instanceof Error),
  };
}
