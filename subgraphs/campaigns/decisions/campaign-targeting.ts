/** Whom should a campaign reach, with which offer, and how is who reacted followed up? */
import { Field, ObjectType } from "type-graphql";
import { DecisionFields } from "../../../schema/decision.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { decision } from "../../pipeline/decision.ts";
import type { FactsOf } from "../../pipeline/decision.ts";
import { NO_MAXIMUM_AGE } from "./campaign-facts.ts";
import type { CampaignFacts } from "./campaign-facts.ts";

const MINUTE_MS = 60_000;

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
  outputs: { include: "list", exclude: "list", offer: "first", journey: "first" },
  constraints: [
    { number: "minimum_age", from: 0 },
    { number: "maximum_age", from: 0 },
  ],
  changeable: ["goal", "countries", "placements", "minimum_age", "maximum_age"],
  freshForMs: 30 * MINUTE_MS,
  answer: (rows) => ({
    include: rows.list("include"),
    exclude: rows.list("exclude"),
    offer: rows.first("offer"),
    journey: rows.first("journey"),
  }),
});

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

@RequiresScopes(["eligibility:read"])
@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "Whom should a campaign reach, with which offer, and how is who reacted followed up?",
})
export class TargetingDecision extends DecisionFields {
  @Field(() => [String], { description: "audiences to reach" })
  include!: readonly string[];
  @Field(() => [String], { description: "audiences to exclude" })
  exclude!: readonly string[];
  @Field(() => String, { nullable: true })
  offer!: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      "the retargeting journey of who reacted to the campaign; recorded with the decision, not sent to Spotify",
  })
  journey!: string | null;
}
