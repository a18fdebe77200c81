/**
 * May a campaign go live, or be put before a listener?
 *
 * One table answers for campaigns and for listeners: of a campaign alone it is asked about the countries and the lowest
 * age it targets, of a listener about where they are, how old they are and what they agreed to. So one rule on a
 * country's legal age serves both.
 */
import { ObjectType } from "type-graphql";
import { DecisionFields } from "../../../schema/decision.ts";
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
  outputs: { alternative: "string" },
  // Whoever holds an answer may act on it until it expires: a withdrawn consent must not be outlived by more than that.
  freshForMs: MINUTE_MS / 2,
  answer: (rows) => ({ alternativeCategory: named(rows.first("alternative")) }),
});

/** May the campaign go live, before whomever it targets? */
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

/** May the campaign be put before this listener? */
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

function activationFacts(status: CampaignStatus, { categories, targets }: CampaignFacts) {
  return {
    status,
    categories,
    channel: channelOf(targets.placements),
    audiences: targets.audienceIds.length,
  };
}

function channelOf(placements: readonly string[]): "MUSIC" | "PODCAST" | "MIXED" | "NONE" {
  const [music, podcast] = [placements.includes("MUSIC"), placements.includes("PODCAST")];
  if (music && podcast) return "MIXED";
  return music ? "MUSIC" : podcast ? "PODCAST" : "NONE";
}

/** Its `alternative` is looked up where a client asks for it, from what is written down here for no client. */
@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "May a campaign go live, or be put before a listener?",
})
export class ActivationDecision extends DecisionFields {
  /** A slug: where the rules send whoever may not get the campaign. */
  alternativeCategory!: string | null;
  /** Those that were decided about: an alternative has to be offered in one of them. */
  countries!: readonly string[];
  /** The campaign that was decided about, as Spotify Ads calls it. */
  adsId!: string;
}

/** A table's `none` is a value, so that no later row names a category; here it is the same as nothing. */
function named(category: string | null): string | null {
  return category === "none" ? null : category;
}
