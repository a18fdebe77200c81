/**
 * How does this subgraph get at what it knows of episodes, without asking twice or one by one?
 *
 * One loader for each source, for each request. A loader answers all keys of a batch at the same moment, so resolvers
 * that wait for one go on together, and their decisions become one batch; but each with its own answer or error.
 */
import DataLoader from "dataloader";
import { episodeId, showId } from "../../schema/id.ts";
import { perRequest } from "../context.ts";
import type { Context } from "../context.ts";
import type { DecideFor } from "../decisions/loader.ts";
import { settle } from "../settle.ts";
import type { Megaphone, MegaphoneEpisode, MegaphoneRef } from "../sources/megaphone.ts";
import type { SpotifyWeb, WebEpisode } from "../sources/spotify-web.ts";
import { UpstreamError } from "../upstream.ts";
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
  readonly episode: DataLoader<MegaphoneRef, Episode | null, string>;
  /** By Megaphone's id. */
  readonly profile: DataLoader<string, Profile>;
  /** By Spotify's id. */
  readonly web: DataLoader<string, WebEpisode | null>;
  /** By Megaphone's id. */
  readonly show: DataLoader<string, Show | null>;
  readonly knowledge: DataLoader<Episode, EpisodeKnowledge, string>;
  /** For clients to read, and for no decision: while the Web API fails, what was said elsewhere. */
  readonly speech: DataLoader<Episode, Speech, string>;
  status(episode: Episode): Promise<EpisodeStatus>;
}

type Profile = Omit<EpisodeProfile, "episodeId">;
type Speech = Pick<EpisodeKnowledge, "explicit" | "languages">;

/** What is true of an episode until somebody says otherwise. */
const NO_PROFILE: Profile = { topics: [], sensitiveTopics: [], transcriptUrl: null, submission: null };

export function episodeServices(sources: EpisodeSources): EpisodeServices {
  return { ...sources, load: loadersOf(sources) };
}

/** Throws BAD_USER_INPUT naming `argument` where it is no id of an episode. */
export function refOf(id: string, argument?: string): MegaphoneRef {
  const [podcastId, own] = episodeId.decode(id, argument);
  return { podcastId, episodeId: own };
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
  return perRequest(({ log }) => {
    const profile = new DataLoader(async (ids: readonly string[]) =>
      (await records.profiles(ids)).map((known) => known ?? NO_PROFILE),
    );
    const webEpisode = new DataLoader<string, WebEpisode | null>((ids) => web.episodes(ids));
    const published = async ({ spotifyId }: Episode) => (spotifyId === null ? null : webEpisode.load(spotifyId));

    const know = async (episode: Episode): Promise<EpisodeKnowledge> => {
      const { source, durationMs } = episode;
      const [own, heard] = await Promise.all([profile.load(source.id), published(episode)]);
      return {
        ...speechOf(source, own, heard),
        topics: own.topics,
        sensitiveTopics: own.sensitiveTopics,
        transcript: own.transcriptUrl !== null,
        promotional: source.promotional,
        audio: source.audioFileStatus,
        durationMs,
        submission: own.submission,
      };
    };

    const tell = async (episodes: readonly Episode[]) => {
      const failures: UpstreamError[] = [];
      const unheard = (error: unknown): null => {
        if (!(error instanceof UpstreamError)) throw error;
        failures.push(error);
        return null;
      };
      const told = await settle(
        episodes.map(async (episode) => {
          const [own, heard] = await Promise.all([profile.load(episode.source.id), published(episode).catch(unheard)]);
          return speechOf(episode.source, own, heard);
        }),
      );
      const [first] = failures;
      if (first) {
        const { upstream, failure, status, message } = first;
        log.warn({ upstream, failure, status, episodes: failures.length }, `shown without what it says: ${message}`);
      }
      return told;
    };

    return {
      profile,
      web: webEpisode,
      episode: new DataLoader<MegaphoneRef, Episode | null, string>(
        async (refs) =>
          (await megaphone.episodesById(refs)).map((found) =>
            found === null || found instanceof Error ? found : toEpisode(found),
          ),
        { cacheKeyFn: (ref) => episodeId.encode(ref.podcastId, ref.episodeId) },
      ),
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
      knowledge: new DataLoader((episodes: readonly Episode[]) => settle(episodes.map(know)), {
        cacheKeyFn: ({ id }) => id,
      }),
      speech: new DataLoader(tell, { cacheKeyFn: ({ id }) => id }),
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

function speechOf(source: MegaphoneEpisode, own: Profile, published: WebEpisode | null): Speech {
  return {
    // Spotify's "not explicit" also means "nobody said": either source's word is enough.
    explicit: source.explicit || published?.explicit === true,
    languages: published?.languages ?? own.submission?.languages ?? [],
  };
}
