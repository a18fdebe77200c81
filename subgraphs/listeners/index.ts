// Before any decorator runs.
import "reflect-metadata";
import { listenerId } from "../../schema/id.ts";
import { readReference } from "../reference.ts";
import type { SubgraphDefinition } from "../subgraph.ts";
import type { ListenerServices } from "./loaders.ts";
import { ListenerResolver } from "./resolvers.ts";

export const listeners: SubgraphDefinition<ListenerServices> = {
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
