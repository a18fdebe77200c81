/** Which mutations have a campaign go live or pause? */
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../../platform/context.ts";
import { ActivateCampaignInput, CampaignPayload, PauseCampaignInput } from "./inputs.ts";
import { ActivationDecision } from "../decisions/marketing-activation.ts";
import { loadForPayload } from "../campaign/require-campaign.ts";
import type { CampaignGraph } from "../commands.ts";

@Resolver()
export class ActivationMutations {
  readonly #graph: CampaignGraph;

  constructor(graph: CampaignGraph) {
    this.#graph = graph;
  }

  @Mutation(() => CampaignPayload, {
    description:
      "goes live only where the rules allow it, else it stays as it is and the decision says why; Spotify is told " +
      "through the outbox. Ad sets that were paused one by one stay paused",
  })
  async activateCampaign(
    @Arg("input", () => ActivateCampaignInput) input: ActivateCampaignInput,
    @Ctx() context: Context,
  ): Promise<CampaignPayload> {
    const decided = await this.#graph.commands.activation.activate(context, input);
    const campaign = await loadForPayload(this.#graph, context, input.campaignId);
    const { countries } = await this.#graph.load(context).facts.load(campaign);
    const { adsId } = campaign;
    return { campaign, decision: Object.assign(new ActivationDecision(), { ...decided, countries, adsId }) };
  }

  @Mutation(() => CampaignPayload, { description: "needs no decision; Spotify is told through the outbox" })
  async pauseCampaign(
    @Arg("input", () => PauseCampaignInput) input: PauseCampaignInput,
    @Ctx() context: Context,
  ): Promise<CampaignPayload> {
    await this.#graph.commands.activation.pause(context, input);
    return { campaign: await loadForPayload(this.#graph, context, input.campaignId), decision: null };
  }
}
