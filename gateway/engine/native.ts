/** The engine with the planner written in Rust: its plans are compiled, kept, and carried out here. */
import { isInterfaceType } from "graphql";
import type { RunOperation, Supergraph } from "./engine.ts";
import { createPlanner } from "./planner.ts";
import { readRequirements } from "./requirements.ts";
import { run } from "./run.ts";

export function createNativeEngine(supergraph: Supergraph): RunOperation {
  const { schema } = supergraph;
  const planner = createPlanner(supergraph);
  const requirements = readRequirements(schema);
  const interfaces = new Set(Object.keys(schema.getTypeMap()).filter((name) => isInterfaceType(schema.getType(name))));
  return async ({ document, variables }, call) => {
    const plan = await planner.plan(document);
    return plan ? run(plan, { schema, variables, call, requirements, interfaces }) : { slots: {}, unplaced: [] };
  };
}
