/**
 * How are the replies of Spotify's Ads API parsed?
 *
 * Into domain objects: camelCase, dates as Date, money in units of its currency, null for what is missing or withheld.
 * Spotify's description requires no field, so only what is used and cannot be done without is required. An unknown enum
 * value never fails an item; each list of values says what it becomes. An item of another shape is an error in its place.
 * The file is long because it has the types of the whole source; reports have their own.
 */
import { z } from "zod";
import { itemsOf, orNull } from "../../platform/items.ts";

/** A draft has neither ad sets nor ads. An unknown status is RESTRICTED, because it may not run. */
export type AdsCampaignStatus = "DRAFT" | "PENDING" | "ACTIVE" | "PAUSED" | "ARCHIVED" | "RESTRICTED";
/** An unknown goal is UNSET. */
export type AdsGoal = (typeof GOALS)[number];
/** An unknown status is UNRECOGNIZED. */
export type AdsAdSetStatus = (typeof AD_SET_STATUSES)[number];

export interface AdsCampaign {
  readonly id: string;
  /** null if Spotify has none. */
  readonly name: string | null;
  readonly status: AdsCampaignStatus;
  readonly goal: AdsGoal;
}

export interface AdsAdSet {
  readonly id: string;
  readonly campaignId: string;
  readonly status: AdsAdSetStatus;
  readonly startsAt: Date | null;
  /** null if it has no end. */
  readonly endsAt: Date | null;
  /** null also for an unknown kind. */
  readonly budget: AdsBudget | null;
  /** A code of `categories()`. */
  readonly category: string | null;
  readonly targets: AdsTargets;
}

export interface AdsMoney {
  /** In units of the currency: 12.5 is twelve and a half euros. */
  readonly amount: number;
  readonly currency: string;
}

export interface AdsBudget extends AdsMoney {
  readonly type: "DAILY" | "LIFETIME";
}

/** An empty list is no restriction, unless it is not known. Values are Spotify's; new ones may be added. */
export interface AdsTargets {
  /** Those that are missing or null: nobody knows what they are, and a decision must not take them for none. */
  readonly notKnown: readonly AdsTargetName[];
  /** An open range has Spotify's bounds, 13 and 99. */
  readonly ageRanges: readonly { readonly min: number; readonly max: number }[];
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
  readonly genders: readonly string[];
  readonly placements: readonly string[];
  readonly topics: readonly string[];
  /** ISO 639-1. */
  readonly language: string | null;
  /** All filtered topics, at any level. */
  readonly sensitiveTopicExclusions: readonly string[];
  readonly audienceIds: readonly string[];
  readonly excludedAudienceIds: readonly string[];
}

/** What decides, by Spotify's names. */
export type AdsTargetName =
  | "age_ranges"
  | "placements"
  | "podcast_episode_topic_ids"
  | "sensitive_topic_exclusions"
  | "audience_ids";

export interface AdsAd {
  readonly id: string;
  readonly adSetId: string;
  readonly advertiserName: string | null;
}

export interface AdsCategory {
  readonly code: string;
  /** Without the parent's name: "Casinos and Gambling". */
  readonly name: string;
  /** null for a parent. */
  readonly parentName: string | null;
}

/** Spotify's statuses → ours. An agent's campaign is active. */
const CAMPAIGN_STATUSES: ReadonlyMap<string, AdsCampaignStatus> = new Map([
  ["UNSET", "DRAFT"],
  ["PENDING_ADVERTISER_REVIEW", "PENDING"],
  ["ACTIVE", "ACTIVE"],
  ["AGENT_CONTROLLED", "ACTIVE"],
  ["PAUSED", "PAUSED"],
  ["ARCHIVED", "ARCHIVED"],
  ["ACTIVE_RESTRICTED", "RESTRICTED"],
  ["UNRECOGNIZED", "RESTRICTED"],
]);

const GOALS = ["UNSET", "AWARENESS", "WEBSITE_TRAFFIC", "APP_PROMOTION", "ENGAGEMENT_ON_SPOTIFY", "LEAD_GEN"] as const;

const AD_SET_STATUSES = [
  "UNRECOGNIZED",
  "ACTIVE",
  "ACTIVE_RESTRICTED",
  "APPROVED",
  "ARCHIVED",
  "COMPLETED",
  "PENDING_APPROVAL",
  "READY",
  "REJECTED",
] as const;

const SENSITIVE_TOPICS: readonly string[] = [
  "alcohol",
  "crime-violence",
  "drugs",
  "gambling",
  "hate-speech",
  "pornography",
  "terrorism",
  "tobacco",
  "weapons",
];

const TARGET_NAMES: readonly AdsTargetName[] = [
  "age_ranges",
  "placements",
  "podcast_episode_topic_ids",
  "sensitive_topic_exclusions",
  "audience_ids",
];
const MICROS = 1_000_000;
const YOUNGEST = 13;
const OLDEST = 99;

const Text = z
  .string()
  .nullish()
  .transform((text) => text ?? null);
const Texts = z
  .array(z.string())
  .nullish()
  .transform((texts) => texts ?? []);
/** null if it cannot be read: the pages show where the list ends. */
const Total = orNull(z.object({ total_results: z.int().min(0) }).transform((paging) => paging.total_results));
const items = itemsOf("spotify-ads");
const Instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** Our statuses → Spotify's. */
export function toSpotifyStatuses(statuses: readonly AdsCampaignStatus[]): readonly string[] {
  return [...CAMPAIGN_STATUSES]
    .filter(([, status]) => statuses.includes(status))
    .map(([spotifyStatus]) => spotifyStatus);
}

const CampaignReply = z
  .object({
    id: z.string(),
    name: Text,
    status: z
      .string()
      .nullish()
      .transform((status) => CAMPAIGN_STATUSES.get(status ?? "") ?? "RESTRICTED"),
    delivery_goal_group: word(GOALS, "UNSET"),
  })
  .transform(({ id, name, status, delivery_goal_group: goal }): AdsCampaign => ({ id, name, status, goal }));

export const CampaignsReply = z
  .object({ paging: Total, campaigns: items.list("campaign", CampaignReply) })
  .transform(({ paging: total, campaigns }) => ({ total, items: campaigns }));

const Budget = z
  .object({ micro_amount: z.number(), type: z.string(), currency: Text })
  .transform(({ micro_amount, type, currency }): AdsBudget | null =>
    (type === "DAILY" || type === "LIFETIME") && currency !== null
      ? { amount: micro_amount / MICROS, currency, type }
      : null,
  );

/** null if neither form is there. */
const SensitiveTopics = z
  .object({ topics: z.array(z.object({ id: z.string() })).nullish(), filter_option: Text })
  .transform(({ topics, filter_option }) =>
    filter_option === null ? (topics?.map(({ id }) => id) ?? null) : SENSITIVE_TOPICS,
  );

/** Spotify's description has a default of the maximum, which null is not. */
const AgeRange = z.object({ min: z.int().nullish(), max: z.int().nullable().default(OLDEST) });
const MaybeTexts = z.array(z.string()).nullish();

const Targets = z
  .object({
    age_ranges: z.array(AgeRange).nullish(),
    geo_targets: z.object({ country_code: Text }).nullish(),
    genders: Texts,
    placements: MaybeTexts,
    podcast_episode_topic_ids: MaybeTexts,
    language: Text,
    sensitive_topic_exclusions: SensitiveTopics.nullish(),
    audience_ids: MaybeTexts,
    audience_ids_exclusions: Texts,
  })
  .transform((targets): AdsTargets => ({
    notKnown: notKnownOf(targets),
    ageRanges: (targets.age_ranges ?? []).map(({ min, max }) => ({ min: min ?? YOUNGEST, max: max ?? OLDEST })),
    country: targets.geo_targets?.country_code ?? null,
    genders: targets.genders,
    placements: targets.placements ?? [],
    topics: targets.podcast_episode_topic_ids ?? [],
    language: targets.language,
    sensitiveTopicExclusions: targets.sensitive_topic_exclusions ?? [],
    audienceIds: targets.audience_ids ?? [],
    excludedAudienceIds: targets.audience_ids_exclusions,
  }));

interface SaidTargets extends Partial<Readonly<Record<Exclude<AdsTargetName, "age_ranges" | "placements">, unknown>>> {
  readonly age_ranges?: readonly { readonly max: number | null }[] | null | undefined;
  readonly placements?: readonly string[] | null | undefined;
}

function notKnownOf(targets: SaidTargets): readonly AdsTargetName[] {
  const { age_ranges: ages, placements } = targets;
  const hasTopics = placements?.includes("PODCAST") ?? true;
  const isKnown: Readonly<Record<AdsTargetName, boolean>> = {
    age_ranges: ages?.every(({ max }) => max !== null) ?? false,
    placements: isSaid(placements),
    // There are none for music.
    podcast_episode_topic_ids: !hasTopics || isSaid(targets.podcast_episode_topic_ids),
    sensitive_topic_exclusions: isSaid(targets.sensitive_topic_exclusions),
    audience_ids: isSaid(targets.audience_ids),
  };
  return TARGET_NAMES.filter((name) => !isKnown[name]);
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null;
}

const AdSetReply = z
  .object({
    id: z.string(),
    campaign_id: z.string(),
    status: word(AD_SET_STATUSES, "UNRECOGNIZED"),
    start_time: Instant.nullish(),
    end_time: Instant.nullish(),
    budget: Budget.nullish(),
    category: Text,
    targets: Targets,
  })
  .transform((adSet): AdsAdSet => ({
    id: adSet.id,
    campaignId: adSet.campaign_id,
    status: adSet.status,
    startsAt: adSet.start_time ?? null,
    endsAt: adSet.end_time ?? null,
    budget: adSet.budget ?? null,
    category: adSet.category,
    targets: adSet.targets,
  }));

export const AdSetsReply = z
  .object({ paging: Total, ad_sets: items.list("ad set", AdSetReply, { owner: "campaign_id" }) })
  .transform(({ paging: total, ad_sets: adSets }) => ({ total, items: adSets }));

const AdReply = z
  .object({ id: z.string(), ad_set_id: z.string(), advertiser_name: Text })
  .transform(({ id, ad_set_id: adSetId, advertiser_name: advertiserName }): AdsAd => ({ id, adSetId, advertiserName }));

export const AdsReply = z
  .object({ paging: Total, ads: items.list("ad", AdReply, { owner: "ad_set_id" }) })
  .transform(({ paging: total, ads }) => ({ total, items: ads }));

export const AccountReply = z.object({ currency_code: z.string() });

export const CategoriesReply = z.object({
  categories: items.list(
    "category",
    z
      .object({ id: z.string(), name: z.string(), parent_category: Text })
      // Its name would be another one.
      .refine(({ name, parent_category: parent }) => parent !== null || !name.includes(" - "), {
        path: ["parent_category"],
        message: "not known",
      })
      .transform(({ id, name, parent_category: parent }): AdsCategory => ({
        code: id,
        // "Gambling - Casinos and Gambling"; a parent has only its own name.
        name: parent === null || !name.startsWith(`${parent} - `) ? name : name.slice(parent.length + 3),
        parentName: parent === name ? null : parent,
      })),
  ),
});

function word<const T extends readonly [string, ...string[]]>(known: T, unknown: T[number]): z.ZodType<T[number]> {
  return z.enum(known).or(
    z
      .string()
      .nullish()
      .transform(() => unknown),
  );
}
