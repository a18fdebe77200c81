/** Which mutations about sponsorships are there? */
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
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

  @Mutation(() => SponsorshipPayload, {
    description: "asks for a placement and decides it: approved, rejected, or routed to a reviewer",
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
