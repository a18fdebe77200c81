/**
 * What does Megaphone say about podcasts and their episodes, published or not, and how is one published?
 *
 * It allows 60 requests a minute and knows no list by ids, so requests are what this file saves. Everything read is kept
 * for a moment (see `pageTtlMs`): the price is an answer that old, and whoever writes must call `forget`. The one thing
 * that is written here, an episode's publication, looks at the episode itself first and at no memory; it stands here, in a
 * file that is long already, because it has to forget what is remembered here.
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
import { createMemory } from "../../platform/memory.ts";

export interface MegaphoneOptions {
  /** `https://cms.megaphone.fm/api` */
  readonly baseUrl: string;
  readonly networkId: string;
  readonly token: string;
  /** Milliseconds a call may take. Default 10,000. */
  readonly timeoutMs?: number;
  /** Milliseconds a page and an episode are kept. Default 30,000. The list of podcasts is kept for five minutes. */
  readonly pageTtlMs?: number;
  /** Milliseconds since the epoch. */
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
  /** Newest first, drafts included. Nothing of a podcast that is not there. */
  episodes(podcastId: string, options: MegaphoneListOptions): Promise<MegaphoneEpisodePage>;
  episode(podcastId: string, episodeId: string): Promise<MegaphoneEpisode | null>;
  /** Aligned with the refs; where a podcast cannot be asked for them, its episodes are that error each. */
  episodesById(refs: readonly MegaphoneRef[]): Promise<Results<MegaphoneEpisode | null>>;
  /**
   * From then on, and in the future of `at` from `at` on, listeners can hear it. UNCHANGED where that is so to the second
   * already, whatever happened to the request that did it. Status 404 where there is no such episode.
   */
  publishEpisode(ref: MegaphoneRef, at: Date): Promise<"CHANGED" | "UNCHANGED">;
  /** Whoever else changes an episode of the podcast calls this, and the next answer is a new one. */
  forget(podcastId: string): void;
  close(): Promise<void>;
}

const MAX_PER_PAGE = 500;
const PODCASTS_TTL_MS = 5 * 60_000;
/** Pages are what takes space: about 1 KB an episode, at the most 100 MB if all of them were full. */
const MAX_PAGES = 200;
const MAX_EPISODES = 2000;
/** An error's words, in the spellings that were met. */
const Problem = z.union([
  z.object({ errors: z.array(z.union([z.string(), z.object({ detail: z.string() }).transform((one) => one.detail)])) }),
  z.object({ error: z.string() }).transform(({ error }) => ({ errors: [error] })),
  z.string().transform((text) => ({ errors: [text.trim()] })),
]);

export function createMegaphone(options: MegaphoneOptions): Megaphone {
  const { baseUrl, networkId, token, timeoutMs = 10_000, pageTtlMs = 30_000, now = Date.now } = options;
  const upstream = createUpstream({
    name: "megaphone",
    baseUrl,
    timeoutMs,
    connections: 8,
    authorization: async () => `Token token="${token}"`,
    explain: (body) => Problem.safeParse(body).data?.errors.join("; "),
  });
  const podcastsPath = `/networks/${segment(networkId)}/podcasts`;
  const catalogue = createMemory<readonly MegaphonePodcast[]>({ ttlMs: PODCASTS_TTL_MS, most: 1, now });
  const pages = createMemory<MegaphoneEpisodePage>({ ttlMs: pageTtlMs, most: MAX_PAGES, now });
  const singles = createMemory<MegaphoneEpisode | null>({ ttlMs: pageTtlMs, most: MAX_EPISODES, now });

  return {
    podcasts: () => catalogue.recall("", "", readPodcasts),
    episodes,
    episode,
    async episodesById(refs) {
      const wanted = [...Map.groupBy(refs, ({ podcastId }) => podcastId)];
      const found = await results(
        wanted.map(([podcastId, own]) => findEpisodes(podcastId, new Set(own.map(({ episodeId }) => episodeId)))),
      );
      const byPodcast = new Map(wanted.map(([podcastId], index) => [podcastId, found[index]]));
      return refs.map(({ podcastId, episodeId }) => {
        const episodes = byPodcast.get(podcastId);
        return episodes instanceof Error ? episodes : (episodes?.get(episodeId) ?? null);
      });
    },
    publishEpisode,
    forget,
    close: () => upstream.close(),
  };

  function forget(podcastId: string): void {
    pages.forget(podcastId);
    singles.forget(podcastId);
  }

  async function publishEpisode({ podcastId, episodeId }: MegaphoneRef, at: Date): Promise<"CHANGED" | "UNCHANGED"> {
    if (Number.isNaN(at.getTime())) throw new RangeError("at must be a valid date but got an invalid one");
    const path = `${episodesPath(podcastId)}/${segment(episodeId)}`;
    const second = inSeconds(at);
    const { body: episode } = await upstream.request({ path, reply: EpisodeReply });
    if (!episode.draft && episode.publishedAt && inSeconds(episode.publishedAt) === second) return "UNCHANGED";
    // Whole seconds: what Megaphone makes of the rest nobody has shown, and a date it rounded would never be the same.
    const json = { draft: false, pubdate: new Date(second * 1000).toISOString() };
    try {
      await upstream.request({ method: "PUT", path, json, reply: EpisodeReply });
    } finally {
      // Also where the answer was lost: it may have happened.
      forget(podcastId);
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
    return pages.recall(podcastId, JSON.stringify(query), async () => {
      const reply = await orNull(
        upstream.request({ path: episodesPath(podcastId), query, reply: z.array(EpisodeReply) }),
      );
      return reply === null ? { total: 0, episodes: [] } : { total: totalOf(reply), episodes: reply.body };
    });
  }

  function episode(podcastId: string, episodeId: string): Promise<MegaphoneEpisode | null> {
    return singles.recall(podcastId, episodeId, async () => {
      const path = `${episodesPath(podcastId)}/${segment(episodeId)}`;
      const reply = await orNull(upstream.request({ path, reply: EpisodeReply }));
      return reply && reply.body;
    });
  }

  /**
   * In as few requests as possible: first what is still kept, then whole pages of the podcast, and one by one whatever is
   * still missing as soon as that takes no more requests than the pages left. So one episode is one small request; several
   * are usually one large page, of which most is not needed. That is the price, and 60 a minute make it worth paying.
   */
  async function findEpisodes(podcastId: string, ids: ReadonlySet<string>): Promise<Map<string, MegaphoneEpisode>> {
    const found = new Map<string, MegaphoneEpisode>();
    const take = (some: Iterable<MegaphoneEpisode | null>): void => {
      for (const one of some) if (one && ids.has(one.id)) found.set(one.id, one);
    };
    take(pages.known(podcastId).flatMap((page) => page.episodes));
    take(singles.known(podcastId));
    let seen = 0;
    let pagesLeft = 1;
    for (let page = 1; pagesLeft > 0; page += 1) {
      const missing = [...ids].filter((id) => !found.has(id));
      if (missing.length <= pagesLeft) {
        take(await Promise.all(missing.map((id) => episode(podcastId, id))));
        return found;
      }
      const list = await episodes(podcastId, { page, perPage: MAX_PER_PAGE });
      take(list.episodes);
      seen += list.episodes.length;
      pagesLeft = list.episodes.length === 0 ? 0 : Math.ceil((list.total - seen) / list.episodes.length);
    }
    return found;
  }

  function episodesPath(podcastId: string): string {
    return `${podcastsPath}/${segment(podcastId)}/episodes`;
  }
}

/** Of a list, what `X-Total` says: the body is a bare array. */
function totalOf({ headers, status }: Reply<unknown>): number {
  const total = headers["x-total"];
  if (typeof total === "string" && /^\d+$/.test(total)) return Number(total);
  throw new UpstreamError("megaphone", "UNEXPECTED", "it answered unexpectedly: X-Total: expected a whole number", {
    status,
  });
}

function inSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  return asked.catch((error: unknown) => {
    if (error instanceof UpstreamError && error.status === 404) return null;
    throw error;
  });
}
