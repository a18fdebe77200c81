/** May a campaign go live, and which campaign is shown instead of one that is not allowed? */
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { Decides } from "../../../schema/demand.ts";
import type { Context } from "../../platform/context.ts";
import { Campaign } from "../campaign/campaign.ts";
import { ActivationDecision, campaignActivationFacts, marketingActivation } from "../decisions/marketing-activation.ts";
import type { CampaignServices } from "../services.ts";

@Resolver(() => Campaign)
export class CampaignActivationResolver {
  readonly #services: CampaignServices;

  constructor(services: CampaignServices) {
    this.#services = services;
  }

  @RequiresScopes(["eligibility:read"])
  @Decides()
  @FieldResolver(() => ActivationDecision, {
    nullable: true,
    description: "may this campaign go live under consent, privacy and regional rules?",
  })
  async activation(@Root() campaign: Campaign, @Ctx() context: Context): Promise<ActivationDecision> {
    const campaignFacts = await this.#services.load(context).facts.load(campaign);
    const facts = campaignActivationFacts(campaign.status, campaignFacts);
    const decided = await this.#services.decide(context, marketingActivation, facts, campaign.id);
    return { ...decided, countries: facts.countries, adsId: campaign.adsId };
  }
}

@Resolver(() => ActivationDecision)
export class ActivationResolver {
  readonly #services: CampaignServices;

  constructor(services: CampaignServices) {
    this.#services = services;
  }

  @FieldResolver(() => Campaign, {
    nullable: true,
    description: "the campaign to show instead; null if there is none",
  })
  async alternative(
    @Root() { alternativeCategory: category, countries, adsId }: ActivationDecision,
    @Ctx() context: Context,
  ): Promise<Campaign | null> {
    if (category === null) return null;
    return this.#services.alternatives.find(context, { category, countries, adsId });
  }
}
