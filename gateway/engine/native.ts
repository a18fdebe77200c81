/** The engine with the planner written in Rust: its plans are compiled, kept, and carried out here. */
import { isInterfaceType } from "graphql";
import type { Logger } from "pino";
import type { RunOperation, Supergraph } from "./engine.ts";
import { createPlannerProcess } from "./planner-process.ts";
import { createPlanner } from "./planner.ts";
import type { PlannerOptions } from "./planner.ts";
import { readRequirements } from "./requirements.ts";
import { run } from "./run.ts";

/** One for all supergraphs of this process. It is started by the first. */
const planners = createPlannerProcess();

/** Rejects on a platform without a build of the planner. */
export function startPlanners(): Promise<void> {
  return planners.start();
}

export async function createNativeEngine(
  { sdl, schema }: Supergraph,
  log?: Logger,
  known?: PlannerOptions["planned"],
): Promise<RunOperation> {
  const planner = createPlanner({ schema, plan: await planners.load(sdl), log, planned: known });
  const requirements = readRequirements(schema);
  const interfaces = new Set(Object.keys(schema.getTypeMap()).filter((name) => isInterfaceType(schema.getType(name))));
  return async ({ document, variables }, call, planned) => {
    const plan = await planner.plan(document);
    planned?.(plan);
    return plan ? run(plan, { schema, variables, call, requirements, interfaces }) : { slots: {}, unplaced: [] };
  };
}
