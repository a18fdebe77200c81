/**
 * What is known of published episodes and tracks, and for how long?
 *
 * Reads go through the facts cache; playlists are written, and what they hold is asked for each time.
 */
import type { UpstreamFacts } from "../../platform/facts/facts.ts";
import type { Kind } from "../../platform/facts/kind.ts";
import type { SpotifyWeb } from "./client.ts";
import type { WebEpisode, WebTrack } from "./replies.ts";

export interface WebFacts extends Pick<SpotifyWeb, "ensurePlaylist" | "playlistsOf" | "close"> {
  /** By id; null for one that does not exist in this market, or is not published yet. */
  readonly episode: Kind<WebEpisode | null>;
  /** As `episode`. */
  readonly track: Kind<WebTrack | null>;
}

const MINUTE_MS = 60_000;
/** Up to 200 bytes each. */
const MAX_ITEMS = 50_000;

export function createWebFacts(client: SpotifyWeb, { kind }: UpstreamFacts): WebFacts {
  return {
    episode: kind<WebEpisode | null>({
      entity: "episode",
      shape: 1,
      // It may be published at any moment.
      freshForMs: 2 * MINUTE_MS,
      staleForMs: 10 * MINUTE_MS,
      max: MAX_ITEMS,
      load: (ids) => client.episodes(ids),
    }),
    track: kind<WebTrack | null>({
      entity: "track",
      shape: 1,
      freshForMs: 10 * MINUTE_MS,
      staleForMs: 60 * MINUTE_MS,
      max: MAX_ITEMS,
      load: (ids) => client.tracks(ids),
    }),
    ensurePlaylist: (draft, once) => client.ensurePlaylist(draft, once),
    playlistsOf: (marker) => client.playlistsOf(marker),
    close: () => client.close(),
  };
}
