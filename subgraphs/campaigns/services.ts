/**
 * How do the resolvers and commands of this subgraph read its sources in batches, and never twice in a request?
 *
 * By one loader per source and request. A loader resolves all keys of a batch in the same tick, so the resolvers that wait
 * for it continue together and their decisions are one batch too; each key has its own value or error.
 */
import DataLoader from "dataloader";
import { readOwn } from "../platform/accounts.ts";
import type { AccountsOf } from "../platform/accounts.ts";
import { perRequest } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import type { DecideFor } from "../pipeline/loader.ts";
import type { Recall } from "../pipeline/recall.ts";
import { factLoader, useFacts } from "../platform/facts/used.ts";
import type { AdsFacts } from "../sources/spotify-ads/facts.ts";
import type { AdsAd, AdsAdSet } from "../sources/spotify-ads/replies.ts";
import type { AdsReport } from "../sources/spotify-ads/reports.ts";
import { requireAll, results } from "../platform/results.ts";
import type { Results } from "../platform/results.ts";
import { unique } from "../platform/unique.ts";
import type { Eligibility } from "../server/eligibility.ts";
import { createAlternatives } from "./activation/alternatives.ts";
import type { Alternatives } from "./activation/alternatives.ts";
import type { Campaign } from "./campaign/campaign.ts";
import { createListCampaigns } from "./campaign/list.ts";
import type { ListCampaigns } from "./campaign/list.ts";
import type { CampaignRegister } from "./campaign/register.ts";
import { campaignActivationFacts, marketingActivation } from "./decisions/marketing-activation.ts";
import { routingFacts } from "./decisions/case-routing.ts";
import type { CampaignFacts } from "./decisions/campaign-facts.ts";
import { listLoaders } from "../platform/lists.ts";
import type { ListLoaders } from "../platform/lists.ts";
import type {
  CampaignProfile,
  CampaignRecords,
  CaseRecord,
  CaseRecords,
  StatusRequest,
} from "../records/campaigns/types.ts";
import type { SponsorshipRecord, SponsorshipRecords } from "../records/campaigns/types.ts";
import { toCampaign } from "./campaign/to-campaign.ts";
import { categorySlugs, countriesOf, gapsOf, targetsOf } from "./campaign/targets.ts";

export interface CampaignSources {
  readonly ads: AdsFacts;
  readonly register: CampaignRegister;
  readonly records: CampaignRecords;
  readonly cases: CaseRecords;
  readonly sponsorships: SponsorshipRecords;
  readonly decide: DecideFor;
  readonly recall: Recall;
  readonly eligibility: Eligibility;
  /** In milliseconds since the epoch. */
  readonly now: () => number;
}

export interface CampaignServices extends CampaignSources {
  readonly alternatives: Alternatives;
  readonly list: ListCampaigns;
  /** Whether each campaign may go live, aligned; undefined for one of which it cannot be decided. */
  readonly activations: (context: Context, campaigns: readonly Campaign[]) => Promise<readonly (boolean | undefined)[]>;
  readonly load: (context: Context) => CampaignLoaders;
}

/** Keyed by the id of a campaign in Spotify Ads; `item` of cases and sponsorships by their own ids. */
export interface CampaignLoaders {
  readonly campaign: DataLoader<string, Campaign | null>;
  readonly adSets: DataLoader<string, Results<AdsAdSet>>;
  readonly ads: DataLoader<string, Results<AdsAd>>;
  readonly report: DataLoader<string, AdsReport | null>;
  readonly profile: DataLoader<string, Profile>;
  readonly statusRequest: DataLoader<string, StatusRequest | null>;
  readonly facts: DataLoader<Campaign, CampaignFacts>;
  readonly cases: ListLoaders<CaseRecord>;
  readonly routing: DataLoader<CaseRecord, ReturnType<typeof routingFacts>, string>;
  readonly sponsorships: ListLoaders<SponsorshipRecord>;
}

type Profile = Pick<CampaignProfile, "tier" | "competitors">;

/** For a campaign without a stored profile. */
const DEFAULT_PROFILE: Profile = { tier: "STANDARD", competitors: [] };

export function campaignServices(sources: CampaignSources): CampaignServices {
  const load = loadersOf(sources);
  const { ads, register } = sources;
  const list = createListCampaigns(sources, load);
  const activations: CampaignServices["activations"] = async (context, campaigns) => {
    const known = await load(context).facts.loadMany(campaigns);
    const subjects = campaigns.map(({ id, status }, index) => ({
      subject: id,
      facts: activationOf(status, known[index]),
    }));
    return sources.eligibility.among(context, marketingActivation, subjects);
  };
  return { ...sources, alternatives: createAlternatives(ads, register), list, activations, load };
}

function activationOf(status: Campaign["status"], known: CampaignFacts | Error | undefined) {
  if (known === undefined) return new Error("nothing is known of a campaign");
  return known instanceof Error ? known : campaignActivationFacts(status, known);
}

function loadersOf({ ads, register, records, cases, sponsorships, now }: CampaignSources): CampaignServices["load"] {
  const accountsOf: AccountsOf = (ids) => register.accountsOf(ids);
  return perRequest((context) => {
    const readCampaigns = async (ids: readonly string[]): Promise<Results<Campaign | null>> =>
      (await useFacts(context, ads.campaign, ids)).map((fact) =>
        fact instanceof Error ? fact : fact.value && toCampaign(fact.value, fact.asOf),
      );
    const adSets = factLoader(context, ads.adSets);
    const profile = new DataLoader(async (ids: readonly string[]) =>
      (await records.profiles(ids)).map((stored) => stored ?? DEFAULT_PROFILE),
    );
    const factsOf = async ({ adsId, goal }: Campaign): Promise<CampaignFacts> => {
      const [all, campaignProfile, categories] = await Promise.all([
        adSets.load(adsId),
        profile.load(adsId),
        ads.categories(context),
      ]);
      // An ad set that cannot be read may be the one that decides.
      const sets = requireAll(all);
      return {
        goal,
        categories: categorySlugs(sets, categories),
        countries: countriesOf(sets),
        languages: unique(sets.flatMap(({ targets }) => targets.language ?? [])),
        targets: targetsOf(sets),
        gaps: gapsOf(sets),
        profile: campaignProfile,
      };
    };
    const routingOf = async (record: CaseRecord): Promise<ReturnType<typeof routingFacts>> => {
      const tier = record.campaignId === null ? "NONE" : (await profile.load(record.campaignId)).tier;
      return routingFacts(record, tier, now());
    };
    return {
      campaign: new DataLoader(readOwn(context, accountsOf, readCampaigns)),
      adSets,
      ads: factLoader(context, ads.ads),
      report: factLoader(context, ads.report),
      profile,
      statusRequest: new DataLoader(async (ids: readonly string[]) =>
        (await records.statusRequests(ids)).map((request) => request ?? null),
      ),
      facts: new DataLoader((campaigns: readonly Campaign[]) => results(campaigns.map(factsOf)), {
        cacheKeyFn: ({ adsId }) => adsId,
      }),
      cases: listLoaders(context, cases, { accountsOf, ownerOf: ({ campaignId }) => campaignId }),
      // Only a case about a campaign waits for a profile: the loader keeps all cases in one tick, and so in one batch.
      routing: new DataLoader((records: readonly CaseRecord[]) => results(records.map(routingOf)), {
        cacheKeyFn: ({ id }) => id,
      }),
      sponsorships: listLoaders(context, sponsorships, { accountsOf, ownerOf: ({ campaignId }) => campaignId }),
    };
  });
}
