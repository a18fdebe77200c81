/**
 * Where does what this subgraph knows of episodes come from?
 *
 * Each request has one loader for each source. A loader answers all keys of a batch at the same moment, so resolvers that
 * wait for it continue together and their decisions are one batch. Each key gets its own value or error.
 */
import DataLoader from "dataloader";
import { episodeId, showId } from "../../schema/id.ts";
import type { DecideFor } from "../pipeline/loader.ts";
import { perRequest } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import { factLoader, useFacts } from "../platform/facts/used.ts";
import { ItemError, byId, reportUnreadable } from "../platform/items.ts";
import { results } from "../platform/results.ts";
import type { EpisodeRecords, Publication } from "../records/episodes/types.ts";
import type { MegaphoneRef } from "../sources/megaphone/client.ts";
import { episodeKey } from "../sources/megaphone/facts.ts";
import type { MegaphoneFacts } from "../sources/megaphone/facts.ts";
import type { MegaphoneEpisode } from "../sources/megaphone/replies.ts";
import type { WebFacts } from "../sources/spotify-web/facts.ts";
import type { WebEpisode } from "../sources/spotify-web/replies.ts";
import type { Eligibility } from "../server/eligibility.ts";
import type { Neighbours } from "../server/neighbours.ts";
import { Episode, Show } from "./episode/episode.ts";
import type { EpisodeFacts } from "./episode/episode.ts";
import { NO_PROFILE, knowledgeLoaders } from "./episode/knowledge.ts";
import type { KnowledgeLoaders, Profile } from "./episode/knowledge.ts";
import { publicationStatus } from "./episode/publication-status.ts";
import type { PublicationStatus } from "./episode/publication-status.ts";

export interface EpisodeSources {
  readonly megaphone: MegaphoneFacts;
  readonly web: Pick<WebFacts, "episode">;
  readonly records: EpisodeRecords;
  readonly decide: DecideFor;
  readonly placements: Neighbours["placements"];
  readonly eligibility: Pick<Eligibility, "atMost">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface EpisodeServices extends EpisodeSources {
  readonly load: (context: Context) => EpisodeLoaders;
}

export interface EpisodeLoaders extends KnowledgeLoaders, PublicationStatus {
  readonly episode: DataLoader<MegaphoneRef, Episode | null, string>;
  /** By Megaphone's id. */
  readonly show: DataLoader<string, Show | null>;
  /** By Megaphone's id. */
  readonly profile: DataLoader<string, Profile>;
  /** By Megaphone's id; the latest. */
  readonly publication: DataLoader<string, Publication | undefined>;
  /** By Spotify's id. */
  readonly web: DataLoader<string, WebEpisode | null>;
  /** What its podcast does not tell readably is taken from the episode. */
  showOf(episode: Episode): Promise<Show>;
  /** Makes the next load of the episode read it anew. */
  clear(episode: Episode): void;
}

export function episodeServices(sources: EpisodeSources): EpisodeServices {
  return { ...sources, load: perRequest((context) => loadersOf(sources, context)) };
}

function loadersOf({ megaphone, web, records, now }: EpisodeSources, context: Context): EpisodeLoaders {
  const { log } = context;
  const episode = new DataLoader<MegaphoneRef, Episode | null, string>(
    async (refs) =>
      (await useFacts(context, megaphone.episode, refs.map(episodeKey))).map((fact) =>
        fact instanceof Error ? fact : fact.value && toEpisode(fact.value, fact.asOf),
      ),
    { cacheKeyFn: (ref) => episodeId.encode(ref.podcastId, ref.episodeId) },
  );
  const show = new DataLoader<string, Show | null>(async (ids) => {
    const podcasts = byId(await megaphone.podcasts(context), ({ id }) => id);
    return ids.map((id) => {
      const podcast = podcasts.get(id) ?? null;
      return podcast === null || podcast instanceof Error ? podcast : toShow(id, podcast.title, podcast.author);
    });
  });
  const showOf = async ({ source: { podcastId, podcastTitle } }: Episode): Promise<Show> => {
    const [found] = await results([show.load(podcastId)]);
    if (found instanceof ItemError) reportUnreadable(log, [found]);
    else if (found instanceof Error) throw found;
    else if (found) return found;
    return toShow(podcastId, podcastTitle, null);
  };
  const profile = new DataLoader(async (ids: readonly string[]) =>
    (await records.profiles(ids)).map((record) => record ?? NO_PROFILE),
  );
  const publication = new DataLoader((ids: readonly string[]) => records.publications(ids));
  const webEpisode = factLoader(context, web.episode);
  const knowledge = knowledgeLoaders({ profile, web: webEpisode, log });

  return {
    episode,
    show,
    profile,
    publication,
    web: webEpisode,
    ...knowledge,
    showOf,
    ...publicationStatus({ profile, publication, now }),
    clear(changed) {
      const { id, podcastId } = changed.source;
      episode.clear({ podcastId, episodeId: id });
      profile.clear(id);
      publication.clear(id);
      knowledge.knowledge.clear(changed);
      knowledge.contentAttributes.clear(changed);
    },
  };
}

/** Throws BAD_USER_INPUT naming `argument` if it is not an episode's id. */
export function megaphoneRefOf(id: string, argument?: string): MegaphoneRef {
  const [podcastId, ownId] = episodeId.decode(id, argument);
  return { podcastId, episodeId: ownId };
}

/** `asOf` is when it was read, in milliseconds since the epoch. */
export function toEpisode(source: MegaphoneEpisode, asOf: number): Episode {
  return Object.assign(new Episode(), {
    asOf: new Date(asOf),
    id: episodeId.encode(source.podcastId, source.id),
    spotifyId: source.spotifyId,
    title: source.title ?? "unknown",
    description: source.summary,
    durationMs: source.durationMs,
    source,
  });
}

function toShow(podcastId: string, name: string, publisher: string | null): Show {
  return Object.assign(new Show(), { id: showId.encode(podcastId), name, publisher });
}

/** Megaphone's rating of an episode for adults. */
const ADULTS_ONLY: ReadonlySet<string | null> = new Set(["eighteen_plus", null]);

/** For the decisions of other subgraphs. */
export async function factsOf(episode: Episode, load: EpisodeLoaders): Promise<EpisodeFacts> {
  const [{ topics, sensitiveTopics, explicit, languages, transcript, submission }, status] = await Promise.all([
    load.knowledge.load(episode),
    load.status(episode),
  ]);
  return {
    topics,
    sensitiveTopics,
    explicit,
    languages,
    transcript,
    sponsors: sponsorsOf(episode),
    status,
    markets: submission?.markets ?? [],
    // One without a rating counts as one for adults, like one of which nobody says that it is clean.
    adultsOnly: ADULTS_ONLY.has(episode.source.contentRating),
  };
}

/** Throws an ItemError where they are not known: any of them may be a competitor. */
function sponsorsOf({ source: { id, advertisingTags } }: Episode): readonly string[] {
  if (advertisingTags !== null) return advertisingTags;
  const field = "advertisingTags";
  throw new ItemError("megaphone", { item: `episode ${id}`, field, problem: `${field}: not known`, id });
}
