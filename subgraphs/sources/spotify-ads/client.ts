/**
 * How does Decibel read campaigns from the Spotify Ads API v3? (How it changes them, its writes say.)
 *
 * In bulk: whoever asks for a hundred campaigns costs two requests, never a hundred. Lists of ids may be of any
 * length, repeat themselves, and name campaigns that are not there; the answer is aligned with them. A request that
 * fails fails the campaigns it was about, and no others.
 */
import type { z } from "zod";
import { results } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { createMemory } from "../../platform/memory.ts";
import { createAdsAudiences } from "./audiences.ts";
import type { AdsAudiences } from "./audiences.ts";
import { connectSpotifyAds } from "./connection.ts";
import type { Query, SpotifyAdsOptions } from "./connection.ts";
import { AccountReply, AdSetsReply, AdsReply, CampaignsReply, CategoriesReply, spelt } from "./replies.ts";
import type { AdsAd, AdsAdSet, AdsCampaign, AdsCampaignStatus, AdsCategory } from "./replies.ts";
import { METRICS, ReportReply, reportOf } from "./reports.ts";
import type { AdsReport } from "./reports.ts";
import { createAdsWrites } from "./writes.ts";
import type { AdsWrites } from "./writes.ts";

/**
 * Everything rejects with an UpstreamError; what is aligned has one in the place of whatever could not be asked for.
 * No ids, no request.
 */
export interface SpotifyAds extends AdsWrites, AdsAudiences {
  /** The newest first. `limit` may be above Spotify's 50; `statuses` that is empty or left out is all. */
  campaigns(page: AdsPage): Promise<{ readonly total: number; readonly campaigns: readonly AdsCampaign[] }>;
  /** Aligned; null where there is no such campaign. */
  campaignsById(ids: readonly string[]): Promise<Results<AdsCampaign | null>>;
  /** Aligned; each in the order they were created. */
  adSets(campaignIds: readonly string[]): Promise<Results<readonly AdsAdSet[]>>;
  /**
   * Aligned. Ads are found by their ad sets: whoever has those already, aligned as `adSets` gave them, saves asking
   * for them again.
   */
  ads(campaignIds: readonly string[], adSets?: Results<readonly AdsAdSet[]>): Promise<Results<readonly AdsAd[]>>;
  /** Aligned; null where there is no such campaign, or it never ran. */
  reports(campaignIds: readonly string[]): Promise<Results<AdsReport | null>>;
  /** By code. Kept for an hour. */
  categories(): Promise<ReadonlyMap<string, AdsCategory>>;
  close(): Promise<void>;
}

export interface AdsPage {
  /** From 1. */
  readonly limit: number;
  /** From 0. */
  readonly offset: number;
  readonly statuses?: readonly AdsCampaignStatus[];
}

interface Page<T> {
  readonly total: number;
  readonly items: readonly T[];
}

/** The most ids a filter takes, and the most items a page holds. */
const MOST = 50;
const KEPT_MS = 3_600_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createSpotifyAds(options: SpotifyAdsOptions): SpotifyAds {
  const connection = connectSpotifyAds(options);
  const { account, get, close } = connection;
  const categories = kept(async () => {
    const codes = await get("/ad_categories", {}, CategoriesReply);
    return new Map(codes.categories.map((category) => [category.code, category]));
  }, options.now);
  /** What an account is billed in, and a report does not say. */
  const currency = kept(async () => (await get(account, {}, AccountReply)).currency_code, options.now);

  return {
    campaigns,
    campaignsById,
    adSets,
    ads,
    reports,
    categories,
    ...createAdsWrites(connection),
    ...createAdsAudiences(connection),
    close,
  };

  async function campaigns({ limit, offset, statuses = [] }: AdsPage): ReturnType<SpotifyAds["campaigns"]> {
    if (!isWhole(limit, 1)) throw new RangeError(`limit is a whole number from 1, but got ${limit}`);
    if (!isWhole(offset, 0)) throw new RangeError(`offset is a whole number from 0, but got ${offset}`);
    const page = await list("campaigns", CampaignsReply, { statuses: spelt(statuses) }, offset, limit);
    return { total: page.total, campaigns: page.items };
  }

  async function campaignsById(ids: readonly string[]): ReturnType<SpotifyAds["campaignsById"]> {
    const { found, failed } = await inChunks(ids, (chunk) => all("campaigns", CampaignsReply, { campaign_ids: chunk }));
    const byId = new Map(found.map((campaign) => [campaign.id, campaign]));
    return ids.map((id) => failed.get(id) ?? byId.get(id) ?? null);
  }

  async function adSets(ids: readonly string[]): ReturnType<SpotifyAds["adSets"]> {
    const { found, failed } = await inChunks(ids, (chunk) => all("ad_sets", AdSetsReply, { campaign_ids: chunk }));
    const byCampaign = Map.groupBy(found, ({ campaignId }) => campaignId);
    return ids.map((id) => failed.get(id) ?? byCampaign.get(id) ?? []);
  }

  async function ads(ids: readonly string[], known?: Results<readonly AdsAdSet[]>): ReturnType<SpotifyAds["ads"]> {
    const sets = known ?? (await adSets(ids));
    const adSetIds = sets.flatMap((own) => (own instanceof Error ? [] : own.map(({ id }) => id)));
    const { found, failed } = await inChunks(adSetIds, (chunk) => all("ads", AdsReply, { ad_set_ids: chunk }));
    const byAdSet = Map.groupBy(found, ({ adSetId }) => adSetId);
    return sets.map((own) => {
      if (own instanceof Error) return own;
      const missing = own.find(({ id }) => failed.has(id));
      return (missing && failed.get(missing.id)) ?? own.flatMap(({ id }) => byAdSet.get(id) ?? []);
    });
  }

  async function reports(ids: readonly string[]): ReturnType<SpotifyAds["reports"]> {
    if (!ids.some(isId)) return ids.map(() => null);
    const [{ found, failed }, unit] = await Promise.all([inChunks(ids, reportRows), currency()]);
    const byId = new Map(found.map((row) => [row.entity_id, reportOf(row, unit)]));
    return ids.map((id) => failed.get(id) ?? byId.get(id) ?? null);
  }

  async function reportRows(ids: readonly string[]): Promise<z.infer<typeof ReportReply>["rows"]> {
    const rows = [];
    let query: Query = {
      entity_type: "CAMPAIGN",
      entity_ids_type: "CAMPAIGN",
      entity_ids: ids,
      granularity: "LIFETIME",
      fields: METRICS,
      limit: MOST,
    };
    // A campaign has one row: an upstream whose pages outnumber the campaigns has lost its thread.
    for (let pages = 0; pages < ids.length; pages += 1) {
      const page = await get(`${account}/aggregate_reports`, query, ReportReply);
      rows.push(...page.rows);
      if (!page.continuation_token) return rows;
      query = { continuation_token: page.continuation_token };
    }
    throw new UpstreamError("spotify-ads", "UNEXPECTED", `its report on ${ids.length} campaigns does not end`);
  }

  /** Oldest first: what is created while we turn the pages comes last, and shifts nothing. */
  async function all<T>(name: string, reply: z.ZodType<Page<T>>, query: Query): Promise<readonly T[]> {
    return (await list(name, reply, { ...query, sort_direction: "ASC" })).items;
  }

  /** The first page says how many there are; further ones, where there are any, are asked for together. */
  async function list<T>(
    name: string,
    reply: z.ZodType<Page<T>>,
    query: Query,
    offset = 0,
    limit = Infinity,
  ): Promise<Page<T>> {
    const page = (from: number, to: number): Promise<Page<T>> =>
      get(`${account}/${name}`, { ...query, limit: Math.min(MOST, to - from), offset: from }, reply);
    const first = await page(offset, offset + limit);
    const end = Math.min(first.total, offset + limit);
    const starts: number[] = [];
    for (let start = offset + MOST; start < end; start += MOST) starts.push(start);
    const rest = await Promise.all(starts.map((start) => page(start, end)));
    return { total: first.total, items: [first, ...rest].flatMap(({ items }) => items) };
  }
}

/** Asks for each id once, fifty at a time. What cannot be an id is nobody's: Spotify would refuse the fifty for it. */
async function inChunks<T>(
  ids: readonly string[],
  fetch: (chunk: readonly string[]) => Promise<readonly T[]>,
): Promise<{ readonly found: readonly T[]; readonly failed: ReadonlyMap<string, Error> }> {
  const asked = [...new Set(ids.filter(isId))];
  const starts = Array.from({ length: Math.ceil(asked.length / MOST) }, (_none, index) => index * MOST);
  const chunks = starts.map((start) => asked.slice(start, start + MOST));
  const found: T[] = [];
  const failed = new Map<string, Error>();
  for (const [index, items] of (await results(chunks.map(fetch))).entries()) {
    if (!(items instanceof Error)) found.push(...items);
    else for (const id of chunks[index] ?? []) failed.set(id, items);
  }
  return { found, failed };
}

/** Fetched once for all that ask within the hour; a failure is not kept. */
function kept<T>(fetch: () => Promise<T>, now: () => number = Date.now): () => Promise<T> {
  const memory = createMemory<T>({ ttlMs: KEPT_MS, most: 1, now });
  return () => memory.recall("", "", fetch);
}

function isId(id: string): boolean {
  return UUID.test(id);
}

function isWhole(value: number, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least;
}
