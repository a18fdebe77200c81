/**
 * How does this subgraph get at what it knows of episodes, without asking twice or one by one?
 *
 * One loader for each source, for each request. A loader answers all keys of a batch at the same moment, so resolvers
 * that wait for one go on together, and their decisions become one batch.
 */
import DataLoader from "dataloader";
import { episodeId, showId } from "../../schema/id.ts";
import { perRequest } from "../context.ts";
import type { Context } from "../context.ts";
import type { DecideFor } from "../decisions/loader.ts";
import type { Megaphone, MegaphoneEpisode } from "../sources/megaphone.ts";
import type { SpotifyWeb, WebEpisode } from "../sources/spotify-web.ts";
import type { EpisodeKnowledge } from "./decisions.ts";
import { Episode, EpisodeStatus, Show } from "./episode.ts";
import type { EpisodeFacts } from "./episode.ts";
import type { EpisodeProfile, EpisodeRecords } from "./records.ts";

export interface EpisodeSources {
  readonly megaphone: Megaphone;
  readonly web: SpotifyWeb;
  readonly records: EpisodeRecords;
  readonly decide: DecideFor;
  /** Milliseconds since the epoch; tells a scheduled episode from a published one. */
  readonly now: () => number;
}

export interface EpisodeServices extends EpisodeSources {
  readonly load: (context: Context) => EpisodeLoaders;
}

export interface EpisodeLoaders {
  /** By our own id. */
  readonly episode: DataLoader<string, Episode | null>;
  /** By Megaphone's id. */
  readonly profile: DataLoader<string, Profile>;
  /** By Spotify's id. */
  readonly web: DataLoader<string, WebEpisode | null>;
  /** By Megaphone's id. */
  readonly show: DataLoader<string, Show | null>;
  readonly knowledge: DataLoader<Episode, EpisodeKnowledge>;
  status(episode: Episode): Promise<EpisodeStatus>;
}

type Profile = Omit<EpisodeProfile, "episodeId">;

/** What is true of an episode until somebody says otherwise. */
const NO_PROFILE: Profile = { topics: [], sensitiveTopics: [], transcriptUrl: null, submission: null };

export function episodeServices(sources: EpisodeSources): EpisodeServices {
  return { ...sources, load: loadersOf(sources) };
}

export function toEpisode(source: MegaphoneEpisode): Episode {
  return Object.assign(new Episode(), {
    id: episodeId.encode(source.podcastId, source.id),
    spotifyId: source.spotifyId,
    title: source.title,
    description: source.summary,
    durationMs: source.durationMs,
    publishedAt: source.draft ? null : source.publishedAt,
    source,
  });
}

export async function factsOf(episode: Episode, load: EpisodeLoaders): Promise<EpisodeFacts> {
  const [{ topics, sensitiveTopics, explicit, languages, transcript }, status] = await Promise.all([
    load.knowledge.load(episode),
    load.status(episode),
  ]);
  return {
    topics,
    sensitiveTopics,
    explicit,
    languages,
    transcript,
    sponsors: episode.source.advertisingTags,
    status,
  };
}

function loadersOf({ megaphone, web, records, now }: EpisodeSources): EpisodeServices["load"] {
  return perRequest(() => {
    const profile = new DataLoader(async (ids: readonly string[]) =>
      (await records.profiles(ids)).map((known) => known ?? NO_PROFILE),
    );
    const webEpisode = new DataLoader((ids: readonly string[]) => web.episodes(ids));
    const know = async ({ source, durationMs }: Episode): Promise<EpisodeKnowledge> => {
      const [own, published] = await Promise.all([
        profile.load(source.id),
        source.spotifyId === null ? null : webEpisode.load(source.spotifyId),
      ]);
      return {
        topics: own.topics,
        sensitiveTopics: own.sensitiveTopics,
        // Spotify's "not explicit" also means "nobody said": either source's word is enough.
        explicit: source.explicit || published?.explicit === true,
        languages: published?.languages ?? own.submission?.languages ?? [],
        transcript: own.transcriptUrl !== null,
        promotional: source.promotional,
        audio: source.audioFileStatus,
        durationMs,
        submission: own.submission,
      };
    };
    return {
      profile,
      web: webEpisode,
      episode: new DataLoader(async (ids: readonly string[]) => {
        const refs = ids.map((id) => episodeId.decode(id)).map(([podcastId, own]) => ({ podcastId, episodeId: own }));
        return (await megaphone.episodesById(refs)).map((found) => found && toEpisode(found));
      }),
      show: new DataLoader(async (ids: readonly string[]) => {
        const podcasts = new Map((await megaphone.podcasts()).map((podcast) => [podcast.id, podcast]));
        return ids.map((id) => {
          const podcast = podcasts.get(id);
          return podcast === undefined
            ? null
            : Object.assign(new Show(), { id: showId.encode(id), name: podcast.title, publisher: podcast.author });
        });
      }),
      // A published episode waits for the Web API and a draft does not: through a loader they still go on together.
      knowledge: new DataLoader((episodes: readonly Episode[]) => Promise.all(episodes.map(know)), {
        cacheKeyFn: ({ id }) => id,
      }),
      status: async ({ source }) => {
        if (source.draft) {
          return (await profile.load(source.id)).submission ? EpisodeStatus.SUBMITTED : EpisodeStatus.DRAFT;
        }
        return source.publishedAt && Number(source.publishedAt) > now()
          ? EpisodeStatus.SCHEDULED
          : EpisodeStatus.PUBLISHED;
      },
    };
  });
}
