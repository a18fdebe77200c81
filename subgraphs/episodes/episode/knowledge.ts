/**
 * What do decisions, and clients, know of an episode?
 *
 * Megaphone, the Spotify Web API and our own records each hold a part. A decision needs all of them: if the Web API fails
 * for a published episode, there are no facts. What is only shown to clients is then taken from the other two.
 */
import DataLoader from "dataloader";
import type { Context } from "../../platform/context.ts";
import { results } from "../../platform/results.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import type { EpisodeProfile, EpisodeSubmission } from "../../records/episodes/types.ts";
import type { MegaphoneEpisode } from "../../sources/megaphone/replies.ts";
import type { WebEpisode } from "../../sources/spotify-web/replies.ts";
import type { Episode } from "./episode.ts";

/** All that decisions about an episode are made from. */
export interface EpisodeKnowledge extends ContentAttributes {
  readonly topics: readonly string[];
  readonly sensitiveTopics: readonly string[];
  readonly transcript: boolean;
  readonly promotional: boolean;
  /** The state of the audio file in Megaphone: `success`, `processing`, `failed`. */
  readonly audio: string | null;
  readonly durationMs: number;
  readonly submission: EpisodeSubmission | null;
}

export interface ContentAttributes {
  readonly explicit: boolean;
  /** BCP 47. */
  readonly languages: readonly string[];
}

export type Profile = Omit<EpisodeProfile, "episodeId">;

/** Of an episode without records. */
export const NO_PROFILE: Profile = { topics: [], sensitiveTopics: [], transcriptUrl: null, submission: null };

export interface KnowledgeLoaders {
  readonly knowledge: DataLoader<Episode, EpisodeKnowledge, string>;
  /** For clients only, never for a decision: it does without the Web API if that fails. */
  readonly contentAttributes: DataLoader<Episode, ContentAttributes, string>;
  /** What decisions would know if `profile` were the records of the episode. */
  knowledgeWith(profile: Profile, episode: Episode): Promise<EpisodeKnowledge>;
}

export interface KnowledgeSources {
  /** By Megaphone's id. */
  readonly profile: Pick<DataLoader<string, Profile>, "load">;
  /** By Spotify's id. */
  readonly web: Pick<DataLoader<string, WebEpisode | null>, "load">;
  readonly log: Context["log"];
}

export function knowledgeLoaders({ profile, web, log }: KnowledgeSources): KnowledgeLoaders {
  const cacheKeyFn = ({ id }: Episode): string => id;
  // A published episode waits for the Web API and a draft does not. The loaders answer both at the same moment.
  return {
    knowledge: new DataLoader((episodes) => results(episodes.map(loadKnowledge)), { cacheKeyFn }),
    contentAttributes: new DataLoader(loadContentAttributes, { cacheKeyFn }),
    knowledgeWith: async (records, episode) => knowledgeOf(episode, records, await loadWebEpisode(episode)),
  };

  async function loadKnowledge(episode: Episode): Promise<EpisodeKnowledge> {
    const [records, webEpisode] = await Promise.all([profile.load(episode.source.id), loadWebEpisode(episode)]);
    return knowledgeOf(episode, records, webEpisode);
  }

  async function loadContentAttributes(episodes: readonly Episode[]) {
    const failures: UpstreamError[] = [];
    const nullOnFailure = (error: unknown): null => {
      if (!(error instanceof UpstreamError)) throw error;
      failures.push(error);
      return null;
    };
    const attributes = await results(
      episodes.map(async (episode) => {
        const [records, webEpisode] = await Promise.all([
          profile.load(episode.source.id),
          loadWebEpisode(episode).catch(nullOnFailure),
        ]);
        return contentAttributesOf(episode.source, records, webEpisode);
      }),
    );
    const [first] = failures;
    if (first) {
      const { upstream, failure, status, message } = first;
      log.warn(
        { upstream, failure, status, episodes: failures.length },
        `episodes shown without the Web API: ${message}`,
      );
    }
    return attributes;
  }

  async function loadWebEpisode({ spotifyId }: Episode): Promise<WebEpisode | null> {
    return spotifyId === null ? null : web.load(spotifyId);
  }
}

function knowledgeOf(
  { source, durationMs }: Episode,
  profile: Profile,
  webEpisode: WebEpisode | null,
): EpisodeKnowledge {
  const { topics, sensitiveTopics, transcriptUrl, submission } = profile;
  return {
    ...contentAttributesOf(source, profile, webEpisode),
    topics,
    sensitiveTopics,
    transcript: transcriptUrl !== null,
    promotional: source.promotional,
    audio: source.audioFileStatus,
    durationMs,
    submission,
  };
}

function contentAttributesOf(
  source: MegaphoneEpisode,
  { submission }: Profile,
  webEpisode: WebEpisode | null,
): ContentAttributes {
  return {
    // Spotify's `false` also means that nobody has said so: one source that says explicit is enough.
    explicit: source.explicit || webEpisode?.explicit === true,
    languages: webEpisode?.languages ?? submission?.languages ?? [],
  };
}
