/**
 * `npm run rules -- impact FILE`: whose verdict would this table change?
 *
 * A graph that runs says so, because it knows whom there is to decide about. It is asked again until it has considered all.
 */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { openGraph } from "./graph.ts";
import type { AskGraph, GraphAccess } from "./graph.ts";
import { tableFile } from "./table-file.ts";

const Verdict = z.string().nullable();
const Change = z.object({
  from: Verdict,
  to: Verdict,
  count: z.int(),
  rules: z.array(z.object({ rule: z.int(), count: z.int() })),
});
const Part = z.object({
  considered: z.int(),
  unknown: z.int(),
  isComplete: z.boolean(),
  changed: z.int(),
  changes: z.array(Change),
});
const Impact = z.object({
  model: z.string(),
  state: z.enum(["RUNNING", "DONE", "FAILED"]),
  problem: z.string().nullable(),
  days: z.int(),
  today: Part,
  ledger: Part,
});
export type TableImpact = z.infer<typeof Impact>;

export interface ImpactArguments extends GraphAccess {
  readonly file: string;
  readonly days: number;
}

/** Between two questions. */
const PAUSE_MS = 500;

/** Rejects with an Error for the operator. */
export async function findImpact({ file, days, ...access }: ImpactArguments): Promise<TableImpact> {
  const { key: model, text: table } = await tableFile(file);
  const ask = await openGraph(access);
  for (;;) {
    const impact = await impactOf(ask, { model, table, days });
    if (impact.state === "FAILED") throw new Error(`Cannot find the impact: ${impact.problem}`);
    if (impact.state === "DONE") return impact;
    await delay(PAUSE_MS);
  }
}

const Answer = z.object({ changeImpact: Impact });
const PART = "considered unknown isComplete changed changes { from to count rules { rule count } }";
const QUERY = `query ($model: String!, $table: String!, $days: Int!) {
  changeImpact(model: $model, table: $table, days: $days) { model state problem days today { ${PART} } ledger { ${PART} } }
}`;

async function impactOf(ask: AskGraph, variables: object): Promise<TableImpact> {
  return (await ask(QUERY, variables, Answer)).changeImpact;
}
