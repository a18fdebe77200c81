// Before any decorator runs.
import "reflect-metadata";
import { listenerId } from "../../schema/id.ts";
import type { Acting, Acts } from "../server/commands.ts";
import { readReference } from "../server/references.ts";
import type { SubgraphDefinition } from "../server/subgraph.ts";
import { consentActs } from "./consents/commands.ts";
import type { ConsentActs } from "./consents/commands.ts";
import { engagementActs } from "./engagement/commands.ts";
import type { EngagementActs } from "./engagement/commands.ts";
import { leadActs } from "./leads/commands.ts";
import type { LeadActing, LeadActs } from "./leads/commands.ts";
import type { ListenerServices } from "./services.ts";
import { ListenerMutations } from "./mutations.ts";
import { ListenerResolver } from "./listener/resolvers.ts";

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
export { listenerServices } from "./services.ts";

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
