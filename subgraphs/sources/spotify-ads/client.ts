/**
 * How are campaigns read from the Spotify Ads API v3? (`writes.ts` changes them.)
 *
 * In bulk: a hundred campaigns cost two requests. Lists of ids may have any length, duplicates, and ids that do not exist;
 * results are aligned with them. A failed request fails only its own campaigns.
 */
import type { z } from "zod";
import { monotonic } from "../../platform/clock.ts";
import { results } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { createLoadCache } from "../../platform/load-cache.ts";
import { createAdsAudiences } from "./audiences.ts";
import type { AdsAudiences } from "./audiences.ts";
import { connectSpotifyAds } from "./connection.ts";
import type { Query, SpotifyAdsOptions } from "./connection.ts";
import { AccountReply, AdSetsReply, AdsReply, CampaignsReply, CategoriesReply, toSpotifyStatuses } from "./replies.ts";
import type { AdsAd, AdsAdSet, AdsCampaign, AdsCampaignStatus, AdsCategory } from "./replies.ts";
import { METRICS, ReportReply, reportOf } from "./reports.ts";
import type { AdsReport } from "./reports.ts";
import { createAdsWrites } from "./writes.ts";
import type { AdsWrites } from "./writes.ts";

/** Methods reject with an UpstreamError; an aligned result has one at the index of each failure. No ids, no request. */
export interface SpotifyAds extends AdsWrites, AdsAudiences {
  /** Newest first. `limit` may exceed Spotify's 50; empty or absent `statuses` are all. */
  campaigns(page: AdsPage): Promise<{ readonly total: number; readonly campaigns: readonly AdsCampaign[] }>;
  /** Aligned; null for a campaign that does not exist. */
  campaignsById(ids: readonly string[]): Promise<Results<AdsCampaign | null>>;
  /** Aligned; each in the order of creation. */
  adSets(campaignIds: readonly string[]): Promise<Results<readonly AdsAdSet[]>>;
  /**
   * Aligned. Ads are found by their ad sets: passing the result of `adSets` saves reading them again.
   */
  ads(campaignIds: readonly string[], adSets?: Results<readonly AdsAdSet[]>): Promise<Results<readonly AdsAd[]>>;
  /** Aligned; null for a campaign that does not exist or never ran. */
  reports(campaignIds: readonly string[]): Promise<Results<AdsReport | null>>;
  /** By code. Cached for an hour. */
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

/** The maximum number of ids in a filter, and of items in a page. */
const MAX_ITEMS = 50;
const CACHE_MS = 3_600_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createSpotifyAds(options: SpotifyAdsOptions): SpotifyAds {
  const connection = connectSpotifyAds(options);
  const { account, get, close } = connection;
  const categories = cachedHourly(async () => {
    const codes = await get("/ad_categories", {}, CategoriesReply);
    return new Map(codes.categories.map((category) => [category.code, category]));
  }, options.now);
  /** Of the account's bills; reports do not have it. */
  const currency = cachedHourly(async () => (await get(account, {}, AccountReply)).currency_code, options.now);

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
    if (!isInteger(limit, 1)) throw new RangeError(`limit is a whole number from 1, but got ${limit}`);
    if (!isInteger(offset, 0)) throw new RangeError(`offset is a whole number from 0, but got ${offset}`);
    const page = await list("campaigns", CampaignsReply, { statuses: toSpotifyStatuses(statuses) }, offset, limit);
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
      limit: MAX_ITEMS,
    };
    // A campaign has one row, so there are at most as many pages as campaigns.
    for (let pages = 0; pages < ids.length; pages += 1) {
      const page = await get(`${account}/aggregate_reports`, query, ReportReply);
      rows.push(...page.rows);
      if (!page.continuation_token) return rows;
      query = { continuation_token: page.continuation_token };
    }
    throw new UpstreamError("spotify-ads", "UNEXPECTED", `its report on ${ids.length} campaigns does not end`);
  }

  /** Oldest first: an item that is created between two pages comes last and shifts no other. */
  async function all<T>(name: string, reply: z.ZodType<Page<T>>, query: Query): Promise<readonly T[]> {
    return (await list(name, reply, { ...query, sort_direction: "ASC" })).items;
  }

  /** The first page has the total; the other pages are read concurrently. */
  async function list<T>(
    name: string,
    reply: z.ZodType<Page<T>>,
    query: Query,
    offset = 0,
    limit = Infinity,
  ): Promise<Page<T>> {
    const page = (from: number, to: number): Promise<Page<T>> =>
      get(`${account}/${name}`, { ...query, limit: Math.min(MAX_ITEMS, to - from), offset: from }, reply);
    const first = await page(offset, offset + limit);
    const end = Math.min(first.total, offset + limit);
    const starts: number[] = [];
    for (let start = offset + MAX_ITEMS; start < end; start += MAX_ITEMS) starts.push(start);
    const rest = await Promise.all(starts.map((start) => page(start, end)));
    return { total: first.total, items: [first, ...rest].flatMap(({ items }) => items) };
  }
}

/** Reads each id once, fifty in a request. A malformed id is not sent: Spotify would refuse the whole request. */
async function inChunks<T>(
  ids: readonly string[],
  fetch: (chunk: readonly string[]) => Promise<readonly T[]>,
): Promise<{ readonly found: readonly T[]; readonly failed: ReadonlyMap<string, Error> }> {
  const validIds = [...new Set(ids.filter(isId))];
  const starts = Array.from({ length: Math.ceil(validIds.length / MAX_ITEMS) }, (_, index) => index * MAX_ITEMS);
  const chunks = starts.map((start) => validIds.slice(start, start + MAX_ITEMS));
  const found: T[] = [];
  const failed = new Map<string, Error>();
  for (const [index, items] of (await results(chunks.map(fetch))).entries()) {
    if (!(items instanceof Error)) found.push(...items);
    else for (const id of chunks[index] ?? []) failed.set(id, items);
  }
  return { found, failed };
}

/** A failure is not cached. */
function cachedHourly<T>(fetch: () => Promise<T>, now: () => number = monotonic): () => Promise<T> {
  const cache = createLoadCache<T>({ ttlMs: CACHE_MS, maxEntries: 1, now });
  return () => cache.getOrLoad("", "", fetch);
}

function isId(id: string): boolean {
  return UUID.test(id);
}

function isInteger(value: number, min: number): boolean {
  return Number.isSafeInteger(value) && value >= min;
}
