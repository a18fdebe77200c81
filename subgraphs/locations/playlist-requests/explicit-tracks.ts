/**
 * How many tracks of a playlist are explicit?
 *
 * As many as Spotify says are, and those that it does not know: what nobody vouches for is not played on a shop floor
 * unseen. While Spotify cannot be asked nobody knows, and to reject a playlist for that would be to reject it for good.
 */
import type { SpotifyWeb } from "../../sources/spotify-web/client.ts";

type Kind = "track" | "episode";

export interface ExplicitTracks {
  /** Those that could not be looked up are among them. */
  readonly count: number;
  /** Why some could not. */
  readonly failure: Error | undefined;
}

/** Of `spotify:track:…` and `spotify:episode:…`. */
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
