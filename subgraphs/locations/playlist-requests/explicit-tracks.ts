/**
 * How many tracks of a playlist are explicit?
 *
 * Those that Spotify marks as explicit, and those that it does not know. A failed lookup is reported as a failure, so
 * that an outage of Spotify does not reject a playlist permanently. All are looked up anew: a playlist is made by it.
 */
import type { WebFacts } from "../../sources/spotify-web/facts.ts";

type Kind = "track" | "episode";

export interface ExplicitTracks {
  /** Includes those whose lookup failed. */
  readonly count: number;
  /** Of the first lookup that failed. */
  readonly failure: Error | undefined;
}

/** `uris`: `spotify:track:…` and `spotify:episode:…`. */
export async function countExplicit(
  web: Pick<WebFacts, "track" | "episode">,
  uris: readonly string[],
): Promise<ExplicitTracks> {
  const ids = (kind: Kind): readonly string[] =>
    uris.filter((uri) => uri.split(":")[1] === kind).map((uri) => uri.split(":")[2] ?? "");
  const [tracks, episodes] = await Promise.all([
    web.track.get(ids("track"), true),
    web.episode.get(ids("episode"), true),
  ]);
  const all = [...tracks, ...episodes];
  return {
    count: all.filter((one) => one instanceof Error || one.value?.explicit !== false).length,
    failure: all.find((one) => one instanceof Error),
  };
}
