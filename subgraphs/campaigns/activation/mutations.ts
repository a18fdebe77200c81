/** Which mutations activate or pause a campaign? */
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { Decides } from "../../../schema/demand.ts";
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

  @RequiresScopes(["decisions:write"])
  @Decides(2)
  @Mutation(() => CampaignPayload, {
    description:
      "activates the campaign if the rules allow it; otherwise it stays as it is and the decision gives the reasons. " +
      "Spotify is updated asynchronously. Ad sets that were paused individually stay paused",
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

  @RequiresScopes(["decisions:write"])
  @Mutation(() => CampaignPayload, { description: "needs no decision; Spotify is updated asynchronously" })
  async pauseCampaign(
    @Arg("input", () => PauseCampaignInput) input: PauseCampaignInput,
    @Ctx() context: Context,
  ): Promise<CampaignPayload> {
    await this.#graph.commands.activation.pause(context, input);
    return { campaign: await loadForPayload(this.#graph, context, input.campaignId), decision: null };
  }
}
