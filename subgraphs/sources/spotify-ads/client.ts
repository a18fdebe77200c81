/**
 * How are campaigns read from the Spotify Ads API v3? (`writes.ts` changes them.)
 *
 * In bulk: a hundred campaigns cost two requests. Lists of ids may have any length, duplicates, and ids that do not exist;
 * results are aligned with them. A failed request fails only its own campaigns, and an item that cannot be read is an error
 * in its place (`chunks.ts`).
 */
import type { z } from "zod";
import { ItemError, byId } from "../../platform/items.ts";
import { results } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { createAdsAudiences } from "./audiences.ts";
import type { AdsAudiences } from "./audiences.ts";
import { MAX_ITEMS, inChunks, isId } from "./chunks.ts";
import { connectSpotifyAds } from "./connection.ts";
import type { Query, SpotifyAdsOptions } from "./connection.ts";
import { AccountReply, AdSetsReply, AdsReply, CampaignsReply, CategoriesReply, toSpotifyStatuses } from "./replies.ts";
import type { AdsAd, AdsAdSet, AdsCampaign, AdsCampaignStatus, AdsCategory } from "./replies.ts";
import { METRICS, ReportReply, reportOf } from "./reports.ts";
import type { AdsReport, ReportRow } from "./reports.ts";
import { createAdsWrites } from "./writes.ts";
import type { AdsWrites } from "./writes.ts";

/** Methods reject with an UpstreamError; an aligned result has one at the index of each failure. No ids, no request. */
export interface SpotifyAds extends AdsWrites, AdsAudiences {
  /** Newest first. `limit` may exceed Spotify's 50; empty or absent `statuses` are all. */
  campaigns(page: AdsPage): Promise<{ readonly total: number; readonly campaigns: Results<AdsCampaign> }>;
  /** Aligned; null for a campaign that does not exist. */
  campaignsById(ids: readonly string[]): Promise<Results<AdsCampaign | null>>;
  /** Aligned; each in the order of creation. */
  adSets(campaignIds: readonly string[]): Promise<Results<Results<AdsAdSet>>>;
  /**
   * Aligned. Ads are found by their ad sets: passing the result of `adSets` saves reading them again.
   */
  ads(campaignIds: readonly string[], adSets?: Results<Results<AdsAdSet>>): Promise<Results<Results<AdsAd>>>;
  /** Aligned; null for a campaign that does not exist or never ran. `currency` saves reading it again. */
  reports(campaignIds: readonly string[], currency?: string | Error): Promise<Results<AdsReport | null>>;
  /** Of the account's bills; reports do not have it. */
  currency(): Promise<string>;
  /** Of the account. */
  categories(): Promise<Results<AdsCategory>>;
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
  /** null if it cannot be read. */
  readonly total: number | null;
  readonly items: Results<T>;
}

export function createSpotifyAds(options: SpotifyAdsOptions): SpotifyAds {
  const connection = connectSpotifyAds(options);
  const { account, get, close } = connection;

  return {
    campaigns,
    campaignsById,
    adSets,
    ads,
    reports,
    currency,
    categories: async () => (await get("/ad_categories", {}, CategoriesReply)).categories,
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
    const found = await inChunks(ids, {
      fetch: (chunk) => all("campaigns", CampaignsReply, { campaign_ids: chunk }),
      idOf: ({ id }) => id,
    });
    return ids.map((id) => oneOf(found.get(id)));
  }

  async function adSets(ids: readonly string[]): ReturnType<SpotifyAds["adSets"]> {
    const found = await inChunks(ids, {
      fetch: (chunk) => all("ad_sets", AdSetsReply, { campaign_ids: chunk }),
      idOf: ({ campaignId }) => campaignId,
      ofBad: ({ ownerId }) => ownerId,
    });
    return ids.map((id) => found.get(id) ?? []);
  }

  async function ads(ids: readonly string[], known?: Results<Results<AdsAdSet>>): ReturnType<SpotifyAds["ads"]> {
    const sets = known ?? (await adSets(ids));
    const adSetIds = sets.flatMap((own) => (own instanceof Error ? [] : own.flatMap((set) => idOfAdSet(set) ?? [])));
    const found = await inChunks(adSetIds, {
      fetch: (chunk) => all("ads", AdsReply, { ad_set_ids: chunk }),
      idOf: ({ adSetId }) => adSetId,
      ofBad: ({ ownerId }) => ownerId,
    });
    return sets.map((own) => {
      if (own instanceof Error) return own;
      const perSet = own.map((set) => {
        const id = idOfAdSet(set);
        if (id !== undefined) return found.get(id) ?? [];
        // Its ads cannot be found.
        return set instanceof Error ? [set] : [];
      });
      return (
        perSet.find((list) => list instanceof Error) ?? perSet.flatMap((list) => (list instanceof Error ? [] : list))
      );
    });
  }

  async function currency(): Promise<string> {
    return (await get(account, {}, AccountReply)).currency_code;
  }

  async function reports(ids: readonly string[], known?: string | Error): ReturnType<SpotifyAds["reports"]> {
    if (!ids.some(isId)) return ids.map(() => null);
    const [found, [unit = ""]] = await Promise.all([
      inChunks(ids, { fetch: reportRows, idOf: ({ entity_id: id }) => id }),
      known === undefined ? results([currency()]) : [known],
    ]);
    return ids.map((id) => {
      const row = oneOf(found.get(id));
      return row === null || row instanceof Error ? row : reportOf(row, unit);
    });
  }

  async function reportRows(ids: readonly string[]): Promise<Results<ReportRow>> {
    const rows: (ReportRow | Error)[] = [];
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
      const { continuation_token: token } = page;
      if (token === null) return [...rows, ...(await reportRowsOfOthers(ids, rows))];
      if (token === "") return rows;
      query = { continuation_token: token };
    }
    throw new UpstreamError("spotify-ads", "UNEXPECTED", `its report on ${ids.length} campaigns does not end`);
  }

  /** Without a readable token nobody knows whether there is another page: those without a row are asked for again. */
  async function reportRowsOfOthers(ids: readonly string[], rows: Results<ReportRow>): Promise<Results<ReportRow>> {
    const found = byId(rows, ({ entity_id: id }) => id);
    const others = ids.filter((id) => found.get(id) === undefined);
    return others.length > 0 && others.length < ids.length ? reportRows(others) : [];
  }

  /** Oldest first: an item that is created between two pages comes last and shifts no other. */
  async function all<T>(name: string, reply: z.ZodType<Page<T>>, query: Query): Promise<Results<T>> {
    const { total, items } = await list(name, reply, { ...query, sort_direction: "ASC" });
    // One that is left out may be the one that decides.
    if (items.length >= total) return items;
    throw new UpstreamError("spotify-ads", "UNEXPECTED", `it listed ${items.length} of ${total} ${name}`);
  }

  /**
   * The first page has the total; the other pages are read concurrently. Without a readable total the list is read to its
   * end, one page after the other.
   */
  async function list<T>(
    name: string,
    reply: z.ZodType<Page<T>>,
    query: Query,
    offset = 0,
    limit = Infinity,
  ): Promise<{ readonly total: number; readonly items: Results<T> }> {
    const page = (from: number, to: number): Promise<Page<T>> =>
      get(`${account}/${name}`, { ...query, limit: Math.min(MAX_ITEMS, to - from), offset: from }, reply);
    const first = await page(offset, offset + limit);
    if (first.total === null) return toTheEnd((from) => page(from, from + MAX_ITEMS), offset, limit);
    const end = Math.min(first.total, offset + limit);
    const starts: number[] = [];
    for (let start = offset + MAX_ITEMS; start < end; start += MAX_ITEMS) starts.push(start);
    const rest = await Promise.all(starts.map((start) => page(start, end)));
    const pages = [first, ...rest];
    // While it was read, the list may have become shorter.
    const total = Math.min(...pages.map((one) => one.total ?? 0));
    return { total, items: pages.flatMap((one) => one.items) };
  }
}

/** `total` counts what is before the offset too, which is taken to exist. */
async function toTheEnd<T>(
  page: (from: number) => Promise<Page<T>>,
  offset: number,
  limit: number,
): Promise<{ readonly total: number; readonly items: Results<T> }> {
  const found: (T | Error)[] = [];
  for (let isLast = false; !isLast;) {
    const { items } = await page(offset + found.length);
    found.push(...items);
    isLast = items.length < MAX_ITEMS;
  }
  return { total: offset + found.length, items: found.slice(0, limit) };
}

/** Of an item that is asked for by its own id. */
function oneOf<T>(found: Results<T> | Error | undefined): T | null | Error {
  return found instanceof Error ? found : (found?.[0] ?? null);
}

/** A bad one may still have its id, by which its ads are found. */
function idOfAdSet(set: AdsAdSet | Error): string | undefined {
  return set instanceof Error && !(set instanceof ItemError) ? undefined : set.id;
}

function isInteger(value: number, min: number): boolean {
  return Number.isSafeInteger(value) && value >= min;
}
