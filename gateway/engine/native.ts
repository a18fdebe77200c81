/** The engine with the planner written in Rust: its plans are compiled, kept, and carried out here. */
import type { GraphQLSchema } from "graphql";
import type { NormalisedOperation } from "./normalise.ts";
import { createPlanner } from "./planner.ts";
import { readRequirements } from "./requirements.ts";
import { run } from "./run.ts";
import type { CallSubgraph } from "./run.ts";
import type { Result } from "./slots.ts";

export type RunPlanned = (operation: NormalisedOperation, call: CallSubgraph) => Promise<Result>;

/** `supergraph` is the SDL of `schema`, whose types have their AST nodes. */
export function createNativeEngine(supergraph: string, schema: GraphQLSchema): RunPlanned {
  const planner = createPlanner(supergraph);
  const requirements = readRequirements(schema);
  return async ({ document, variables }, call) => {
    const plan = await planner.plan(document);
    return plan ? run(plan, { schema, variables, call, requirements }) : { slots: {}, unplaced: [] };
  };
}
