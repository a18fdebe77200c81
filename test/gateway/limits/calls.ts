/**
 * Does any operation call the decision service more often than the gateway says that it can?
 *
 * Random queries over the whole graph, one after the other, each with a cold cache: before each, a new version of every table
 * is deployed to the sandbox, so that nothing which was answered or compared before counts. Its calls are those that the
 * sandbox gets until nothing is in flight any more, verification included.
 */
import { setImmediate } from "node:timers/promises";
import { buildClientSchema, getIntrospectionQuery } from "graphql";
import type { GraphQLSchema, IntrospectionQuery } from "graphql";
import { z } from "zod";
import { ROUTES } from "../../../subgraphs/sandbox/opentext/calls.ts";
import { FACTS_KEPT, NOW, startTestDecibel } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";
import { createRandom } from "../../support/random.ts";
import { randomOperation } from "../engine/random.ts";
import type { Values, Variables } from "../engine/random.ts";

export interface CallCheck {
  readonly seed: number;
  readonly documents: number;
  /** Of the answers that the service did not give, how many are verified: 0 to 1. */
  readonly verifyShare: number;
}

export interface CallTally {
  readonly documents: number;
  /** Those that can call the service at all. */
  readonly deciding: number;
  /** Those that are beyond a limit, or whose variables are refused. */
  readonly notRun: number;
  readonly calls: number;
  readonly bound: number;
  /** What was called more often than it can. */
  readonly violations: readonly string[];
  /** Calls made for each call that can be made, in order, where there was at least one. */
  readonly ratios: readonly number[];
}

/** Between two queries. */
const STEP_MS = 20;
/** Most queries ask for one of these. */
const DECIDING = /\b(activation|targeting|routing|decision|placement|publishing|playback|segments|lead)\b/;

const Reply = z.object({
  extensions: z.object({ cost: z.object({ openTextCalls: z.number() }) }).optional(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

export async function checkCalls(
  { seed, documents, verifyShare }: CallCheck,
  report: (done: number) => void = () => {},
): Promise<CallTally> {
  // The upstreams' limits of requests allow more as time passes.
  let at = NOW;
  const graph = await startTestDecibel({
    now: () => at,
    variables: {
      ...FACTS_KEPT,
      DECISIONS_VERIFY_SHARE: String(verifyShare),
      LIMIT_COST: "1000000",
      LIMIT_OPENTEXT_CALLS: "2000",
    },
  });
  try {
    const { cold, callsOf } = coldService(graph);
    const { data } = await graph.query<IntrospectionQuery>(getIntrospectionQuery());
    const schema = buildClientSchema(data);
    const values = await valuesOf(graph);
    const violations: string[] = [];
    const ratios: number[] = [];
    const counted = { deciding: 0, notRun: 0, calls: 0, bound: 0 };
    for (let index = 0; index < documents; index += 1) {
      const { source, variables } = randomQuery(schema, seed * 1_000_003 + index, values);
      at += STEP_MS;
      await cold();
      const before = callsOf();
      const response = await fetch(graph.decibel.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query: source, variables, extensions: { cost: true } }),
      });
      const { extensions } = Reply.parse(await response.json());
      await settled(graph);
      const made = callsOf() - before;
      if ((index + 1) % 1000 === 0) report(index + 1);
      if (!extensions) {
        counted.notRun += 1;
        if (made > 0) violations.push(`it was not run, and made ${made} calls: ${source}`);
        continue;
      }
      const { openTextCalls } = extensions.cost;
      counted.calls += made;
      counted.bound += openTextCalls;
      if (openTextCalls > 0) counted.deciding += 1;
      if (openTextCalls > 0 && made > 0) ratios.push(made / openTextCalls);
      if (made > openTextCalls)
        violations.push(`${made} calls, bound ${openTextCalls}: ${source} ${JSON.stringify(variables)}`);
    }
    return { documents, ...counted, violations, ratios: ratios.toSorted((left, right) => left - right) };
  } finally {
    await graph.stop();
  }
}

/** `cold` deploys a new version of each table, as an operator does. */
export function coldService({ decibel }: TestDecibel): {
  readonly cold: () => Promise<void>;
  readonly callsOf: () => number;
} {
  const { sandboxes, pipeline } = decibel;
  const { opentext } = sandboxes;
  if (!opentext) throw new RangeError("the decision service has no sandbox");
  let calls = 0;
  let version = 1000;
  opentext.app.server.on("request", ({ url }: { readonly url?: string }) => {
    if (url?.startsWith(ROUTES.execute) === true) calls += 1;
  });
  return {
    async cold() {
      version += 1;
      for (const { compiled } of pipeline.models.values())
        opentext.deploy({ ...compiled, table: { ...compiled.table, version } });
      if (!(await pipeline.versions.refresh())) throw new Error("the versions could not be listed");
    },
    callsOf: () => calls,
  };
}

/** Until nothing is asked of the service any more: verification goes on behind an answer. */
export async function settled({ decibel: { pipeline } }: TestDecibel): Promise<void> {
  for (let idle = 0; idle < 3;) {
    await setImmediate();
    const { waiting, working } = pipeline.scheduler;
    idle = waiting + working === 0 ? idle + 1 : 0;
  }
}

function randomQuery(
  schema: GraphQLSchema,
  seed: number,
  values: Values,
): { readonly source: string; readonly variables: Variables } {
  const random = createRandom(seed);
  const mayDecideNothing = random.isLucky(0.1);
  for (;;) {
    const { source, variants } = randomOperation(schema, random.next, values);
    // What a mutation causes may come later, where it would count for another query.
    if (source.startsWith("query") && (mayDecideNothing || DECIDING.test(source)))
      return { source, variables: random.pick(variants) };
  }
}

/** Ids of what there is, by the names of arguments. */
async function valuesOf(graph: TestDecibel): Promise<Values> {
  const { data } = await graph.query<Readonly<Record<string, unknown>>>(`{
    campaigns(first: 6) { nodes { id sponsorships(first: 2) { nodes { id } } cases(first: 2) { nodes { id } } } }
    episodes(first: 6) { nodes { id show { id } } }
    locations(first: 6) { nodes { id playlistRequests(first: 2) { nodes { id } } } }
    listeners(first: 6) { nodes { id } }
    caseWorklist(first: 3) { nodes { id } }
    locationWorklist(first: 3) { nodes { id } }
  }`);
  const ids = [...new Set([...JSON.stringify(data).matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id))];
  return {
    id: [...ids, "campaign_none"],
    showId: ids.filter((id) => id?.startsWith("show_")),
    campaignId: ids.filter((id) => id?.startsWith("campaign_")),
    first: [1, 2, 3, 5, 8, 20, null],
    after: [null],
    country: ["DE", "US"],
    DateTime: ["2026-01-01T00:00:00Z"],
  };
}
