/** May a campaign go live, may it be put before a listener, and where do we send whoever may not get it? */
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { Context } from "../../platform/context.ts";
import { campaignActivationFacts } from "../decisions/marketing-activation.ts";
import { ActivationDecision } from "../decisions/marketing-activation.ts";
import { Campaign } from "../campaign/campaign.ts";
import { marketingActivation } from "../decisions/marketing-activation.ts";
import { toCampaign } from "../services.ts";
import type { CampaignServices } from "../services.ts";

@Resolver(() => Campaign)
export class CampaignActivationResolver {
  readonly #services: CampaignServices;

  constructor(services: CampaignServices) {
    this.#services = services;
  }

  @FieldResolver(() => ActivationDecision, {
    nullable: true,
    description: "may this campaign go live under consent, privacy and regional rules?",
  })
  async activation(@Root() campaign: Campaign, @Ctx() context: Context): Promise<ActivationDecision> {
    const known = await this.#services.load(context).facts.load(campaign);
    const facts = campaignActivationFacts(campaign.status, known);
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
    description: "where to send whoever may not get this campaign; null where they are sent nowhere",
  })
  async alternative(
    @Root() { alternativeCategory: category, countries, adsId }: ActivationDecision,
  ): Promise<Campaign | null> {
    if (category === null) return null;
    const found = await this.#services.alternatives.find({ category, countries, adsId });
    return found && toCampaign(found);
  }
}
