/** In which episodes may a campaign be placed? For the subgraph of episodes, which asks about many at once. */
import { notFound } from "../../schema/errors.ts";
import { campaignId } from "../../schema/id.ts";
import type { Neighbours } from "../server/neighbours.ts";
import { orError } from "../server/populations.ts";
import { placementFacts, placementReview } from "./decisions/placement-review.ts";
import type { CampaignServices } from "./services.ts";

export function placementsOf({
  eligibility,
  load: loadersOf,
}: Pick<CampaignServices, "eligibility" | "load">): Neighbours["placements"] {
  return async (context, id, argument) => {
    const [adsId] = campaignId.decode(id, argument);
    const load = loadersOf(context);
    const campaign = await load.campaign.load(adsId);
    if (!campaign) throw notFound(`Cannot list: there is no campaign ${id}`);
    const campaignFacts = await load.facts.load(campaign);
    return (episodes) =>
      eligibility.among(
        context,
        placementReview,
        episodes.map(({ subject, facts }) => ({
          subject,
          // What an ad set leaves open fails the episodes for which it matters.
          facts: facts instanceof Error ? facts : orError(() => placementFacts(campaignFacts, facts)),
        })),
      );
  };
}
