// Before any decorator runs.
import "reflect-metadata";
import { listenerId } from "../../schema/id.ts";
import type { Acting } from "../records/acting.ts";
import type { Handler } from "../records/outbox.ts";
import type { Reviewed } from "../records/reviews.ts";
import type { Leads } from "../sources/leads.ts";
import { readReference } from "../reference.ts";
import type { SubgraphDefinition } from "../subgraph.ts";
import type { ListenerServices } from "./loaders.ts";
import { ListenerResolver } from "./resolvers.ts";

export interface ListenerGraph extends ListenerServices {
  readonly acts: ListenerActs;
}

export interface ListenerActs {
  /** Of the effects that this subgraph asks for. */
  readonly handlers: readonly Handler<never>[];
  /** Of what this subgraph has reviewed. */
  readonly reviewed: readonly Reviewed[];
}

export const listeners: SubgraphDefinition<ListenerGraph> = {
  name: "listeners",
  resolvers: [ListenerResolver],
  references: {
    Listener: ({ load }, representation, context) => {
      const { id } = readReference("Listener", representation);
      return load(context).listener.load(listenerId.decode(id)[0]);
    },
  },
};
export { listenerDecisions } from "./decisions.ts";
export { listenerServices } from "./loaders.ts";

export function listenerActs(_services: ListenerServices, _acting: Acting & { readonly leads: Leads }): ListenerActs {
  return { handlers: [], reviewed: [] };
}
