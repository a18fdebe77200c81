/**
 * What do a podcast and an episode look like in Megaphone's JSON?
 *
 * As observed in its replies; `spotifyStatus` was never seen filled.
 */
import { isPublished } from "../world/episodes.ts";
import type { WorldEpisode, WorldShow } from "../world/episode.ts";

export interface MegaphoneObjects {
  podcast(show: WorldShow, episodes: number): object;
  episode(episode: WorldEpisode, show: WorldShow, at: Date): object;
}

export function createMegaphoneObjects(networkId: string): MegaphoneObjects {
  return {
    podcast: (show, episodes) => ({
      id: show.podcastId,
      networkId,
      title: show.title,
      subtitle: null,
      summary: show.summary,
      author: show.author,
      ownerName: show.publisher,
      copyright: `© ${show.publisher}`,
      explicit: show.explicit ? "yes" : "no",
      language: show.languages[0] ?? null,
      itunesCategories: show.categories,
      podcastType: "episodic",
      slug: show.slug,
      feedUrl: `https://feeds.example/${show.slug}`,
      episodesCount: episodes,
      spotifyIdentifier: show.spotifyId,
      advertisingTags: [],
      adFree: false,
      createdAt: show.createdAt.toISOString(),
      updatedAt: show.updatedAt.toISOString(),
    }),
    episode(episode, show, at) {
      const published = isPublished(episode, at);
      const hasAudio = episode.audioFileStatus === "success";
      return {
        id: episode.id,
        podcastId: show.podcastId,
        networkId,
        podcastTitle: show.title,
        podcastAuthor: show.author,
        podcastItunesCategories: show.categories,
        title: episode.title,
        subtitle: episode.subtitle,
        summary: episode.summary,
        author: show.author,
        explicit: episode.explicit,
        episodeType: "full",
        draft: episode.draft,
        published,
        status: episode.draft ? "not_ready" : published ? "published" : "scheduled",
        pubdate: episode.pubdate?.toISOString() ?? null,
        pubdateTimezone: "UTC",
        episodeNumber: episode.episodeNumber,
        seasonNumber: episode.seasonNumber,
        guid: episode.guid,
        externalId: episode.externalId,
        audioFileStatus: episode.audioFileStatus,
        audioFileProcessing: episode.audioFileStatus === "processing",
        duration: hasAudio ? episode.durationMs / 1000 : null,
        insertionPoints: hasAudio ? episode.insertionPoints : [],
        preCount: 1,
        postCount: 1,
        contentRating: episode.contentRating,
        promotionalContent: episode.promotionalContent,
        advertisingTags: episode.advertisingTags,
        adFree: false,
        spotifyIdentifier: published ? episode.spotifyId : null,
        spotifyStatus: published ? "live" : null,
        createdAt: episode.createdAt.toISOString(),
        updatedAt: episode.updatedAt.toISOString(),
      };
    },
  };
}
