/** Which mutation requests a sponsorship? */
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { Decides } from "../../../schema/demand.ts";
import type { Context } from "../../platform/context.ts";
import type { CampaignGraph } from "../commands.ts";
import { SponsorshipPayload, SubmitSponsorshipInput } from "./inputs.ts";
import { toSponsorship } from "./sponsorship.ts";

@Resolver()
export class SponsorshipMutations {
  readonly #graph: CampaignGraph;

  constructor(graph: CampaignGraph) {
    this.#graph = graph;
  }

  @RequiresScopes(["decisions:write"])
  @Decides()
  @Mutation(() => SponsorshipPayload, {
    description:
      "requests a placement and decides it: approved, rejected, or in review; UNDECIDED if that cannot be decided now",
  })
  async submitSponsorship(
    @Arg("input", () => SubmitSponsorshipInput) input: SubmitSponsorshipInput,
    @Ctx() context: Context,
  ): Promise<SponsorshipPayload> {
    const { commands, load } = this.#graph;
    const id = await commands.sponsorships.submit(context, input);
    const record = await load(context).sponsorships.item.load(id);
    if (!record) throw new Error(`Cannot read sponsorship ${id}, which was just written`);
    return { sponsorship: toSponsorship(record) };
  }
}
