/** Which mutation changes the targeting of a campaign? */
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { Decides } from "../../../schema/demand.ts";
import type { Context } from "../../platform/context.ts";
import { CampaignPayload } from "../activation/inputs.ts";
import { TargetingDecision } from "../decisions/campaign-targeting.ts";
import { loadForPayload } from "../campaign/require-campaign.ts";
import type { CampaignGraph } from "../commands.ts";
import { ApplyTargetingInput } from "./inputs.ts";

@Resolver()
export class TargetingMutations {
  readonly #graph: CampaignGraph;

  constructor(graph: CampaignGraph) {
    this.#graph = graph;
  }

  @RequiresScopes(["decisions:write"])
  @Decides()
  @Mutation(() => CampaignPayload, {
    description:
      "applies a targeting to the ad sets of the campaign, asynchronously: the given one, or the one that the rules decide " +
      "if they allow it. Audiences that were set manually in Spotify stay",
  })
  async applyTargeting(
    @Arg("input", () => ApplyTargetingInput) input: ApplyTargetingInput,
    @Ctx() context: Context,
  ): Promise<CampaignPayload> {
    const decided = await this.#graph.commands.targeting.apply(context, input);
    const campaign = await loadForPayload(this.#graph, context, input.campaignId);
    return { campaign, decision: decided && Object.assign(new TargetingDecision(), decided) };
  }
}
