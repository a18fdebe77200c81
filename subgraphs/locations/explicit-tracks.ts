/**
 * How many tracks of a playlist are explicit?
 *
 * As many as Spotify says are, and those that it does not know, or cannot be asked about: what nobody vouches for is not
 * played on a shop floor unseen. The price: while Spotify is away, more is rejected or reviewed than has to be.
 */
import type { Logger } from "pino";
import type { SpotifyWeb } from "../sources/spotify-web.ts";

type Kind = "track" | "episode";

/** Of `spotify:track:…` and `spotify:episode:…`. */
export async function countExplicit(
  web: Pick<SpotifyWeb, "tracks" | "episodes">,
  uris: readonly string[],
  log: Logger,
): Promise<number> {
  const ids = (kind: Kind): readonly string[] =>
    uris.filter((uri) => uri.split(":")[1] === kind).map((uri) => uri.split(":")[2] ?? "");
  const [tracks, episodes] = await Promise.all([web.tracks(ids("track")), web.episodes(ids("episode"))]);
  const all = [...tracks, ...episodes];
  const failure = all.find((one) => one instanceof Error);
  if (failure) log.warn({ err: failure }, "what could not be looked up counts as explicit");
  return all.filter((one) => one === null || one instanceof Error || one.explicit).length;
}
