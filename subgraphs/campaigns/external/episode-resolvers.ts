/** Which fields does this subgraph add to an episode? */
import { Arg, Ctx, Directive, FieldResolver, ID, Resolver, Root } from "type-graphql";
import { Decides } from "../../../schema/demand.ts";
import { notFound } from "../../../schema/errors.ts";
import { campaignId } from "../../../schema/id.ts";
import { PartnerField } from "../../../schema/partner.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import type { Context } from "../../platform/context.ts";
import { PlacementDecision, placementFacts, placementReview } from "../decisions/placement-review.ts";
import type { CampaignServices } from "../services.ts";
import { Episode, REQUIRED_FACTS } from "./episode.ts";
import { requireFacts } from "./require-facts.ts";

@Resolver(() => Episode)
export class EpisodeResolver {
  readonly #services: CampaignServices;

  constructor(services: CampaignServices) {
    this.#services = services;
  }

  @Directive(`@requires(fields: "facts ${REQUIRED_FACTS}")`)
  @RequiresScopes(["eligibility:read"])
  @PartnerField("campaignId")
  @Decides()
  @FieldResolver(() => PlacementDecision, {
    nullable: true,
    description: "may this campaign be placed in this episode?",
  })
  async placement(
    @Root() episode: Episode,
    @Arg("campaignId", () => ID) id: string,
    @Ctx() context: Context,
  ): Promise<PlacementDecision> {
    const [adsId] = campaignId.decode(id, "campaignId");
    const episodeFacts = requireFacts(episode.facts, "episode", placementReview.key);
    const load = this.#services.load(context);
    const campaign = await load.campaign.load(adsId);
    if (!campaign) throw notFound(`Cannot decide ${placementReview.key}: there is no campaign ${id}`);
    const facts = placementFacts(await load.facts.load(campaign), episodeFacts);
    return this.#services.decide(context, placementReview, facts, episode.id);
  }
}
