/**
 * How does this subgraph get at what it knows of episodes, without asking twice or one by one?
 *
 * One loader for each source, for each request. A loader answers all keys of a batch at the same moment, so resolvers
 * that wait for one go on together, and their decisions become one batch; but each with its own answer or error.
 */
import DataLoader from "dataloader";
import { episodeId, showId } from "../../schema/id.ts";
import { perRequest } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import type { DecideFor } from "../pipeline/loader.ts";
import { results } from "../platform/results.ts";
import type { Megaphone, MegaphoneEpisode, MegaphoneRef } from "../sources/megaphone/client.ts";
import type { SpotifyWeb, WebEpisode } from "../sources/spotify-web/client.ts";
import { UpstreamError } from "../platform/upstream.ts";
import type { EpisodeKnowledge } from "./decisions/episode-publishing.ts";
import { Episode, EpisodeStatus, Show } from "./episode/episode.ts";
import type { EpisodeFacts } from "./episode/episode.ts";
import type { EpisodeProfile, EpisodeRecords, Publication } from "../records/episodes/types.ts";

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
  /** By Megaphone's id; the last one. */
  readonly publication: DataLoader<string, Publication | undefined>;
  status(episode: Episode): Promise<EpisodeStatus>;
  /** When it goes or went out; null where that is open. */
  publishedAt(episode: Episode): Promise<Date | null>;
  /** What decisions would know of it if this were all that is written down about it. */
  knowledgeBy(profile: Profile, episode: Episode): Promise<EpisodeKnowledge>;
  /** What is loaded from now on is as it is then. */
  forget(episode: Episode): void;
}

export type Profile = Omit<EpisodeProfile, "episodeId">;
type Speech = Pick<EpisodeKnowledge, "explicit" | "languages">;

/** How old what Megaphone says may be: until then, what it was told is the news. */
const LAG_MS = 30_000;

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
      const [own, heard] = await Promise.all([profile.load(episode.source.id), published(episode)]);
      return knowledgeOf(episode, own, heard);
    };

    const publication = new DataLoader((ids: readonly string[]) => records.publications(ids));
    const isAhead = (at: Date | null): boolean => at !== null && Number(at) > now();
    const publishedAt = async ({ source }: Episode): Promise<Date | null> => {
      // What is out was told to everybody, long ago for most.
      if (!source.draft && !isAhead(source.publishedAt)) return source.publishedAt;
      const told = await publication.load(source.id);
      const isNewer = told && (told.settledAt === null || now() - Number(told.settledAt) < LAG_MS);
      if (isNewer) return told.publishAt;
      return source.draft ? null : source.publishedAt;
    };

    const tell = async (episodes: readonly Episode[]) => {
      const failures: UpstreamError[] = [];
      const unheard = (error: unknown): null => {
        if (!(error instanceof UpstreamError)) throw error;
        failures.push(error);
        return null;
      };
      const told = await results(
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

    const episodes = new DataLoader<MegaphoneRef, Episode | null, string>(
      async (refs) =>
        (await megaphone.episodesById(refs)).map((found) =>
          found === null || found instanceof Error ? found : toEpisode(found),
        ),
      { cacheKeyFn: (ref) => episodeId.encode(ref.podcastId, ref.episodeId) },
    );
    // A published episode waits for the Web API and a draft does not: through a loader they still go on together.
    const knowledge = new DataLoader((known: readonly Episode[]) => results(known.map(know)), { cacheKeyFn: idOf });
    const speech = new DataLoader(tell, { cacheKeyFn: idOf });

    return {
      profile,
      web: webEpisode,
      episode: episodes,
      publication,
      knowledge,
      speech,
      publishedAt,
      knowledgeBy: async (own, episode) => knowledgeOf(episode, own, await published(episode)),
      forget(episode) {
        const { id, podcastId } = episode.source;
        episodes.clear({ podcastId, episodeId: id });
        profile.clear(id);
        publication.clear(id);
        knowledge.clear(episode);
        speech.clear(episode);
      },
      show: new DataLoader(async (ids: readonly string[]) => {
        const podcasts = new Map((await megaphone.podcasts()).map((podcast) => [podcast.id, podcast]));
        return ids.map((id) => {
          const podcast = podcasts.get(id);
          return podcast === undefined
            ? null
            : Object.assign(new Show(), { id: showId.encode(id), name: podcast.title, publisher: podcast.author });
        });
      }),
      status: async (episode) => {
        const { draft, id } = episode.source;
        const [at, own] = await Promise.all([publishedAt(episode), draft ? profile.load(id) : NO_PROFILE]);
        if (isAhead(at)) return EpisodeStatus.SCHEDULED;
        if (at !== null || !draft) return EpisodeStatus.PUBLISHED;
        return own.submission ? EpisodeStatus.SUBMITTED : EpisodeStatus.DRAFT;
      },
    };
  });
}

function idOf({ id }: Episode): string {
  return id;
}

function knowledgeOf({ source, durationMs }: Episode, own: Profile, heard: WebEpisode | null): EpisodeKnowledge {
  const { topics, sensitiveTopics, transcriptUrl, submission } = own;
  return {
    ...speechOf(source, own, heard),
    topics,
    sensitiveTopics,
    transcript: transcriptUrl !== null,
    promotional: source.promotional,
    audio: source.audioFileStatus,
    durationMs,
    submission,
  };
}

function speechOf(source: MegaphoneEpisode, own: Profile, published: WebEpisode | null): Speech {
  return {
    // Spotify's "not explicit" also means "nobody said": either source's word is enough.
    explicit: source.explicit || published?.explicit === true,
    languages: published?.languages ?? own.submission?.languages ?? [],
  };
}
