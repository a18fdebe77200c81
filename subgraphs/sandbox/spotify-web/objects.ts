/** What do a show, an episode and a track look like in the Web API's JSON? With every field that its OpenAPI document requires, and links into the sandbox. */
import { createHash } from "node:crypto";
import type { WorldEpisode, WorldShow } from "../world/episode.ts";
import { integer, pick, spotifyId } from "../world/random.ts";
import { isExplicit } from "../world/tracks.ts";
import { TRACKS } from "../world/venues.ts";

export interface WebPage<T> {
  readonly href: string;
  readonly items: readonly T[];
  readonly limit: number;
  readonly next: string | null;
  readonly offset: number;
  readonly previous: string | null;
  readonly total: number;
}

export interface WebObjects {
  /** A SimplifiedShowObject. */
  show(show: WorldShow, episodes: number, base: string): object;
  /** A SimplifiedEpisodeObject. */
  episode(episode: WorldEpisode, base: string): object;
  /** A TrackObject: generated from the id, except for `isExplicit`. */
  track(id: string, base: string): object;
}

const IMAGE_SIZES = [640, 300, 64] as const;

/** In development mode shows lack two fields, since February 2026. `base` is the URL of `/v1`. */
export function createWebObjects(mode: "extended" | "development"): WebObjects {
  return {
    show: (show, episodes, base) => ({
      ...(mode === "extended" ? { available_markets: show.markets, publisher: show.publisher } : {}),
      ...common("show", show.spotifyId, base),
      copyrights: [{ text: `© ${show.publisher}`, type: "C" }],
      description: show.summary,
      html_description: html(show.summary),
      explicit: show.explicit,
      images: images(show.slug),
      is_externally_hosted: false,
      languages: show.languages,
      media_type: "audio",
      name: show.title,
      total_episodes: episodes,
    }),
    episode: (episode, base) => ({
      ...common("episode", episode.spotifyId, base),
      audio_preview_url: null,
      description: episode.summary,
      html_description: html(episode.summary),
      duration_ms: episode.durationMs,
      explicit: episode.explicit === "yes",
      images: images(episode.externalId),
      is_externally_hosted: false,
      is_playable: episode.restriction === null,
      language: episode.languages[0] ?? "",
      languages: episode.languages,
      name: episode.title,
      release_date: episode.pubdate?.toISOString().slice(0, 10) ?? "",
      release_date_precision: "day",
      ...(episode.restriction === null ? {} : { restrictions: { reason: episode.restriction } }),
    }),
    track: (id, base) => {
      const name = pick(TRACKS, "track", id);
      const artist = { ...common("artist", spotifyId("artist of", id), base), name: "The Sandbox Players" };
      return {
        album: {
          ...common("album", spotifyId("album of", id), base),
          album_type: "single",
          artists: [artist],
          available_markets: [],
          images: images(id),
          name,
          release_date: "2024-05-17",
          release_date_precision: "day",
          total_tracks: 1,
        },
        artists: [artist],
        ...common("track", id, base),
        disc_number: 1,
        duration_ms: integer(120_000, 300_000, "duration of", id),
        explicit: isExplicit(id),
        is_local: false,
        is_playable: true,
        name,
        preview_url: null,
        track_number: 1,
      };
    },
  };
}

/** `address` is the URL of the list with its other parameters, or with a trailing question mark. */
export function pageOf<T>(all: readonly T[], limit: number, offset: number, address: string): WebPage<T> {
  const parameter = address.endsWith("?") ? address : `${address}&`;
  const link = (from: number): string => `${parameter}offset=${from}&limit=${limit}`;
  return {
    href: link(offset),
    items: all.slice(offset, offset + limit),
    limit,
    next: offset + limit < all.length ? link(offset + limit) : null,
    offset,
    previous: offset > 0 ? link(Math.max(0, offset - limit)) : null,
    total: all.length,
  };
}

function common(type: "show" | "episode" | "track" | "artist" | "album", id: string, base: string): object {
  return {
    external_urls: { spotify: `https://open.spotify.com/${type}/${id}` },
    href: `${base}/${type}s/${id}`,
    id,
    type,
    uri: `spotify:${type}:${id}`,
  };
}

function images(name: string): readonly object[] {
  const picture = createHash("sha256").update(name).digest("hex").slice(0, 40);
  return IMAGE_SIZES.map((size) => ({
    url: `https://images.example/${picture}/${size}`,
    height: size,
    width: size,
  }));
}

function html(text: string): string {
  return `<p>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")}</p>`;
}
