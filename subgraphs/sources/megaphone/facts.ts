/**
 * What is known of podcasts and episodes, and for how long?
 *
 * Megaphone allows 60 requests a minute, so whatever a reply tells is kept: a page tells of a hundred episodes, and the pages
 * that are read for some episodes of a podcast tell of all others on them. After an episode was published, it and the pages of
 * its podcast are dropped.
 */
import { z } from "zod";
import { episodeId } from "../../../schema/id.ts";
import type { UpstreamFacts } from "../../platform/facts/facts.ts";
import type { Fact, Kind } from "../../platform/facts/kind.ts";
import { useFacts } from "../../platform/facts/used.ts";
import type { FactContext } from "../../platform/facts/used.ts";
import { requireAll, results, withoutErrors } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import type { Megaphone, MegaphoneEpisodePage, MegaphoneRef } from "./client.ts";
import type { MegaphoneEpisode, MegaphonePodcast } from "./replies.ts";

export interface MegaphoneFacts extends Pick<Megaphone, "publishEpisode" | "close"> {
  /** By `episodeKey`; null for one that does not exist. */
  readonly episode: Kind<MegaphoneEpisode | null>;
  podcasts(context: FactContext): Promise<Results<MegaphonePodcast>>;
  /** A page of `EPISODES_PER_PAGE`, from 1; newest first, with drafts. Empty for a podcast that does not exist. */
  episodes(context: FactContext, podcastId: string, page: number): Promise<Fact<MegaphoneEpisodePage>>;
}

/** Megaphone's maximum is 500, which is slow for a client's page of 20. */
export const EPISODES_PER_PAGE = 100;

const MINUTE_MS = 60_000;
/** Up to 2 KB each. */
const MAX_EPISODES = 50_000;
const MAX_PAGES = 500;
const ALL = "";
/** What they say of episodes is told of each. */
const NOBODY = (): undefined => undefined;
const Ref = z.tuple([z.string(), z.string()]);

export function createMegaphoneFacts(client: Megaphone, { kind }: UpstreamFacts): MegaphoneFacts {
  const episode: Kind<MegaphoneEpisode | null> = kind({
    entity: "episode",
    shape: 1,
    subjectOf(key) {
      const { podcastId, episodeId: id } = refOf(key);
      return episodeId.encode(podcastId, id);
    },
    freshForMs: MINUTE_MS,
    staleForMs: 10 * MINUTE_MS,
    max: MAX_EPISODES,
    load: async (keys) => {
      const seen: MegaphoneEpisode[] = [];
      return episode.learn(
        () => client.episodesById(keys.map(refOf), (each) => void seen.push(each)),
        () => keyed(seen),
      );
    },
  });
  const podcasts = kind<Results<MegaphonePodcast>>({
    entity: "podcasts",
    shape: 1,
    subjectOf: NOBODY,
    freshForMs: 5 * MINUTE_MS,
    staleForMs: 60 * MINUTE_MS,
    max: 1,
    load: async () => [await client.podcasts()],
  });
  const page = kind<MegaphoneEpisodePage>({
    entity: "episode page",
    shape: 1,
    subjectOf: NOBODY,
    freshForMs: MINUTE_MS,
    staleForMs: 10 * MINUTE_MS,
    max: MAX_PAGES,
    groupOf: (key) => placeOf(key).podcastId,
    load: (keys) =>
      results(
        keys.map((key) =>
          episode.learn(
            () => readPage(key),
            ({ episodes }) => keyed(withoutErrors(episodes)),
          ),
        ),
      ),
  });

  return {
    episode,
    async podcasts(context) {
      const [all] = requireAll(await useFacts(context, podcasts, [ALL]));
      return all?.value ?? [];
    },
    async episodes(context, podcastId, number) {
      const [found] = requireAll(await useFacts(context, page, [pageKey(podcastId, number)]));
      if (!found) throw new RangeError("a key has a fact");
      return found;
    },
    async publishEpisode(ref, at) {
      try {
        return await client.publishEpisode(ref, at);
      } finally {
        await Promise.all([episode.drop([episodeKey(ref)]), page.drop([ref.podcastId])]);
      }
    },
    close: () => client.close(),
  };

  function readPage(key: string): Promise<MegaphoneEpisodePage> {
    const { podcastId, number } = placeOf(key);
    return client.episodes(podcastId, { page: number, perPage: EPISODES_PER_PAGE });
  }
}

/** An id may have any characters. */
export function episodeKey({ podcastId, episodeId }: MegaphoneRef): string {
  return JSON.stringify([podcastId, episodeId]);
}

function refOf(key: string): MegaphoneRef {
  const [podcastId, episodeId] = Ref.parse(JSON.parse(key));
  return { podcastId, episodeId };
}

function keyed(episodes: readonly MegaphoneEpisode[]): ReadonlyMap<string, MegaphoneEpisode> {
  return new Map(episodes.map((each) => [episodeKey({ podcastId: each.podcastId, episodeId: each.id }), each]));
}

function pageKey(podcastId: string, number: number): string {
  return `${number} ${podcastId}`;
}

function placeOf(key: string): { readonly podcastId: string; readonly number: number } {
  const blank = key.indexOf(" ");
  return { number: Number(key.slice(0, blank)), podcastId: key.slice(blank + 1) };
}
