/**
 * How many calls do decisions cost as the number of subjects grows, and how long does a board of them take?
 *
 * Growth: for each number of listeners a new Decibel with a cold cache, 200 listeners a query, each with segments, lead and
 * activation for one campaign. Asks are decision fields; conditions are classes by the cells that hold; distinct are
 * classes by the rules that match; executes are counted by the OpenText sandbox.
 *
 * Cold: the leads of 1,000 listeners from a service that allows 5 requests a second, as a sibling of the real one does; one
 * call for each would take 200 s.
 *
 * Crowd: five clients load the same cold board of 1,000 at once, with 50 ms for each evaluation, and a sixth loads it
 * after them. The pipeline counts fields that asked, equivalent answers, questions that joined one in flight, cache
 * hits and calls. Each client has another page size, because the gateway merges equal queries. Over 200 lines, because
 * the three measurements share their set-up.
 */
// Before any decorator runs.
import "reflect-metadata";
import { leadFacts } from "../../subgraphs/listeners/decisions/lead-routing.ts";
import { segmentFacts } from "../../subgraphs/listeners/decisions/audience-segment.ts";
import { toListener } from "../../subgraphs/listeners/services.ts";
import { compile } from "../../subgraphs/pipeline/table/compile.ts";
import type { CompiledTable } from "../../subgraphs/pipeline/table/compile.ts";
import type { Facts, Table } from "../../subgraphs/pipeline/table/table.ts";
import { memoryRecords } from "../support/memory-records.ts";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";

export interface DecisionFigures {
  readonly growth: readonly Growth[];
  readonly warm: { readonly listeners: number; readonly ms: number; readonly executes: number };
  readonly cold: {
    readonly listeners: number;
    readonly seconds: number;
    readonly executes: number;
    readonly requestsPerSecond: number;
  };
  readonly crowd: {
    readonly listeners: number;
    readonly clients: number;
    readonly asks: number;
    readonly equivalent: number;
    readonly joined: number;
    readonly hits: number;
    readonly calls: number;
  };
}

export interface Growth {
  readonly listeners: number;
  readonly asks: number;
  /** Of segments and leads: classes by the cells that hold, and by the rules that match. */
  readonly conditions: number;
  readonly distinct: number;
  /** Of all three decisions. */
  readonly executes: number;
  readonly equivalent: number;
  readonly ms: number;
}

type Fields = "segments" | "lead" | "activation";
interface Page {
  readonly listeners: {
    readonly nodes: readonly Readonly<Partial<Record<Fields, { readonly origin: string } | null>>>[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

const PAGE_SIZE = 200;
const BOARD = 1000;
const SLOW_PER_SECOND = 5;
const CLIENTS = 5;
/** The latency of an evaluation over a network. */
const LATENCY_MS = 50;
const ALL = "segments { origin } lead { origin } activation(campaignId: $campaignId) { origin }";

export async function benchDecisions(sizes: readonly number[] = [20, 200, 2000, 5000]): Promise<DecisionFigures> {
  const growth: Growth[] = [];
  for (const listeners of sizes) growth.push(await withDecibel({}, (graph) => grow(graph, listeners)));
  return { growth, warm: await withDecibel({}, warm), cold: await cold(), crowd: await withDecibel({}, crowd) };
}

async function grow(graph: TestDecibel, listeners: number): Promise<Growth> {
  await graph.sandbox("opentext").forget();
  const startedAt = performance.now();
  const origins = await board(graph, listeners, ALL);
  const ms = Math.round(performance.now() - startedAt);
  const { executes } = await graph.sandbox("opentext").calls();
  const equivalent = origins.filter((origin) => origin === "EQUIVALENT").length;
  return { listeners, asks: origins.length, ...(await classes(graph, listeners)), executes, equivalent, ms };
}

async function warm(graph: TestDecibel): Promise<DecisionFigures["warm"]> {
  await board(graph, BOARD, ALL);
  await graph.sandbox("opentext").forget();
  const startedAt = performance.now();
  await board(graph, BOARD, ALL);
  const ms = Math.round(performance.now() - startedAt);
  return { listeners: BOARD, ms, executes: (await graph.sandbox("opentext").calls()).executes };
}

function cold(): Promise<DecisionFigures["cold"]> {
  const patient = { OPENTEXT_REQUESTS_PER_SECOND: String(SLOW_PER_SECOND), OPENTEXT_BATCH_TIMEOUT_MS: "50000" };
  return withDecibel(patient, async (graph) => {
    await graph.sandbox("opentext").forget();
    const startedAt = performance.now();
    await board(graph, BOARD, "lead { origin }");
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
    const { executes } = await graph.sandbox("opentext").calls();
    return { listeners: BOARD, seconds, executes, requestsPerSecond: SLOW_PER_SECOND };
  });
}

async function crowd(graph: TestDecibel): Promise<DecisionFigures["crowd"]> {
  await graph.sandbox("opentext").misbehave({ latencyMs: LATENCY_MS, only: "execute" });
  await Promise.all(Array.from({ length: CLIENTS }, (_none, client) => board(graph, BOARD, ALL, PAGE_SIZE - client)));
  await board(graph, BOARD, ALL);
  const text = await (await fetch(new URL("/metrics", graph.part("listeners").url))).text();
  const counted = (metric: string, label = ""): number =>
    Array.from(text.matchAll(/^(\w+)(\{.*\})? (\S+)$/gm), ([, name, labels = "", value]) =>
      name === `decibel_${metric}_total` && labels.includes(label) ? Number(value) : 0,
    ).reduce((sum, value) => sum + value, 0);
  return {
    listeners: BOARD,
    clients: CLIENTS + 1,
    asks: counted("decisions_asked"),
    equivalent: counted("decisions_answered", 'origin="EQUIVALENT"'),
    joined: counted("decisions_joined"),
    hits: counted("cache_hits"),
    calls: counted("service_calls"),
  };
}

/** The origins of all answers. */
async function board(
  graph: TestDecibel,
  count: number,
  selection: string,
  pageSize = PAGE_SIZE,
): Promise<readonly string[]> {
  const first = await graph.query<{ campaigns: { nodes: readonly { id: string }[] } }>(
    "{ campaigns(first: 1, status: ACTIVE) { nodes { id } } }",
  );
  const campaignId = first.data.campaigns.nodes[0]?.id;
  const declared = selection.includes("$campaignId") ? "$campaignId: ID!, " : "";
  const query = `query (${declared}$first: Int, $after: String) {
    listeners(first: $first, after: $after) { nodes { ${selection} } pageInfo { hasNextPage endCursor } }
  }`;
  const origins: string[] = [];
  let after: string | undefined;
  for (let listed = 0; listed < count;) {
    const page = Math.min(pageSize, count - listed);
    const { data, errors } = await graph.query<Page>(query, { campaignId, first: page, after });
    if (errors[0]) throw new Error(`Cannot measure: ${errors[0].message}`);
    origins.push(
      ...data.listeners.nodes.flatMap((node) => Object.values(node).flatMap((decision) => decision?.origin ?? [])),
    );
    listed += data.listeners.nodes.length;
    if (!data.listeners.pageInfo.hasNextPage) break;
    after = data.listeners.pageInfo.endCursor;
  }
  return origins;
}

/** Computed from tables and records, without a query. */
async function classes(graph: TestDecibel, count: number): Promise<Pick<Growth, "conditions" | "distinct">> {
  const { sandboxes, pipeline } = graph.decibel;
  const listeners = (await memoryRecords(sandboxes.firstParty).listeners.listeners({ limit: count })).map(toListener);
  const facts: Readonly<Record<string, readonly Facts[]>> = {
    audience_segment: listeners.map((listener) => segmentFacts(listener, NOW)),
    lead_routing: listeners.map(leadFacts),
  };
  const counts = Object.entries(facts).map(([key, all]) => {
    const compiled = pipeline.models.get(key)?.compiled;
    if (!compiled) throw new Error(`Cannot measure: there is no model ${key}`);
    const byCell = compileByCell(compiled.table);
    return {
      conditions: new Set(all.map((one) => byCell.identity(one))).size,
      distinct: new Set(all.map((one) => compiled.identity(one))).size,
    };
  });
  return {
    conditions: counts.reduce((sum, { conditions }) => sum + conditions, 0),
    distinct: counts.reduce((sum, { distinct }) => sum + distinct, 0),
  };
}

/** With a rule for each cell: facts have the same identity where each cell holds for both or for neither. */
function compileByCell(table: Table): CompiledTable {
  const rules = table.rules.flatMap((rule) =>
    rule.conditions.flatMap((condition, column) =>
      condition === null
        ? []
        : [{ ...rule, conditions: rule.conditions.map((_other, index) => (index === column ? condition : null)) }],
    ),
  );
  return compile({ ...table, rules });
}

async function withDecibel<T>(
  variables: Readonly<Record<string, string>>,
  work: (graph: TestDecibel) => Promise<T>,
): Promise<T> {
  const graph = await startTestDecibel({ variables });
  try {
    return await work(graph);
  } finally {
    await graph.stop();
  }
}
