/** What does this subgraph have decided, and from which facts? */
import { DecisionError } from "../pipeline/ask.ts";
import { UndecidedError, decision } from "../pipeline/decision.ts";
import type { FactsOf } from "../pipeline/decision.ts";
import type { CampaignTargets } from "./campaign/campaign.ts";
import type { EpisodeFacts } from "./external/episode.ts";
import type { CampaignProfile, CampaignTier, CaseRecord } from "../records/campaigns/types.ts";

const MINUTE_MS = 60_000;

export const placementReview = decision({
  key: "placement_review",
  inputs: {
    categories: "collection",
    countries: "collection",
    minimum_age: "number",
    sensitive_topics: "collection",
    excluded_topics: "number",
    topics: "collection",
    explicit: "boolean",
    transcript: "boolean",
    language_fit: "string",
    competitor: "boolean",
    episode_status: "string",
  },
  outputs: { queue: "string" },
  freshForMs: 10 * MINUTE_MS,
  answer: (rows) => ({ queue: rows.first("queue") }),
});

export const campaignTargeting = decision({
  key: "campaign_targeting",
  inputs: {
    goal: "string",
    categories: "collection",
    tier: "string",
    countries: "collection",
    placements: "collection",
    minimum_age: "number",
    maximum_age: "number",
  },
  outputs: { include: "string", exclude: "string", offer: "string" },
  freshForMs: 30 * MINUTE_MS,
  answer: (rows) => ({ include: rows.list("include"), exclude: rows.list("exclude"), offer: rows.first("offer") }),
});

export const caseRouting = decision({
  key: "case_routing",
  inputs: {
    issue: "string",
    severity: "string",
    tier: "string",
    customer_value: "string",
    country: "string",
    hours_open: "number",
  },
  outputs: { priority: "number", queue: "string", compensation: "string" },
  // Hours are facts: a case that waits past a threshold is another question, however fresh the answer to the last one.
  freshForMs: 5 * MINUTE_MS,
  // Only the table can be old, never the facts: a case that has become critical is another question. One that nobody
  // routes is seen by nobody; one that goes where the table sent it half an hour ago is at worst handed on.
  staleForMs: 30 * MINUTE_MS,
  answer: (rows) => ({
    priority: rows.lowest("priority"),
    queue: required("queue", rows.first("queue")),
    compensation: rows.first("compensation"),
  }),
});

export const marketingActivation = decision({
  key: "marketing_activation",
  inputs: {
    subject: "string",
    status: "string",
    categories: "collection",
    channel: "string",
    audiences: "number",
    countries: "collection",
    in_market: "boolean",
    age_known: "boolean",
    age: "number",
    consents: "collection",
    refusals: "collection",
  },
  outputs: { alternative: "string" },
  // Whoever holds an answer may act on it until it expires: a withdrawn consent must not be outlived by more than that.
  freshForMs: MINUTE_MS / 2,
  answer: (rows) => ({ alternativeCategory: named(rows.first("alternative")) }),
});

export const campaignDecisions = [placementReview, campaignTargeting, caseRouting, marketingActivation];

/** All that decisions need to know of a campaign, from whichever source it came. */
export interface CampaignFacts {
  readonly goal: string;
  /** Slugs of the categories of all ad sets: `alcoholic-beverages`; `unknown` among them where one has none. */
  readonly categories: readonly string[];
  /** Of all ad sets, as in `targets`; `unknown` among them where one names none. */
  readonly countries: readonly string[];
  /** The languages its ads are in; empty where no ad set says. */
  readonly languages: readonly string[];
  readonly targets: CampaignTargets;
  readonly profile: Pick<CampaignProfile, "tier" | "competitors">;
}

/**
 * What a gateway had to bring of an entity that another subgraph owns. It asks on without it where that one failed or the
 * entity is gone; then nothing is decided. Throws a DecisionError.
 */
export function requireFacts<Facts>(facts: Facts | null, of: "episode" | "listener", key: string): Facts {
  if (facts !== null) return facts;
  throw new DecisionError("DECISION_UNAVAILABLE", key, `the facts of the ${of} are not known`, true);
}

/** Beyond the oldest age anybody targets. */
const NO_MAXIMUM_AGE = 99;

export function placementFacts(campaign: CampaignFacts, episode: EpisodeFacts): FactsOf<typeof placementReview.inputs> {
  const { targets, profile } = campaign;
  return {
    categories: campaign.categories,
    countries: campaign.countries,
    minimum_age: targets.minAge ?? 0,
    sensitive_topics: episode.sensitiveTopics,
    excluded_topics: episode.sensitiveTopics.filter((topic) => targets.sensitiveTopicExclusions.includes(topic)).length,
    topics: episode.topics,
    explicit: episode.explicit,
    transcript: episode.transcript,
    language_fit: languageFit(campaign.languages, episode.languages),
    competitor: episode.sponsors.some((sponsor) => profile.competitors.includes(sponsor)),
    episode_status: episode.status,
  };
}

/** Of the campaign in the episode, beside whom the request itself names as competitors too. */
export function sponsorshipFacts(
  campaign: CampaignFacts,
  episode: EpisodeFacts,
  competitors: readonly string[],
): FactsOf<typeof placementReview.inputs> {
  const { profile } = campaign;
  return placementFacts(
    { ...campaign, profile: { ...profile, competitors: [...profile.competitors, ...competitors] } },
    episode,
  );
}

export function targetingFacts(campaign: CampaignFacts): FactsOf<typeof campaignTargeting.inputs> {
  const { targets } = campaign;
  return {
    goal: campaign.goal,
    categories: campaign.categories,
    tier: campaign.profile.tier,
    countries: campaign.countries,
    placements: targets.placements,
    minimum_age: targets.minAge ?? 0,
    maximum_age: targets.maxAge ?? NO_MAXIMUM_AGE,
  };
}

/** The tier is that of the case's campaign. */
export function routingFacts(
  { issue, severity, customerValue, country, openedAt }: CaseRecord,
  tier: CampaignTier | "NONE",
  now: number,
): FactsOf<typeof caseRouting.inputs> {
  return {
    issue,
    severity,
    tier,
    customer_value: customerValue,
    country,
    // To the minute: where only equal facts are one question, two looks in a row still are.
    hours_open: Math.floor((now - Number(openedAt)) / MINUTE_MS) / 60,
  };
}

/** Compared by primary language: an ad in `pt-BR` fits an episode in `pt`. */
function languageFit(spoken: readonly string[], heard: readonly string[]): "MATCH" | "MISMATCH" | "UNKNOWN" {
  if (spoken.length === 0 || heard.length === 0) return "UNKNOWN";
  const languages = new Set(heard.map(primary));
  return spoken.some((language) => languages.has(primary(language))) ? "MATCH" : "MISMATCH";
}

function primary(language: string): string {
  return language.toLowerCase().split("-")[0] ?? "";
}

/** A table's `none` is a value, so that no later row names a category; here it is the same as nothing. */
function named(category: string | null): string | null {
  return category === "none" ? null : category;
}

/** What a client is promised in any case. Throws an UndecidedError where no row says it. */
function required(output: string, value: string | null): string {
  if (value === null) throw new UndecidedError(`no row says ${output}`);
  return value;
}
