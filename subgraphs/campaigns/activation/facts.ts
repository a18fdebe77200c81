/**
 * From which facts is it decided whether a campaign may be activated?
 *
 * One table answers for campaigns and for listeners: of a campaign alone it is asked about the countries and the lowest
 * age it targets, of a listener about where they are, how old they are and what they agreed to. So one rule on a
 * country's legal age serves both.
 */
import type { FactsOf } from "../../pipeline/decision.ts";
import type { CampaignStatus } from "../campaign/campaign.ts";
import type { CampaignFacts, marketingActivation } from "../decisions.ts";
import type { ListenerFacts } from "../external/listener.ts";

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
