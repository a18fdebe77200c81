/**
 * Which campaigns are there in the sandboxes' world, and which first-party data do they have?
 *
 * Records have the format of the Ads API, so that its sandbox returns them unchanged. The same scale on the same day gives the
 * same world, and a larger scale only adds to it.
 */
import { adSetsOf, adsOf } from "./ad-sets.ts";
import type { AdRecord, AdSetRecord } from "./ad-sets.ts";
import { AUDIENCES } from "./ad-set-targets.ts";
import { BRANDS } from "./brands.ts";
import { CAMPAIGNS, DAY, planAt } from "./campaign-plan.ts";
import type { CampaignStatus, Goal, Plan } from "./campaign-plan.ts";
import { reportOf } from "./campaign-reports.ts";
import type { ReportRecord } from "./campaign-reports.ts";
import { integer, random } from "./random.ts";

export interface CampaignWorld {
  readonly campaigns: readonly CampaignRecord[];
  readonly adSets: readonly AdSetRecord[];
  readonly ads: readonly AdRecord[];
  /** One for each campaign that has ad sets. */
  readonly reports: readonly ReportRecord[];
  /** The names of the audience ids of ad sets. */
  readonly audiences: readonly { readonly id: string; readonly name: string }[];
  /** The slugs of all advertisers. */
  readonly advertisers: readonly string[];
  /** One for each campaign, in the campaigns' order. */
  readonly profiles: readonly CampaignProfile[];
}

/** First-party: no upstream has it. */
export interface CampaignProfile {
  readonly campaignId: string;
  readonly tier: "STANDARD" | "PREMIUM" | "STRATEGIC";
  /** Slugs of advertisers. */
  readonly competitors: readonly string[];
}

export interface CampaignRecord {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly purchase_order?: string;
  readonly status: CampaignStatus;
  readonly delivery_goal_group: Goal;
}

/** Throws a RangeError if the scale is not a whole number from 1, or the date is invalid. */
export function createCampaigns({ scale, now }: { readonly scale: number; readonly now: Date }): CampaignWorld {
  if (!Number.isInteger(scale) || scale < 1) throw new RangeError(`scale is a whole number from 1, but got ${scale}`);
  if (Number.isNaN(now.getTime())) throw new RangeError("now is a valid date, but got an invalid one");
  const today = Math.floor(now.getTime() / DAY) * DAY;
  const plans = Array.from({ length: CAMPAIGNS * scale }, (_none, index) => planAt(index, today));
  const adSets = new Map(plans.map((plan) => [plan, adSetsOf(plan)]));
  return {
    campaigns: plans.map(campaignOf),
    adSets: [...adSets.values()].flat(),
    ads: [...adSets].flatMap(([plan, sets]) => sets.flatMap((adSet) => adsOf(plan, adSet))),
    reports: [...adSets].flatMap(([plan, sets]) => (sets.length === 0 ? [] : [reportOf(plan, sets)])),
    audiences: AUDIENCES,
    advertisers: BRANDS.map(({ slug }) => slug),
    profiles: plans.map(profileOf),
  };
}

function campaignOf({ id, index, brand, theme, status, goal, created, updated }: Plan): CampaignRecord {
  return {
    id,
    name: `${brand.name} | ${theme[0]} | ${created.slice(0, 4)}-${String(index + 1).padStart(3, "0")}`,
    created_at: created,
    updated_at: updated,
    ...(random("campaign", index, "order") < 0.4 && { purchase_order: `PO-${integer(10_000, 99_999, id)}` }),
    status,
    delivery_goal_group: goal,
  };
}

/** All campaigns of an advertiser have the same tier. */
function profileOf({ id, brand }: Plan): CampaignProfile {
  const chance = random("tier", brand.slug);
  const rivals = BRANDS.filter(({ category, slug }) => category === brand.category && slug !== brand.slug);
  return {
    campaignId: id,
    tier: chance < 0.15 ? "STRATEGIC" : chance < 0.45 ? "PREMIUM" : "STANDARD",
    competitors: rivals.slice(0, 3).map(({ slug }) => slug),
  };
}
