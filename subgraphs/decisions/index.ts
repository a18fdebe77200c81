// Before any decorator runs.
import "reflect-metadata";
import type { SubgraphDefinition } from "../subgraph.ts";
import { DecisionModelResolver } from "./resolvers.ts";
import type { DecisionServices } from "./resolvers.ts";

export const decisions: SubgraphDefinition<DecisionServices> = {
  name: "decisions",
  resolvers: [DecisionModelResolver],
  references: {},
};
