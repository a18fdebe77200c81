// Before any decorator runs.
import "reflect-metadata";
import { listenerId } from "../../schema/id.ts";
import type { Acting, Acts } from "../records/acting.ts";
import { readReference } from "../reference.ts";
import type { SubgraphDefinition } from "../subgraph.ts";
import { consentActs } from "./consent-acts.ts";
import type { ConsentActs } from "./consent-acts.ts";
import { engagementActs } from "./engagement-acts.ts";
import type { EngagementActs } from "./engagement-acts.ts";
import { leadActs } from "./lead-acts.ts";
import type { LeadActing, LeadActs } from "./lead-acts.ts";
import type { ListenerServices } from "./loaders.ts";
import { ListenerMutations } from "./mutations.ts";
import { ListenerResolver } from "./resolvers.ts";

export interface ListenerGraph extends ListenerServices {
  readonly acts: ListenerActs;
}

export interface ListenerActs extends Acts {
  readonly consents: ConsentActs;
  readonly engagement: EngagementActs;
  readonly leads: LeadActs;
}

export const listeners: SubgraphDefinition<ListenerGraph> = {
  name: "listeners",
  resolvers: [ListenerResolver, ListenerMutations],
  references: {
    Listener: ({ load }, representation, context) => {
      const { id } = readReference("Listener", representation);
      return load(context).listener.load(listenerId.decode(id)[0]);
    },
  },
};
export { listenerDecisions } from "./decisions.ts";
export { listenerServices } from "./loaders.ts";

export function listenerActs(services: ListenerServices, acting: Acting & LeadActing): ListenerActs {
  const leads = leadActs(services, acting);
  return {
    consents: consentActs(services, acting),
    engagement: engagementActs(services, acting),
    leads,
    handlers: leads.handlers,
    reviewed: [leads.reviewed],
  };
}
