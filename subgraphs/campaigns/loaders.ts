/**
 * How does this subgraph get at what it knows of campaigns, without asking twice or one by one?
 *
 * One loader for each source, for each request. A loader answers all keys of a batch at the same moment, so resolvers
 * that wait for one go on together, and their decisions become one batch.
 */
import DataLoader from "dataloader";
import { campaignId } from "../../schema/id.ts";
import { perRequest } from "../context.ts";
import type { Context } from "../context.ts";
import type { DecideFor } from "../decisions/loader.ts";
import type { AdsAd, AdsAdSet, AdsCampaign, AdsReport, SpotifyAds } from "../sources/spotify-ads.ts";
import { Campaign } from "./campaign.ts";
import type { CampaignFacts } from "./decisions.ts";
import type { CampaignProfile, CampaignRecords } from "./records.ts";
import { targetsOf } from "./targets.ts";

export interface CampaignSources {
  readonly ads: SpotifyAds;
  readonly records: CampaignRecords;
  readonly decide: DecideFor;
}

export interface CampaignServices extends CampaignSources {
  readonly load: (context: Context) => CampaignLoaders;
}

/** All keyed by the id Spotify Ads gives a campaign. */
export interface CampaignLoaders {
  readonly campaign: DataLoader<string, Campaign | null>;
  readonly adSets: DataLoader<string, readonly AdsAdSet[]>;
  readonly ads: DataLoader<string, readonly AdsAd[]>;
  readonly report: DataLoader<string, AdsReport | null>;
  readonly profile: DataLoader<string, Profile>;
  readonly facts: DataLoader<Campaign, CampaignFacts>;
}

type Profile = Pick<CampaignProfile, "tier" | "competitors">;

/** What is true of a campaign until somebody says otherwise. */
const NO_PROFILE: Profile = { tier: "STANDARD", competitors: [] };

export function campaignServices(sources: CampaignSources): CampaignServices {
  return { ...sources, load: loadersOf(sources) };
}

function loadersOf({ ads, records }: CampaignSources): CampaignServices["load"] {
  return perRequest(() => {
    const adSets = new DataLoader((ids: readonly string[]) => ads.adSets(ids));
    const profile = new DataLoader(async (ids: readonly string[]) =>
      (await records.profiles(ids)).map((known) => known ?? NO_PROFILE),
    );
    const factsOf = async ({ adsId, goal }: Campaign): Promise<CampaignFacts> => {
      const [sets, own, categories] = await Promise.all([adSets.load(adsId), profile.load(adsId), ads.categories()]);
      return {
        goal,
        category: slug(categoryName(sets, categories)),
        languages: unique(sets.flatMap(({ targets }) => targets.language ?? [])),
        targets: targetsOf(sets),
        profile: own,
      };
    };
    return {
      campaign: new DataLoader(async (ids: readonly string[]) =>
        (await ads.campaignsById(ids)).map((campaign) => campaign && toCampaign(campaign)),
      ),
      adSets,
      ads: new DataLoader(async (ids: readonly string[]) => ads.ads(ids, await all(adSets, ids))),
      report: new DataLoader((ids: readonly string[]) => ads.reports(ids)),
      profile,
      facts: new DataLoader((campaigns: readonly Campaign[]) => Promise.all(campaigns.map(factsOf)), {
        cacheKeyFn: ({ adsId }) => adsId,
      }),
    };
  });
}

export function toCampaign(campaign: AdsCampaign): Campaign {
  return Object.assign(new Campaign(), {
    id: campaignId.encode(campaign.id),
    name: campaign.name,
    status: campaign.status,
    adsId: campaign.id,
    goal: campaign.goal,
  });
}

/** What a loader has for all keys, or the first error of any. */
function all<Value>(loader: DataLoader<string, Value>, keys: readonly string[]): Promise<readonly Value[]> {
  return Promise.all(keys.map((key) => loader.load(key)));
}

/** A campaign is in the category of its first ad set that has one. */
export function categoryName(
  sets: readonly AdsAdSet[],
  categories: ReadonlyMap<string, { readonly name: string }>,
): string | null {
  const code = sets.find(({ category }) => category !== null)?.category;
  return (code && categories.get(code)?.name) ?? null;
}

/** `Casinos and Gambling` → `casinos-and-gambling`. */
function slug(name: string | null): string | null {
  return (
    name &&
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "")
  );
}

function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}
