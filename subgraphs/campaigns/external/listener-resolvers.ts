/** Which fields does this subgraph add to a listener? */
import { Arg, Ctx, Directive, FieldResolver, ID, Resolver, Root } from "type-graphql";
import { Decides } from "../../../schema/demand.ts";
import { notFound } from "../../../schema/errors.ts";
import { campaignId } from "../../../schema/id.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import type { Context } from "../../platform/context.ts";
import { ActivationDecision, listenerActivationFacts, marketingActivation } from "../decisions/marketing-activation.ts";
import type { CampaignServices } from "../services.ts";
import { Listener, REQUIRED_LISTENER_FACTS } from "./listener.ts";
import { requireFacts } from "./require-facts.ts";

@Resolver(() => Listener)
export class ListenerResolver {
  readonly #services: CampaignServices;

  constructor(services: CampaignServices) {
    this.#services = services;
  }

  @Directive(`@requires(fields: "${REQUIRED_LISTENER_FACTS}")`)
  @RequiresScopes(["listeners:read", "eligibility:read"])
  @Decides()
  @FieldResolver(() => ActivationDecision, {
    nullable: true,
    description: "may this campaign be shown to this listener?",
  })
  async activation(
    @Root() listener: Listener,
    @Arg("campaignId", () => ID) id: string,
    @Ctx() context: Context,
  ): Promise<ActivationDecision> {
    const [adsId] = campaignId.decode(id, "campaignId");
    const listenerFacts = requireFacts(listener.facts, "listener", marketingActivation.key);
    const load = this.#services.load(context);
    const campaign = await load.campaign.load(adsId);
    if (!campaign) throw notFound(`Cannot decide ${marketingActivation.key}: there is no campaign ${id}`);
    const facts = listenerActivationFacts(campaign.status, await load.facts.load(campaign), listenerFacts);
    const decided = await this.#services.decide(context, marketingActivation, facts, listener.id);
    return { ...decided, countries: facts.countries, adsId: campaign.adsId };
  }
}
