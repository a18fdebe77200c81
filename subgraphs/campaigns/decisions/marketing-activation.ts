/**
 * May a campaign go live, or be shown to a listener?
 *
 * One table decides both: a campaign alone by the countries and the lowest age that it targets, a listener by country, age
 * and consents. So one rule about a country's legal age covers both.
 */
import { ObjectType } from "type-graphql";
import { DecisionFields, PARTNER_DECISION } from "../../../schema/decision.ts";
import { PartnerFields } from "../../../schema/partner.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { decision } from "../../pipeline/decision.ts";
import type { FactsOf } from "../../pipeline/decision.ts";
import type { CampaignStatus } from "../campaign/campaign.ts";
import type { ListenerFacts } from "../external/listener.ts";
import type { CampaignFacts } from "./campaign-facts.ts";

const MINUTE_MS = 60_000;

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
  outputs: { alternative: "first" },
  constraints: [
    { text: "subject", oneOf: ["CAMPAIGN", "LISTENER"] },
    { text: "channel", oneOf: ["MUSIC", "PODCAST", "MIXED", "NONE"] },
    { number: "audiences", whole: true, from: 0 },
    { number: "age", from: 0 },
    { where: { age_known: false }, means: { age: 0 } },
    { where: { subject: "CAMPAIGN" }, means: { consents: [], refusals: [] } },
  ],
  // A listener can be asked for a consent; a refusal, an age and a country are what they are.
  changeable: ["status", "audiences", "consents"],
  // A client may act on a decision until it expires: this bounds how long a withdrawn consent keeps its effect.
  freshForMs: MINUTE_MS / 2,
  answer: (rows) => ({ alternativeCategory: categoryOrNull(rows.first("alternative")) }),
});

/** For whether the campaign may go live for everybody it targets. */
export function campaignActivationFacts(
  status: CampaignStatus,
  campaign: CampaignFacts,
): FactsOf<typeof marketingActivation.inputs> {
  const { countries, minAge } = campaign.targets;
  return {
    ...activationFacts(status, campaign),
    subject: "CAMPAIGN",
    countries: campaign.countries,
    in_market: countries.length > 0,
    age_known: minAge !== null,
    age: minAge ?? 0,
    consents: [],
    refusals: [],
  };
}

/** For whether the campaign may be shown to this listener. */
export function listenerActivationFacts(
  status: CampaignStatus,
  campaign: CampaignFacts,
  { age, country, consents, refusals }: ListenerFacts,
): FactsOf<typeof marketingActivation.inputs> {
  return {
    ...activationFacts(status, campaign),
    subject: "LISTENER",
    countries: [country],
    in_market: campaign.targets.countries.includes(country),
    age_known: age !== null,
    age: age ?? 0,
    consents,
    refusals,
  };
}

function activationFacts(status: CampaignStatus, { categories, targets, gaps }: CampaignFacts) {
  const { placements, audienceIds } = targets;
  return {
    status,
    categories,
    // An ad set that does not say where it runs, or for whom, may run anywhere and for an audience.
    channel: gaps?.has("placements") && placements.length > 0 ? "MIXED" : channelOf(placements),
    audiences: gaps?.has("audience_ids") ? Math.max(1, audienceIds.length) : audienceIds.length,
  };
}

function channelOf(placements: readonly string[]): "MUSIC" | "PODCAST" | "MIXED" | "NONE" {
  const [music, podcast] = [placements.includes("MUSIC"), placements.includes("PODCAST")];
  if (music && podcast) return "MIXED";
  return music ? "MUSIC" : podcast ? "PODCAST" : "NONE";
}

/** A field resolver adds its `alternative`, only if it is selected; the fields below are its input. */
@RequiresScopes(["eligibility:read"])
@PartnerFields(...PARTNER_DECISION)
@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "May a campaign be activated?",
})
export class ActivationDecision extends DecisionFields {
  /** The slug of the category of campaigns to show instead. */
  alternativeCategory!: string | null;
  /** The decided countries: an alternative targets at least one of them. */
  countries!: readonly string[];
  /** The id of the decided campaign in Spotify Ads. */
  adsId!: string;
}

/** The table has `none` as a value, so that a row can keep later rows from naming a category. */
function categoryOrNull(category: string | null): string | null {
  return category === "none" ? null : category;
}
