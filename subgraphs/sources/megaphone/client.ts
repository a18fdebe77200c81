/**
 * How are podcasts and episodes read from Megaphone, and how is an episode published?
 *
 * Megaphone allows 60 requests a minute and has no list by ids, so this client reads several episodes in as few requests as
 * possible, and tells of everything that it has read on the way. Nothing is kept here, see facts.ts.
 */
import { z } from "zod";
import { createAcceptedWrites } from "../../platform/accepted-writes.ts";
import type { BudgetOf } from "../../platform/budget/budget.ts";
import type { UpstreamHealth } from "../../platform/health/health.ts";
import { ItemError } from "../../platform/items.ts";
import { results } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { segment } from "../../platform/http-request.ts";
import { createPatience } from "../../platform/patience.ts";
import { createUpstream } from "../../platform/upstream.ts";
import type { Reply } from "../../platform/upstream.ts";
import { EpisodesReply, PodcastsReply, PublicationReply, episodeReply } from "./replies.ts";
import type { MegaphoneEpisode, MegaphonePodcast } from "./replies.ts";
import { megaphoneSettings } from "./settings.ts";

export interface MegaphoneOptions {
  /** `https://cms.megaphone.fm/api` */
  readonly baseUrl: string;
  readonly networkId: string;
  readonly token: string;
  /** Default: none, and Megaphone answers 429. */
  readonly budget?: BudgetOf | undefined;
  /** Told how each call ended. Default: nobody is. */
  readonly health?: UpstreamHealth | undefined;
  /** The deadline of a call in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  /** Milliseconds that never decrease, for what is remembered. */
  readonly now?: () => number;
}

export interface MegaphoneRef {
  readonly podcastId: string;
  readonly episodeId: string;
}

export interface MegaphoneEpisodePage {
  /** Of the whole list; null if it cannot be read. */
  readonly total: number | null;
  readonly episodes: Results<MegaphoneEpisode>;
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
  podcasts(): Promise<Results<MegaphonePodcast>>;
  /** Newest first, with drafts. Empty for a podcast that does not exist. */
  episodes(podcastId: string, options: MegaphoneListOptions): Promise<MegaphoneEpisodePage>;
  episode(podcastId: string, episodeId: string): Promise<MegaphoneEpisode | null>;
  /**
   * Aligned with the refs. If the list of a podcast cannot be read, each of its episodes is the error. `seen` gets every
   * episode that was read, asked for or not.
   */
  episodesById(
    refs: readonly MegaphoneRef[],
    seen?: (episode: MegaphoneEpisode) => void,
  ): Promise<Results<MegaphoneEpisode | null>>;
  /**
   * Publishes the episode at `at`, which may be in the future. UNCHANGED if it has that publication date already, to the
   * second. Rejects with status 404 if there is no such episode.
   */
  publishEpisode(ref: MegaphoneRef, at: Date): Promise<"CHANGED" | "UNCHANGED">;
  close(): Promise<void>;
}

/** As observed. */
const LIMITS = { requests: { requests: 60, windowMs: 60_000 } };
const MAX_PER_PAGE = 500;
/** The formats of an error that were observed. */
const Problem = z.union([
  z.object({ errors: z.array(z.union([z.string(), z.object({ detail: z.string() }).transform((one) => one.detail)])) }),
  z.object({ error: z.string() }).transform(({ error }) => ({ errors: [error] })),
  z.string().transform((text) => ({ errors: [text.trim()] })),
]);

export function createMegaphone(options: MegaphoneOptions): Megaphone {
  const { baseUrl, networkId, token, timeoutMs = 10_000 } = options;
  const podcastsPath = `/networks/${segment(networkId)}/podcasts`;
  const upstream = createUpstream({
    name: "megaphone",
    baseUrl,
    timeoutMs,
    connections: 8,
    authorization: async () => `Token token="${token}"`,
    credentials: [megaphoneSettings.fields.token.variable],
    address: [megaphoneSettings.fields.baseUrl.variable, megaphoneSettings.fields.networkId.variable],
    accepted: createAcceptedWrites(),
    patience: createPatience({ now: options.now }),
    budget: options.budget?.(LIMITS),
    health: options.health,
    probe: { path: podcastsPath, query: { page: 1, per_page: 1 } },
    explain: (body) => Problem.safeParse(body).data?.errors.join("; "),
  });

  return {
    podcasts,
    episodes,
    episode,
    async episodesById(refs, seen = () => {}) {
      const groups = [...Map.groupBy(refs, ({ podcastId }) => podcastId)];
      const found = await results(
        groups.map(([podcastId, own]) => findEpisodes(podcastId, new Set(own.map(({ episodeId }) => episodeId)), seen)),
      );
      const byPodcast = new Map(groups.map(([podcastId], index) => [podcastId, found[index]]));
      return refs.map(({ podcastId, episodeId }) => {
        const episodes = byPodcast.get(podcastId);
        return episodes instanceof Error ? episodes : (episodes?.get(episodeId) ?? null);
      });
    },
    publishEpisode,
    close: () => upstream.close(),
  };

  async function publishEpisode({ podcastId, episodeId }: MegaphoneRef, at: Date): Promise<"CHANGED" | "UNCHANGED"> {
    if (Number.isNaN(at.getTime())) throw new RangeError("at must be a valid date but got an invalid one");
    const path = `${episodesPath(podcastId)}/${segment(episodeId)}`;
    const second = secondsOf(at);
    const { body: episode } = await upstream.request({ path, reply: PublicationReply });
    if (!episode.draft && episode.pubdate && secondsOf(episode.pubdate) === second) return "UNCHANGED";
    // Whole seconds: Megaphone may round fractions, and a rounded date would never compare as equal.
    const json = { draft: false, pubdate: new Date(second * 1000).toISOString() };
    await upstream.request({ method: "PUT", path, json, reply: z.unknown() });
    return "CHANGED";
  }

  async function podcasts(): Promise<Results<MegaphonePodcast>> {
    const found: (MegaphonePodcast | Error)[] = [];
    for (let page = 1; ; page += 1) {
      const query = { page, per_page: MAX_PER_PAGE };
      const reply = await upstream.request({ path: podcastsPath, query, reply: PodcastsReply });
      found.push(...reply.body);
      if (isLastPage(totalOf(reply), found.length, reply.body.length, MAX_PER_PAGE)) return found;
    }
  }

  async function episodes(podcastId: string, list: MegaphoneListOptions): Promise<MegaphoneEpisodePage> {
    const { page, perPage, draft } = list;
    if (!Number.isInteger(page) || page < 1) throw new RangeError(`page must be a whole number from 1 but got ${page}`);
    if (!Number.isInteger(perPage) || perPage < 1 || perPage > MAX_PER_PAGE) {
      throw new RangeError(`perPage must be a whole number from 1 to ${MAX_PER_PAGE} but got ${perPage}`);
    }
    const query = { page, per_page: perPage, draft };
    const reply = await orNull(upstream.request({ path: episodesPath(podcastId), query, reply: EpisodesReply }));
    return reply === null ? { total: 0, episodes: [] } : { total: totalOf(reply), episodes: reply.body };
  }

  async function episode(podcastId: string, episodeId: string): Promise<MegaphoneEpisode | null> {
    const path = `${episodesPath(podcastId)}/${segment(episodeId)}`;
    const reply = await orNull(upstream.request({ path, reply: episodeReply(episodeId) }));
    if (reply?.body instanceof Error) throw reply.body;
    return reply && reply.body;
  }

  /**
   * In as few requests as possible: by whole pages, and one by one as soon as that takes no more requests than the remaining
   * pages. One episode is one small request; several are usually one large page, most of which
   * is not needed. With 60 requests a minute that is worth it.
   */
  async function findEpisodes(
    podcastId: string,
    ids: ReadonlySet<string>,
    seen: (episode: MegaphoneEpisode) => void,
  ): Promise<Map<string, MegaphoneEpisode | Error>> {
    const found = new Map<string, MegaphoneEpisode | Error>();
    /** Whether an episode without a readable id was seen: it may be any of the missing ones. */
    let sawNameless = false;
    const take = (some: Iterable<MegaphoneEpisode | Error>): void => {
      for (const one of some) {
        if (!(one instanceof Error)) seen(one);
        const id = one instanceof Error && !(one instanceof ItemError) ? undefined : one.id;
        if (id === undefined) sawNameless = true;
        else if (ids.has(id)) found.set(id, one);
      }
    };
    let readCount = 0;
    let pagesLeft = 1;
    for (let page = 1; pagesLeft > 0; page += 1) {
      const missing = missingIds();
      if (missing.length <= pagesLeft) {
        await takeSingles(missing);
        return found;
      }
      const { total, episodes: own } = await episodes(podcastId, { page, perPage: MAX_PER_PAGE });
      take(own);
      readCount += own.length;
      if (isLastPage(total, readCount, own.length, MAX_PER_PAGE)) pagesLeft = 0;
      else pagesLeft = total === null ? 1 : Math.ceil((total - readCount) / own.length);
    }
    if (sawNameless) await takeSingles(missingIds());
    return found;

    function missingIds(): readonly string[] {
      return [...ids].filter((id) => !found.has(id));
    }

    async function takeSingles(missing: readonly string[]): Promise<void> {
      const read = await results(missing.map((id) => episode(podcastId, id)));
      for (const [index, id] of missing.entries()) {
        const one = read[index];
        if (one) found.set(id, one);
      }
    }
  }

  function episodesPath(podcastId: string): string {
    return `${podcastsPath}/${segment(podcastId)}/episodes`;
  }
}

/** The length of the whole list, from the header `X-Total`: the body is an array. null if it cannot be read. */
function totalOf({ headers }: Reply<unknown>): number | null {
  const total = headers["x-total"];
  return typeof total === "string" && /^\d+$/.test(total) ? Number(total) : null;
}

/** Without a total, a page that is not full is the last one. */
function isLastPage(total: number | null, read: number, pageLength: number, perPage: number): boolean {
  return pageLength === 0 || (total === null ? pageLength < perPage : read >= total);
}

function secondsOf(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

async function orNull<T>(request: Promise<T>): Promise<T | null> {
  return request.catch((error: unknown) => {
    // 404 to everything says nothing about this one.
    if (error instanceof UpstreamError && error.saysAbsent) return null;
    throw error;
  });
}
