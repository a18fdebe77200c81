/** May an episode be published and promoted? */
import { Field, ObjectType } from "type-graphql";
import { DecisionFields, PARTNER_DECISION } from "../../../schema/decision.ts";
import { CountryCode } from "../../../schema/scalars.ts";
import { PartnerFields } from "../../../schema/partner.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { decision } from "../../pipeline/decision.ts";
import type { FactsOf } from "../../pipeline/decision.ts";
import type { EpisodeKnowledge } from "../episode/knowledge.ts";

const MINUTE_MS = 60_000;

export const episodePublishing = decision({
  key: "episode_publishing",
  inputs: {
    submitted: "boolean",
    disclaimers: "collection",
    approvals: "collection",
    transcript: "boolean",
    languages: "collection",
    explicit: "boolean",
    markets: "collection",
    sensitive_topics: "collection",
    topics: "collection",
    promotional: "boolean",
    audio: "string",
    duration_minutes: "number",
  },
  outputs: { missing: "list", blocked_markets: "list" },
  constraints: [
    { number: "duration_minutes", from: 0 },
    { where: { submitted: false }, means: { disclaimers: [], approvals: [], markets: [] } },
  ],
  changeable: ["submitted", "disclaimers", "approvals", "transcript", "markets", "audio"],
  freshForMs: 5 * MINUTE_MS,
  answer: (rows) => ({ missing: rows.list("missing"), blockedMarkets: rows.list("blocked_markets") }),
});

export function publishingFacts(episode: EpisodeKnowledge): FactsOf<typeof episodePublishing.inputs> {
  const { submission } = episode;
  return {
    submitted: submission !== null,
    disclaimers: submission?.disclaimers ?? [],
    approvals: submission?.approvals ?? [],
    transcript: episode.transcript,
    languages: episode.languages,
    explicit: episode.explicit,
    markets: submission?.markets ?? [],
    sensitive_topics: episode.sensitiveTopics,
    topics: episode.topics,
    promotional: episode.promotional,
    audio: episode.audio ?? "unknown",
    duration_minutes: episode.durationMs / MINUTE_MS,
  };
}

@RequiresScopes(["eligibility:read"])
@PartnerFields(...PARTNER_DECISION)
@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "May an episode be published and promoted?",
})
export class PublishingDecision extends DecisionFields {
  @Field(() => [String], { description: "what the episode still lacks, as slugs" })
  missing!: readonly string[];
  @Field(() => [CountryCode], { description: "where it must not be published" })
  blockedMarkets!: readonly string[];
}
