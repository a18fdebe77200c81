/**
 * Which ad sets does a campaign of the world have, and which ads do they run?
 *
 * One for each country, the advertiser's home country first. A draft has none. Unrestricted advertisers run in most
 * countries, so that every blocked campaign has an alternative.
 */
import { targetsOf } from "./ad-set-targets.ts";
import type { TargetsRecord } from "./ad-set-targets.ts";
import { COUNTRIES, FOR_EVERYBODY } from "./brands.ts";
import { GOALS, at, timestamp } from "./campaign-plan.ts";
import type { CampaignStatus, Plan } from "./campaign-plan.ts";
import { integer, random, spotifyId, uuid } from "./random.ts";

export interface AdSetRecord {
  readonly id: string;
  readonly name: string;
  readonly campaign_id: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly start_time: string;
  readonly end_time: string;
  readonly budget: { readonly micro_amount: number; readonly type: "DAILY" | "LIFETIME"; readonly currency: string };
  readonly bid_strategy: "MAX_BID";
  readonly bid_micro_amount: number;
  readonly cost_model: "CPM";
  readonly pacing: "PACING_EVEN";
  readonly asset_format: "AUDIO" | "VIDEO";
  readonly category?: string;
  readonly delivery: "ON" | "OFF";
  readonly delivery_goal: string;
  readonly promotion?: { readonly promotion_goal: "ARTIST_PROMO"; readonly promotion_target_id: string };
  readonly status: AdSetStatus;
  readonly is_paused: boolean;
  readonly pause_reason?: "USER_PAUSED";
  readonly reject_reasons?: readonly Readonly<Record<string, string>>[];
  readonly targets: TargetsRecord;
}

export interface AdRecord {
  readonly id: string;
  readonly name: string;
  readonly ad_set_id: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly start_time: string;
  readonly end_time: string;
  readonly status: "ACTIVE" | "APPROVED" | "PENDING" | "REJECTED" | "ARCHIVED";
  readonly delivery: "ON" | "OFF";
  readonly advertiser_name: string;
  readonly tagline: string;
  readonly call_to_action: Readonly<Record<"key" | "text" | "language" | "clickthrough_url", string>>;
  readonly assets: Readonly<Record<"asset_id" | "companion_asset_id" | "logo_asset_id", string>>;
}

export type AdSetStatus = (typeof AD_SET_STATUS)[CampaignStatus] | "COMPLETED" | "REJECTED";

const AD_SET_STATUS = {
  ACTIVE: "ACTIVE",
  AGENT_CONTROLLED: "ACTIVE",
  PAUSED: "ACTIVE",
  ACTIVE_RESTRICTED: "ACTIVE_RESTRICTED",
  ARCHIVED: "ARCHIVED",
  PENDING_ADVERTISER_REVIEW: "PENDING_APPROVAL",
  UNRECOGNIZED: "APPROVED",
  UNSET: "READY",
} as const;

/**
 * The positions of campaigns whose ad sets have no category. Never a country's only bank, or its rule would match no
 * campaign; never an alternative.
 */
const WITHOUT_CATEGORY_AT = new Set([44, 47]);
/** The position of the campaign whose last ad set has no country. */
const WITHOUT_COUNTRY_AT = 49;

/** An ad account is billed in one currency, wherever its ads run. */
export const CURRENCY = "EUR";

export function countAdSets({ index, status, category }: Plan): number {
  if (status === "UNSET") return 0;
  const [least, most] = FOR_EVERYBODY.has(category.name) ? [7, 10] : [1, 3];
  return integer(least, most, "campaign", index, "ad sets");
}

export function adSetsOf(plan: Plan): readonly AdSetRecord[] {
  return Array.from({ length: countAdSets(plan) }, (_none, nth) => adSetAt(plan, nth));
}

/** `campaign` is the campaign's index. */
export function adSetIdOf(campaign: number, nth: number): string {
  return uuid("ad set", campaign, nth);
}

export function adSetNameOf(plan: Plan, nth: number): string {
  return [plan.brand.name, countryOf(plan, nth), nth + 1].filter((part) => part !== undefined).join(" ");
}

function countryOf(plan: Plan, nth: number): string | undefined {
  if (plan.position === WITHOUT_COUNTRY_AT && nth === countAdSets(plan) - 1) return undefined;
  if (nth === 0) return plan.brand.home;
  const abroad = [...COUNTRIES.keys()].filter((country) => country !== plan.brand.home);
  const start = integer(0, abroad.length - 1, "campaign", plan.index, "abroad");
  // In steps of five, which reach each of the other eleven countries once.
  return at(abroad, start + 5 * (nth - 1));
}

export function adSetAt(plan: Plan, nth: number): AdSetRecord {
  const { index, goal, position } = plan;
  const name = ["ad set", index, nth] as const;
  const country = countryOf(plan, nth);
  const paused = plan.status === "PAUSED";
  const status = adSetStatusOf(plan, nth);
  const daily = random(...name, "budget") < 0.3;
  return {
    id: adSetIdOf(index, nth),
    name: adSetNameOf(plan, nth),
    campaign_id: plan.id,
    created_at: plan.created,
    updated_at: plan.updated,
    start_time: timestamp(plan.start),
    end_time: timestamp(plan.end),
    budget: {
      micro_amount: (daily ? integer(4, 80, ...name, "daily") * 12.5 : integer(10, 400, ...name, "total") * 50) * 1e6,
      type: daily ? "DAILY" : "LIFETIME",
      currency: CURRENCY,
    },
    bid_strategy: "MAX_BID",
    bid_micro_amount: integer(6, 20, ...name, "bid") * 1e6,
    cost_model: "CPM",
    pacing: "PACING_EVEN",
    asset_format: random(...name, "format") < 0.75 ? "AUDIO" : "VIDEO",
    ...(!WITHOUT_CATEGORY_AT.has(position) && { category: plan.category.code }),
    delivery: paused ? "OFF" : "ON",
    delivery_goal: GOALS[goal].delivery,
    ...(goal === "ENGAGEMENT_ON_SPOTIFY" && {
      promotion: { promotion_goal: "ARTIST_PROMO", promotion_target_id: spotifyId("artist", index) },
    }),
    status,
    is_paused: paused,
    ...(paused && { pause_reason: "USER_PAUSED" }),
    ...(status === "REJECTED" && { reject_reasons: [REJECTION] }),
    targets: targetsOf(plan, country, name),
  };
}

const REJECTION = {
  rejection: "The landing page does not belong to the advertiser",
  rejection_key: "AD_POLICY_VIOLATION_REJECTION",
  remediation: "Submit a new ad with an updated clickthrough URL",
  remediation_key: "AD_POLICY_VIOLATION_REMEDIATION",
};

/** The first ad set of a running campaign is active; a later one may be completed or rejected. */
export function adSetStatusOf({ status, index }: Plan, nth: number): AdSetStatus {
  if (status !== "ACTIVE" || nth === 0) return AD_SET_STATUS[status];
  const chance = random("ad set", index, nth, "status");
  if (chance < 0.1) return "REJECTED";
  return chance < 0.25 ? "COMPLETED" : "ACTIVE";
}

export function countAds(adSetId: string): number {
  return integer(1, 2, adSetId, "ads");
}

export function adIdOf(adSetId: string, nth: number): string {
  return uuid("ad", adSetId, nth);
}

export function adAt({ index, brand, theme, goal }: Plan, adSet: AdSetRecord, nth: number): AdRecord {
  const [key, text] = GOALS[goal].button;
  return {
    id: adIdOf(adSet.id, nth),
    name: `${brand.name} ${theme[0]} ${index + 1}${nth === 0 ? "" : " B"}`,
    ad_set_id: adSet.id,
    created_at: adSet.created_at,
    updated_at: adSet.updated_at,
    start_time: adSet.start_time,
    end_time: adSet.end_time,
    status: adStatusOf(adSet.status),
    delivery: adSet.delivery,
    advertiser_name: brand.name,
    tagline: theme[1],
    call_to_action: { key, text, language: "ENGLISH", clickthrough_url: `https://www.${brand.slug}.example/` },
    assets: {
      asset_id: uuid("asset", adSet.id, nth),
      companion_asset_id: uuid("companion", adSet.id, nth),
      logo_asset_id: uuid("logo", brand.slug),
    },
  };
}

function adStatusOf(status: AdSetStatus): AdRecord["status"] {
  if (status === "REJECTED" || status === "ARCHIVED") return status;
  if (status === "PENDING_APPROVAL") return "PENDING";
  return status === "ACTIVE" ? "ACTIVE" : "APPROVED";
}
