/** Which mutations about listeners are there? */
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { listenerId } from "../../schema/id.ts";
import type { Context } from "../platform/context.ts";
import { unknownListener } from "./listener/known.ts";
import type { ListenerGraph } from "./commands.ts";
import {
  ListenerPayload,
  RecordConsentInput,
  RecordEngagementInput,
  RecordEngagementPayload,
  RouteLeadInput,
} from "./inputs.ts";

@Resolver()
export class ListenerMutations {
  readonly #graph: ListenerGraph;

  constructor(graph: ListenerGraph) {
    this.#graph = graph;
  }

  @Mutation(() => ListenerPayload, {
    description:
      "writes down what a listener answered; it stands at once unless a later answer is known, and the older ones are kept",
  })
  async recordConsent(
    @Arg("input", () => RecordConsentInput) input: RecordConsentInput,
    @Ctx() context: Context,
  ): Promise<ListenerPayload> {
    await this.#graph.commands.consents.record(context, input);
    return this.#payload("recordConsent", input.listenerId, context);
  }

  @Mutation(() => RecordEngagementPayload, {
    description: "counts what listeners did, all of it or nothing; up to 500 events a call, and a replay is harmless",
  })
  recordEngagement(
    @Arg("input", () => RecordEngagementInput) input: RecordEngagementInput,
    @Ctx() context: Context,
  ): Promise<RecordEngagementPayload> {
    return this.#graph.commands.engagement.record(context, input);
  }

  @Mutation(() => ListenerPayload, {
    description:
      "decides how good a lead a listener is and writes it down; where that is ALLOW and not SUPPRESS, the CRM is told, unless the listener withdraws before",
  })
  async routeLead(
    @Arg("input", () => RouteLeadInput) input: RouteLeadInput,
    @Ctx() context: Context,
  ): Promise<ListenerPayload> {
    await this.#graph.commands.leads.route(context, input);
    return this.#payload("routeLead", input.listenerId, context);
  }

  /** As they are now: another mutation of the same request may have read them before. */
  async #payload(mutation: string, id: string, context: Context): Promise<ListenerPayload> {
    const [own] = listenerId.decode(id, "listenerId");
    const listener = await this.#graph.load(context).listener.clear(own).load(own);
    if (!listener) throw unknownListener(mutation, id);
    return { listener };
  }
}
