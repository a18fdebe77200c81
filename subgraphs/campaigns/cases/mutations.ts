/** Which mutations open or resolve a support case? */
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { Decides } from "../../../schema/demand.ts";
import type { Context } from "../../platform/context.ts";
import { OpenCaseInput, ResolveCaseInput, SupportCasePayload } from "./inputs.ts";
import type { CampaignGraph } from "../commands.ts";
import { toSupportCase } from "./support-case.ts";

@Resolver()
export class CaseMutations {
  readonly #graph: CampaignGraph;

  constructor(graph: CampaignGraph) {
    this.#graph = graph;
  }

  @RequiresScopes(["decisions:write"])
  @Decides()
  @Mutation(() => SupportCasePayload, {
    description:
      "opens a case and routes it to a queue; if that cannot be decided now, it stays OPEN and is routed later",
  })
  async openCase(
    @Arg("input", () => OpenCaseInput) input: OpenCaseInput,
    @Ctx() context: Context,
  ): Promise<SupportCasePayload> {
    return this.#payload(await this.#graph.commands.cases.open(context, input), context);
  }

  @RequiresScopes(["decisions:write"])
  @Mutation(() => SupportCasePayload, { description: "resolves a case, once" })
  async resolveCase(
    @Arg("input", () => ResolveCaseInput) input: ResolveCaseInput,
    @Ctx() context: Context,
  ): Promise<SupportCasePayload> {
    return this.#payload(await this.#graph.commands.cases.resolve(context, input), context);
  }

  async #payload(id: string, context: Context): Promise<SupportCasePayload> {
    const record = await this.#graph.load(context).cases.item.load(id);
    if (!record) throw new Error(`Cannot read case ${id}, which was just written`);
    return { supportCase: toSupportCase(record, { isAsRecorded: true }) };
  }
}
