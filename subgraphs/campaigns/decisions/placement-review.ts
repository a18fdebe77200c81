/**
 * May a campaign be placed in an episode?
 *
 * No API says who listens to an episode. Whether its audience fits is derived from what is known: the countries that it was
 * submitted for, its topics, languages and rating, against the countries, topics, languages and ages that the campaign targets.
 */
import { Field, ObjectType } from "type-graphql";
import { DecisionFields, PARTNER_DECISION } from "../../../schema/decision.ts";
import { PartnerFields } from "../../../schema/partner.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { decision } from "../../pipeline/decision.ts";
import type { FactsOf } from "../../pipeline/decision.ts";
import type { EpisodeFacts } from "../external/episode.ts";
import { NO_MAXIMUM_AGE } from "./campaign-facts.ts";
import type { CampaignFacts } from "./campaign-facts.ts";

const MINUTE_MS = 60_000;

export const placementReview = decision({
  key: "placement_review",
  inputs: {
    categories: "collection",
    countries: "collection",
    minimum_age: "number",
    maximum_age: "number",
    sensitive_topics: "collection",
    excluded_topics: "number",
    topics: "collection",
    explicit: "boolean",
    transcript: "boolean",
    language_fit: "string",
    market_fit: "string",
    topic_fit: "string",
    adults_only: "boolean",
    competitor: "boolean",
    episode_status: "string",
  },
  outputs: { queue: "first" },
  constraints: [
    { number: "minimum_age", from: 0 },
    { number: "maximum_age", from: 0 },
    { number: "excluded_topics", whole: true, from: 0 },
    { text: "language_fit", oneOf: ["MATCH", "MISMATCH", "UNKNOWN"] },
    { text: "market_fit", oneOf: ["MATCH", "MISMATCH", "UNKNOWN"] },
    { text: "topic_fit", oneOf: ["MATCH", "MISMATCH", "UNKNOWN"] },
  ],
  changeable: ["minimum_age", "maximum_age", "transcript", "episode_status"],
  freshForMs: 10 * MINUTE_MS,
  answer: (rows) => ({ queue: rows.first("queue") }),
});

export function placementFacts(campaign: CampaignFacts, episode: EpisodeFacts): FactsOf<typeof placementReview.inputs> {
  const { targets, profile } = campaign;
  return {
    categories: campaign.categories,
    countries: campaign.countries,
    minimum_age: targets.minAge ?? 0,
    maximum_age: maximumAge(campaign, episode),
    sensitive_topics: episode.sensitiveTopics,
    excluded_topics: excludedTopics(campaign, episode),
    topics: episode.topics,
    explicit: episode.explicit,
    transcript: episode.transcript,
    // Compared by primary language: an ad in `pt-BR` fits an episode in `pt`.
    language_fit: fitOf(campaign.languages.map(primary), episode.languages.map(primary)),
    market_fit: fitOf(targets.countries, episode.markets),
    topic_fit: topicFit(campaign, episode),
    adults_only: episode.adultsOnly,
    competitor: episode.sponsors.some((sponsor) => profile.competitors.includes(sponsor)),
    episode_status: episode.status,
  };
}

/** The request can name competitors beside those of the campaign's profile. */
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

@RequiresScopes(["eligibility:read"])
@PartnerFields(...PARTNER_DECISION)
@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "May a campaign be placed in an episode?",
})
export class PlacementDecision extends DecisionFields {
  @Field(() => String, { nullable: true, description: "the queue that reviews it, if the verdict is REVIEW" })
  queue!: string | null;
}

/** Throws the error of the ad set that may exclude a topic of the episode. */
function excludedTopics({ targets, gaps }: CampaignFacts, { sensitiveTopics }: EpisodeFacts): number {
  const excluded = sensitiveTopics.filter((topic) => targets.sensitiveTopicExclusions.includes(topic)).length;
  const gap = gaps?.get("sensitive_topic_exclusions");
  if (gap && excluded === 0 && sensitiveTopics.length > 0) throw gap;
  return excluded;
}

/** Throws the error of the ad set that may be for minors, in an episode for adults. */
function maximumAge({ targets, gaps }: CampaignFacts, { adultsOnly }: EpisodeFacts): number {
  const gap = gaps?.get("age_ranges");
  if (gap && adultsOnly) throw gap;
  return targets.maxAge ?? NO_MAXIMUM_AGE;
}

/** Topics that are not known may be others. */
function topicFit({ targets, gaps }: CampaignFacts, { topics }: EpisodeFacts): ReturnType<typeof fitOf> {
  const fit = fitOf(targets.topics, topics);
  return fit === "UNKNOWN" && topics.length > 0 && gaps?.has("podcast_episode_topic_ids") ? "MISMATCH" : fit;
}

/** Whether they have one in common; unknown if either has none. */
function fitOf(targeted: readonly string[], offered: readonly string[]): "MATCH" | "MISMATCH" | "UNKNOWN" {
  if (targeted.length === 0 || offered.length === 0) return "UNKNOWN";
  return targeted.some((one) => offered.includes(one)) ? "MATCH" : "MISMATCH";
}

function primary(language: string): string {
  return language.toLowerCase().split("-")[0] ?? "";
}
