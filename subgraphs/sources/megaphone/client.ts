/**
 * How are podcasts and episodes read from Megaphone, and how is an episode published?
 *
 * Megaphone allows 60 requests a minute and has no list by ids, so this client minimises requests. Reads are cached
 * (`pageTtlMs`): the price is a result that old, and a writer must call `invalidate`. Publishing an episode reads it without the
 * cache. It is in this file, which is over 200 lines long, because it has to invalidate the caches.
 */
import { z } from "zod";
import { results } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { segment } from "../../platform/http-request.ts";
import { createUpstream } from "../../platform/upstream.ts";
import type { Reply } from "../../platform/upstream.ts";
import { EpisodeReply, PodcastReply } from "./replies.ts";
import type { MegaphoneEpisode, MegaphonePodcast } from "./replies.ts";
import { monotonic } from "../../platform/clock.ts";
import { createLoadCache } from "../../platform/load-cache.ts";

export interface MegaphoneOptions {
  /** `https://cms.megaphone.fm/api` */
  readonly baseUrl: string;
  readonly networkId: string;
  readonly token: string;
  /** The deadline of a call in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  /** Milliseconds that pages and episodes are cached. Default 30,000. The list of podcasts is cached for five minutes. */
  readonly pageTtlMs?: number;
  /** Milliseconds that never decrease, for what is remembered. */
  readonly now?: () => number;
}

export interface MegaphoneRef {
  readonly podcastId: string;
  readonly episodeId: string;
}

export interface MegaphoneEpisodePage {
  /** Of the whole list. */
  readonly total: number;
  readonly episodes: readonly MegaphoneEpisode[];
}

export interface MegaphoneListOptions {
  /** From 1. */
  readonly page: number;
  /** 1 to 500. */
  readonly perPage: number;
  readonly draft?: boolean;
}

/** All methods reject with an `UpstreamError`. */
export interface Megaphone {
  podcasts(): Promise<readonly MegaphonePodcast[]>;
  /** Newest first, with drafts. Empty for a podcast that does not exist. */
  episodes(podcastId: string, options: MegaphoneListOptions): Promise<MegaphoneEpisodePage>;
  episode(podcastId: string, episodeId: string): Promise<MegaphoneEpisode | null>;
  /** Aligned with the refs. If a podcast cannot be read, each of its episodes is the error. */
  episodesById(refs: readonly MegaphoneRef[]): Promise<Results<MegaphoneEpisode | null>>;
  /**
   * Publishes the episode at `at`, which may be in the future. UNCHANGED if it has that publication date already, to the
   * second. Rejects with status 404 if there is no such episode.
   */
  publishEpisode(ref: MegaphoneRef, at: Date): Promise<"CHANGED" | "UNCHANGED">;
  /** Invalidates the cache of a podcast; for other writers. */
  invalidate(podcastId: string): void;
  close(): Promise<void>;
}

const MAX_PER_PAGE = 500;
const PODCASTS_TTL_MS = 5 * 60_000;
/** About 1 KB an episode: at most 100 MB. */
const MAX_PAGES = 200;
const MAX_EPISODES = 2000;
/** The formats of an error that were observed. */
const Problem = z.union([
  z.object({ errors: z.array(z.union([z.string(), z.object({ detail: z.string() }).transform((one) => one.detail)])) }),
  z.object({ error: z.string() }).transform(({ error }) => ({ errors: [error] })),
  z.string().transform((text) => ({ errors: [text.trim()] })),
]);

export function createMegaphone(options: MegaphoneOptions): Megaphone {
  const { baseUrl, networkId, token, timeoutMs = 10_000, pageTtlMs = 30_000, now = monotonic } = options;
  const upstream = createUpstream({
    name: "megaphone",
    baseUrl,
    timeoutMs,
    connections: 8,
    authorization: async () => `Token token="${token}"`,
    explain: (body) => Problem.safeParse(body).data?.errors.join("; "),
  });
  const podcastsPath = `/networks/${segment(networkId)}/podcasts`;
  const catalogue = createLoadCache<readonly MegaphonePodcast[]>({ ttlMs: PODCASTS_TTL_MS, maxEntries: 1, now });
  const pages = createLoadCache<MegaphoneEpisodePage>({ ttlMs: pageTtlMs, maxEntries: MAX_PAGES, now });
  const singles = createLoadCache<MegaphoneEpisode | null>({ ttlMs: pageTtlMs, maxEntries: MAX_EPISODES, now });

  return {
    podcasts: () => catalogue.getOrLoad("", "", readPodcasts),
    episodes,
    episode,
    async episodesById(refs) {
      const groups = [...Map.groupBy(refs, ({ podcastId }) => podcastId)];
      const found = await results(
        groups.map(([podcastId, own]) => findEpisodes(podcastId, new Set(own.map(({ episodeId }) => episodeId)))),
      );
      const byPodcast = new Map(groups.map(([podcastId], index) => [podcastId, found[index]]));
      return refs.map(({ podcastId, episodeId }) => {
        const episodes = byPodcast.get(podcastId);
        return episodes instanceof Error ? episodes : (episodes?.get(episodeId) ?? null);
      });
    },
    publishEpisode,
    invalidate,
    close: () => upstream.close(),
  };

  function invalidate(podcastId: string): void {
    pages.invalidate(podcastId);
    singles.invalidate(podcastId);
  }

  async function publishEpisode({ podcastId, episodeId }: MegaphoneRef, at: Date): Promise<"CHANGED" | "UNCHANGED"> {
    if (Number.isNaN(at.getTime())) throw new RangeError("at must be a valid date but got an invalid one");
    const path = `${episodesPath(podcastId)}/${segment(episodeId)}`;
    const second = secondsOf(at);
    const { body: episode } = await upstream.request({ path, reply: EpisodeReply });
    if (!episode.draft && episode.publishedAt && secondsOf(episode.publishedAt) === second) return "UNCHANGED";
    // Whole seconds: Megaphone may round fractions, and a rounded date would never compare as equal.
    const json = { draft: false, pubdate: new Date(second * 1000).toISOString() };
    try {
      await upstream.request({ method: "PUT", path, json, reply: EpisodeReply });
    } finally {
      // Also after a failure: the write may have happened.
      invalidate(podcastId);
    }
    return "CHANGED";
  }

  async function readPodcasts(): Promise<readonly MegaphonePodcast[]> {
    const podcasts: MegaphonePodcast[] = [];
    for (let page = 1; ; page += 1) {
      const query = { page, per_page: MAX_PER_PAGE };
      const reply = await upstream.request({ path: podcastsPath, query, reply: z.array(PodcastReply) });
      podcasts.push(...reply.body);
      if (reply.body.length === 0 || podcasts.length >= totalOf(reply)) return podcasts;
    }
  }

  async function episodes(podcastId: string, list: MegaphoneListOptions): Promise<MegaphoneEpisodePage> {
    const { page, perPage, draft } = list;
    if (!Number.isInteger(page) || page < 1) throw new RangeError(`page must be a whole number from 1 but got ${page}`);
    if (!Number.isInteger(perPage) || perPage < 1 || perPage > MAX_PER_PAGE) {
      throw new RangeError(`perPage must be a whole number from 1 to ${MAX_PER_PAGE} but got ${perPage}`);
    }
    const query = { page, per_page: perPage, draft };
    return pages.getOrLoad(podcastId, JSON.stringify(query), async () => {
      const reply = await orNull(
        upstream.request({ path: episodesPath(podcastId), query, reply: z.array(EpisodeReply) }),
      );
      return reply === null ? { total: 0, episodes: [] } : { total: totalOf(reply), episodes: reply.body };
    });
  }

  function episode(podcastId: string, episodeId: string): Promise<MegaphoneEpisode | null> {
    return singles.getOrLoad(podcastId, episodeId, async () => {
      const path = `${episodesPath(podcastId)}/${segment(episodeId)}`;
      const reply = await orNull(upstream.request({ path, reply: EpisodeReply }));
      return reply && reply.body;
    });
  }

  /**
   * In as few requests as possible: first from the cache, then by whole pages, and one by one as soon as that takes no more
   * requests than the remaining pages. One episode is one small request; several are usually one large page, most of which
   * is not needed. With 60 requests a minute that is worth it.
   */
  async function findEpisodes(podcastId: string, ids: ReadonlySet<string>): Promise<Map<string, MegaphoneEpisode>> {
    const found = new Map<string, MegaphoneEpisode>();
    const take = (some: Iterable<MegaphoneEpisode | null>): void => {
      for (const one of some) if (one && ids.has(one.id)) found.set(one.id, one);
    };
    take(pages.loaded(podcastId).flatMap((page) => page.episodes));
    take(singles.loaded(podcastId));
    let readCount = 0;
    let pagesLeft = 1;
    for (let page = 1; pagesLeft > 0; page += 1) {
      const missing = [...ids].filter((id) => !found.has(id));
      if (missing.length <= pagesLeft) {
        take(await Promise.all(missing.map((id) => episode(podcastId, id))));
        return found;
      }
      const list = await episodes(podcastId, { page, perPage: MAX_PER_PAGE });
      take(list.episodes);
      readCount += list.episodes.length;
      pagesLeft = list.episodes.length === 0 ? 0 : Math.ceil((list.total - readCount) / list.episodes.length);
    }
    return found;
  }

  function episodesPath(podcastId: string): string {
    return `${podcastsPath}/${segment(podcastId)}/episodes`;
  }
}

/** The length of the whole list, from the header `X-Total`: the body is an array. */
function totalOf({ headers, status }: Reply<unknown>): number {
  const total = headers["x-total"];
  if (typeof total === "string" && /^\d+$/.test(total)) return Number(total);
  throw new UpstreamError("megaphone", "UNEXPECTED", "it answered unexpectedly: X-Total: expected a whole number", {
    status,
  });
}

function secondsOf(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

async function orNull<T>(request: Promise<T>): Promise<T | null> {
  return request.catch((error: unknown) => {
    if (error instanceof UpstreamError && error.status === 404) return null;
    throw error;
  });
}
