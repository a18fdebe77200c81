/**
 * How many calls do decisions cost as the subjects grow in number, and how long does a board of them take?
 *
 * For each number of listeners a fresh Decibel, cold cache: all of them with their segments, their lead and whether one
 * campaign may be put before them, 200 a query. Asks are decision fields; conditions are the classes by the truth of each
 * cell; distinct is what is left of those by the rules that match; executes are what OpenText's sandbox counted.
 *
 * The cold board asks for the leads of 1,000 listeners of a service that allows 5 requests a second, as a sibling of the
 * real one does: asked one by one that takes 200 s.
 *
 * The crowd are five clients that open the same cold board of 1,000 at once, each evaluation 50 ms away, and one that comes when they have it. Counted by
 * the pipeline: fields that asked, those that share an evaluation of other facts, questions that joined one under way, those
 * that the cache knew, and calls. Each has pages of another length, since the gateway puts equal queries together.
 */
// Before any decorator runs.
import "reflect-metadata";
import { leadFacts } from "../../subgraphs/listeners/decisions/lead-routing.ts";
import { segmentFacts } from "../../subgraphs/listeners/decisions/audience-segment.ts";
import { toListener } from "../../subgraphs/listeners/services.ts";
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
  /** Of segments and leads: the classes by the truth of each cell, and by the rules that match. */
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
const AT_ONCE = 5;
/** What an evaluation takes where the service is not on the same machine. */
const FAR_MS = 50;
const ALL = "segments { origin } lead { origin } activation(campaignId: $campaignId) { origin }";

export async function benchDecisions(sizes: readonly number[] = [20, 200, 2000, 5000]): Promise<DecisionFigures> {
  const growth: Growth[] = [];
  for (const listeners of sizes) growth.push(await withDecibel({}, (graph) => grow(graph, listeners)));
  return { growth, warm: await withDecibel({}, warm), cold: await cold(), crowd: await withDecibel({}, crowd) };
}

async function grow(graph: TestDecibel, wanted: number): Promise<Growth> {
  await graph.sandbox("opentext").forget();
  const startedAt = performance.now();
  const origins = await board(graph, wanted, ALL);
  const ms = Math.round(performance.now() - startedAt);
  const { executes } = await graph.sandbox("opentext").calls();
  const equivalent = origins.filter((origin) => origin === "EQUIVALENT").length;
  return { listeners: wanted, asks: origins.length, ...(await classes(graph, wanted)), executes, equivalent, ms };
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
  await graph.sandbox("opentext").misbehave({ latencyMs: FAR_MS, only: "execute" });
  await Promise.all(Array.from({ length: AT_ONCE }, (_none, client) => board(graph, BOARD, ALL, PAGE_SIZE - client)));
  await board(graph, BOARD, ALL);
  const text = await (await fetch(new URL("/metrics", graph.part("listeners").url))).text();
  const counted = (metric: string, label = ""): number =>
    Array.from(text.matchAll(/^(\w+)(\{.*\})? (\S+)$/gm), ([, name, labels = "", value]) =>
      name === `decibel_${metric}_total` && labels.includes(label) ? Number(value) : 0,
    ).reduce((sum, value) => sum + value, 0);
  return {
    listeners: BOARD,
    clients: AT_ONCE + 1,
    asks: counted("decisions_asked"),
    equivalent: counted("decisions_answered", 'origin="EQUIVALENT"'),
    joined: counted("decisions_joined"),
    hits: counted("cache_hits"),
    calls: counted("service_calls"),
  };
}

/** Where the answers to all of them came from. */
async function board(
  graph: TestDecibel,
  wanted: number,
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
  for (let listed = 0; listed < wanted;) {
    const page = Math.min(pageSize, wanted - listed);
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

/** Worked out from the tables and the records alone. */
async function classes(graph: TestDecibel, wanted: number): Promise<Pick<Growth, "conditions" | "distinct">> {
  const { sandboxes, pipeline } = graph.decibel;
  const records = await memoryRecords(sandboxes.firstParty).listeners.listeners({ limit: wanted });
  const conditions = new Set<string>();
  const distinct = new Set<string>();
  for (const listener of records.map(toListener)) {
    for (const [key, facts] of Object.entries({
      audience_segment: segmentFacts(listener, NOW),
      lead_routing: leadFacts(listener),
    })) {
      const compiled = pipeline.models.get(key)?.compiled;
      conditions.add(`${key} ${compiled?.truth(facts)}`);
      distinct.add(`${key} ${compiled?.identity(facts)}`);
    }
  }
  return { conditions: conditions.size, distinct: distinct.size };
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
