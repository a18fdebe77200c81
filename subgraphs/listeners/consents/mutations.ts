/** Which mutation records a consent? */
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import type { Context } from "../../platform/context.ts";
import type { ListenerGraph } from "../commands.ts";
import { ListenerPayload, listenerPayload } from "../listener/payload.ts";
import { RecordConsentInput } from "./inputs.ts";

@Resolver()
export class ConsentMutations {
  readonly #graph: ListenerGraph;

  constructor(graph: ListenerGraph) {
    this.#graph = graph;
  }

  @RequiresScopes(["decisions:write"])
  @Mutation(() => ListenerPayload, {
    description:
      "records a listener's answer; it counts at once unless a later answer is recorded, and older answers are kept",
  })
  async recordConsent(
    @Arg("input", () => RecordConsentInput) input: RecordConsentInput,
    @Ctx() context: Context,
  ): Promise<ListenerPayload> {
    await this.#graph.commands.consents.record(context, input);
    return listenerPayload(this.#graph, context, "recordConsent", input.listenerId);
  }
}
