/** Which mutation routes a lead? */
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { Decides } from "../../../schema/demand.ts";
import type { Context } from "../../platform/context.ts";
import type { ListenerGraph } from "../commands.ts";
import { Listener } from "../listener/listener.ts";
import { ListenerPayload, listenerPayload } from "../listener/payload.ts";
import { RouteLeadInput } from "./inputs.ts";

@Resolver()
export class LeadMutations {
  readonly #graph: ListenerGraph;

  constructor(graph: ListenerGraph) {
    this.#graph = graph;
  }

  @RequiresScopes(["decisions:write"])
  @Decides()
  @Mutation(() => ListenerPayload, {
    description:
      "decides how good a lead a listener is and records it; if the verdict is ALLOW and the route is not SUPPRESS, the lead is sent to the CRM, unless the listener withdraws before that",
  })
  async routeLead(
    @Arg("input", () => RouteLeadInput) input: RouteLeadInput,
    @Ctx() context: Context,
  ): Promise<ListenerPayload> {
    const leadEvaluationId = await this.#graph.commands.leads.route(context, input);
    const { listener } = await listenerPayload(this.#graph, context, "routeLead", input.listenerId);
    return { listener: Object.assign(new Listener(), listener, { leadEvaluationId }) };
  }
}
