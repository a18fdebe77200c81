/** Which mutation records engagement? */
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import type { Context } from "../../platform/context.ts";
import type { ListenerGraph } from "../commands.ts";
import { RecordEngagementInput, RecordEngagementPayload } from "./inputs.ts";

@Resolver()
export class EngagementMutations {
  readonly #graph: ListenerGraph;

  constructor(graph: ListenerGraph) {
    this.#graph = graph;
  }

  @RequiresScopes(["decisions:write"])
  @Mutation(() => RecordEngagementPayload, {
    description:
      "counts what listeners did, all events or none; up to 500 events a call; repeating a call counts nothing twice",
  })
  recordEngagement(
    @Arg("input", () => RecordEngagementInput) input: RecordEngagementInput,
    @Ctx() context: Context,
  ): Promise<RecordEngagementPayload> {
    return this.#graph.commands.engagement.record(context, input);
  }
}
