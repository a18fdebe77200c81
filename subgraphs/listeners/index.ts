// Before any decorator runs.
import "reflect-metadata";
import { listenerId } from "../../schema/id.ts";
import { readReference } from "../server/references.ts";
import type { SubgraphDefinition } from "../server/subgraph.ts";
import { ConsentMutations } from "./consents/mutations.ts";
import { EngagementMutations } from "./engagement/mutations.ts";
import { LeadMutations } from "./leads/mutations.ts";
import { ListenerResolver } from "./listener/resolvers.ts";
import type { ListenerGraph } from "./commands.ts";

export const listeners: SubgraphDefinition<ListenerGraph> = {
  name: "listeners",
  resolvers: [ListenerResolver, ConsentMutations, EngagementMutations, LeadMutations],
  references: {
    Listener: ({ load }, representation, context) => {
      const { id } = readReference("Listener", representation);
      return load(context).listener.load(listenerId.decode(id)[0]);
    },
  },
};
export { listenerCommands } from "./commands.ts";
export { listenerDecisions } from "./decisions.ts";
export { listenerServices } from "./services.ts";
export { listenerPopulations, listenersOf } from "./populations.ts";
