/** What does this subgraph have decided, and from which facts? */
import { decision } from "../decisions/decision.ts";
import type { FactsOf } from "../decisions/decision.ts";
import type { CampaignTargets } from "./campaign.ts";
import type { EpisodeFacts } from "./episode.ts";
import type { CampaignProfile } from "./records.ts";

const MINUTE_MS = 60_000;

export const placementReview = decision({
  key: "placement_review",
  inputs: {
    category: "string",
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
    category: "string",
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

export const campaignDecisions = [placementReview, campaignTargeting];

/** All that decisions need to know of a campaign, from whichever source it came. */
export interface CampaignFacts {
  readonly goal: string;
  /** Slug of the ad category: `alcoholic-beverages`; null where no ad set has one. */
  readonly category: string | null;
  /** The languages its ads are in; empty where no ad set says. */
  readonly languages: readonly string[];
  readonly targets: CampaignTargets;
  readonly profile: Pick<CampaignProfile, "tier" | "competitors">;
}

/** Beyond the oldest age anybody targets. */
const NO_MAXIMUM_AGE = 99;

export function placementFacts(campaign: CampaignFacts, episode: EpisodeFacts): FactsOf<typeof placementReview.inputs> {
  const { targets, profile } = campaign;
  return {
    category: campaign.category ?? "unknown",
    countries: targets.countries,
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

export function targetingFacts(campaign: CampaignFacts): FactsOf<typeof campaignTargeting.inputs> {
  const { targets } = campaign;
  return {
    goal: campaign.goal,
    category: campaign.category ?? "unknown",
    tier: campaign.profile.tier,
    countries: targets.countries,
    placements: targets.placements,
    minimum_age: targets.minAge ?? 0,
    maximum_age: targets.maxAge ?? NO_MAXIMUM_AGE,
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
