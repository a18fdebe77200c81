/**
 * What is known of campaigns, and for how long?
 *
 * Reads go through the facts cache. After a write the campaign is dropped from it, also where the write failed, because it
 * may have happened. Lists are kept by pages of fifty, whatever page a client asks for, and tell of their campaigns too.
 */
import { campaignId } from "../../../schema/id.ts";
import type { UpstreamFacts } from "../../platform/facts/facts.ts";
import type { Fact, Kind } from "../../platform/facts/kind.ts";
import { useFacts } from "../../platform/facts/used.ts";
import type { FactContext } from "../../platform/facts/used.ts";
import { byId } from "../../platform/items.ts";
import type { ById } from "../../platform/items.ts";
import { requireAll, results, withoutErrors } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import { MAX_ITEMS } from "./chunks.ts";
import type { AdsPage, SpotifyAds } from "./client.ts";
import type { AdsAd, AdsAdSet, AdsCampaign, AdsCampaignStatus, AdsCategory } from "./replies.ts";
import type { AdsReport } from "./reports.ts";
import type { AdsRetargeting } from "./writes.ts";

export interface AdsFacts extends Pick<SpotifyAds, "setCampaignStatus" | "audiences" | "ensureAudience" | "close"> {
  /** By id, as all others; null for one that does not exist. */
  readonly campaign: Kind<AdsCampaign | null>;
  /** Of a campaign, in the order of creation. */
  readonly adSets: Kind<Results<AdsAdSet>>;
  /** Of a campaign. */
  readonly ads: Kind<Results<AdsAd>>;
  /** Of a campaign; null for one that does not exist or never ran. */
  readonly report: Kind<AdsReport | null>;
  /** Newest first. */
  campaigns(
    context: FactContext,
    page: AdsPage,
  ): Promise<{ readonly total: number; readonly campaigns: Results<Fact<AdsCampaign>> }>;
  /** By code. */
  categories(context: FactContext): Promise<ById<AdsCategory>>;
  /** As `SpotifyAds.retargetAdSet`, for an ad set of this campaign. */
  retargetAdSet(
    campaignId: string,
    adSetId: string,
    audiences: AdsRetargeting,
  ): ReturnType<SpotifyAds["retargetAdSet"]>;
}

interface ListedPage {
  readonly total: number;
  readonly campaigns: Results<AdsCampaign>;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** What a media buyer may change at any time. */
const CHANGEABLE = { freshForMs: 30 * SECOND_MS, staleForMs: 5 * MINUTE_MS, shape: 1 };
/** What is shown and decides nothing. */
const SHOWN = { freshForMs: 5 * MINUTE_MS, staleForMs: HOUR_MS, shape: 1 };
/** What Spotify itself changes. */
const SETTLED = { freshForMs: HOUR_MS, staleForMs: 24 * HOUR_MS, shape: 1 };
/** Entities in memory: up to 1 KB each. */
const MAX_CAMPAIGNS = 20_000;
const MAX_PAGES = 2000;
/** Of what an account has one. */
const ONE = "";
/** Of what is only shown. */
const NOBODY = (): undefined => undefined;

export function createAdsFacts(client: SpotifyAds, { kind }: UpstreamFacts): AdsFacts {
  const campaign = kind<AdsCampaign | null>({
    entity: "campaign",
    subjectOf: (id) => campaignId.encode(id),
    ...CHANGEABLE,
    max: MAX_CAMPAIGNS,
    load: (ids) => client.campaignsById(ids),
  });
  const adSets = kind<Results<AdsAdSet>>({
    entity: "ad sets",
    subjectOf: (id) => campaignId.encode(id),
    ...CHANGEABLE,
    max: MAX_CAMPAIGNS,
    load: (ids) => client.adSets(ids),
  });
  const ads = kind<Results<AdsAd>>({
    entity: "ads",
    subjectOf: NOBODY,
    ...SHOWN,
    max: MAX_CAMPAIGNS,
    load: async (ids) => client.ads(ids, (await adSets.get(ids)).map(valueOf)),
  });
  const currency = kind<string>({
    entity: "currency",
    subjectOf: NOBODY,
    ...SETTLED,
    max: 1,
    load: async () => [await client.currency()],
  });
  const report = kind<AdsReport | null>({
    entity: "report",
    subjectOf: NOBODY,
    ...SHOWN,
    max: MAX_CAMPAIGNS,
    load: async (ids) => client.reports(ids, ...(await currency.get([ONE])).map(valueOf)),
  });
  const categoryList = kind<Results<AdsCategory>>({
    entity: "categories",
    ...SETTLED,
    max: 1,
    load: async () => [await client.categories()],
  });
  const pages = kind<ListedPage>({
    entity: "campaign page",
    subjectOf: NOBODY,
    ...CHANGEABLE,
    max: MAX_PAGES,
    groupOf: () => ONE,
    load: (keys) => results(keys.map((key) => campaign.learn(() => readPage(key), campaignsIn))),
  });
  /** By the list that it was made from. */
  const byCode = new WeakMap<Results<AdsCategory>, ById<AdsCategory>>();

  return {
    campaign,
    adSets,
    ads,
    report,

    async campaigns(context, { limit, offset, statuses = [] }) {
      const first = Math.floor(offset / MAX_ITEMS);
      const read = async (numbers: readonly number[]): Promise<readonly Fact<ListedPage>[]> =>
        requireAll(
          await useFacts(
            context,
            pages,
            numbers.map((number) => pageKey(number, statuses)),
          ),
        );
      const [start] = await read([first]);
      const total = start?.value.total ?? 0;
      const end = Math.min(total, offset + limit);
      const others = Array.from(
        { length: Math.max(0, Math.ceil(end / MAX_ITEMS) - first - 1) },
        (_, n) => first + 1 + n,
      );
      const all = [...(start ? [start] : []), ...(await read(others))].flatMap(({ value, asOf, freshUntil }) =>
        value.campaigns.map((each) => (each instanceof Error ? each : { value: each, asOf, freshUntil })),
      );
      const skipped = offset - first * MAX_ITEMS;
      return { total, campaigns: all.slice(skipped, skipped + limit) };
    },

    async categories(context) {
      const [list] = requireAll(await useFacts(context, categoryList, [ONE]));
      const all = list?.value ?? [];
      const known = byCode.get(all) ?? byId(all, ({ code }) => code);
      byCode.set(all, known);
      return known;
    },

    async setCampaignStatus(id, status) {
      try {
        return await client.setCampaignStatus(id, status);
      } finally {
        await Promise.all([campaign.drop([id]), pages.drop([ONE])]);
      }
    },

    async retargetAdSet(campaignId, adSetId, audiences) {
      try {
        return await client.retargetAdSet(adSetId, audiences);
      } finally {
        await adSets.drop([campaignId]);
      }
    },

    audiences: () => client.audiences(),
    ensureAudience: (name, key, once) => client.ensureAudience(name, key, once),
    close: () => client.close(),
  };

  function readPage(key: string): Promise<ListedPage> {
    const { number, statuses } = pageOf(key);
    return client.campaigns({ limit: MAX_ITEMS, offset: number * MAX_ITEMS, statuses });
  }
}

function campaignsIn({ campaigns }: ListedPage): ReadonlyMap<string, AdsCampaign> {
  return new Map(withoutErrors(campaigns).map((campaign) => [campaign.id, campaign]));
}

function pageKey(number: number, statuses: readonly AdsCampaignStatus[]): string {
  return [number, ...statuses.toSorted()].join(" ");
}

function pageOf(key: string): { readonly number: number; readonly statuses: readonly AdsCampaignStatus[] } {
  const [number, ...statuses] = key.split(" ");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made by pageKey
  return { number: Number(number), statuses: statuses as AdsCampaignStatus[] };
}

function valueOf<Value>(fact: Fact<Value> | Error): Value | Error {
  return fact instanceof Error ? fact : fact.value;
}
