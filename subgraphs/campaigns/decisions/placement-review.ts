/** May a campaign be placed in an episode? */
import { Field, ObjectType } from "type-graphql";
import { DecisionFields } from "../../../schema/decision.ts";
import { decision } from "../../pipeline/decision.ts";
import type { FactsOf } from "../../pipeline/decision.ts";
import type { EpisodeFacts } from "../external/episode.ts";
import type { CampaignFacts } from "./campaign-facts.ts";

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

@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "May a campaign be placed in an episode?",
})
export class PlacementDecision extends DecisionFields {
  @Field(() => String, { nullable: true, description: "the queue that reviews it, if the verdict is REVIEW" })
  queue!: string | null;
}

/** Compared by primary language: an ad in `pt-BR` fits an episode in `pt`. */
function languageFit(ad: readonly string[], episode: readonly string[]): "MATCH" | "MISMATCH" | "UNKNOWN" {
  if (ad.length === 0 || episode.length === 0) return "UNKNOWN";
  const languages = new Set(episode.map(primary));
  return ad.some((language) => languages.has(primary(language))) ? "MATCH" : "MISMATCH";
}

function primary(language: string): string {
  return language.toLowerCase().split("-")[0] ?? "";
}
