/**
 * How many calls do decisions cost as the subjects grow in number?
 *
 * For each number of listeners a fresh Decibel, cold cache: all of them with their segments, their lead and whether
 * one campaign may be put before them, 200 a query. Asks are decision fields; the distinct identities are what is left
 * of them by the tables' conditions; executes are what OpenText's sandbox counted.
 */
import { startTestDecibel } from "../decibel.ts";
import type { TestDecibel } from "../decibel.ts";

export interface Figures {
  readonly listeners: number;
  readonly asks: number;
  readonly distinct: number;
  readonly executes: number;
  readonly ms: number;
}

interface Page {
  readonly listeners: {
    readonly nodes: readonly Readonly<Record<"segments" | "lead" | "activation", { readonly id: string } | null>>[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

const PAGE = `query ($campaignId: ID!, $first: Int, $after: String) {
  listeners(first: $first, after: $after) {
    nodes { segments { id } lead { id } activation(campaignId: $campaignId) { id } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const PAGE_SIZE = 200;

export async function benchDecisions(sizes: readonly number[] = [20, 200, 2000, 5000]): Promise<readonly Figures[]> {
  const figures: Figures[] = [];
  for (const listeners of sizes) {
    const graph = await startTestDecibel();
    try {
      figures.push(await measure(graph, listeners));
    } finally {
      await graph.stop();
    }
  }
  return figures;
}

async function measure(graph: TestDecibel, wanted: number): Promise<Figures> {
  const first = await graph.query<{ campaigns: { nodes: readonly { id: string }[] } }>(
    "{ campaigns(first: 1, status: ACTIVE) { nodes { id } } }",
  );
  const campaignId = first.data.campaigns.nodes[0]?.id;
  await graph.sandbox("opentext").forget();
  const evaluations = new Set<string>();
  let listeners = 0;
  let asks = 0;
  let after: string | undefined;
  const startedAt = performance.now();
  do {
    const { data, errors } = await graph.query<Page>(PAGE, {
      campaignId,
      first: Math.min(PAGE_SIZE, wanted - listeners),
      after,
    });
    if (errors[0]) throw new Error(`Cannot measure: ${errors[0].message}`);
    for (const { segments, lead, activation } of data.listeners.nodes) {
      for (const decision of [segments, lead, activation]) {
        asks += 1;
        if (decision) evaluations.add(decision.id);
      }
    }
    listeners += data.listeners.nodes.length;
    after = data.listeners.pageInfo.hasNextPage ? data.listeners.pageInfo.endCursor : undefined;
  } while (after !== undefined && listeners < wanted);
  const ms = Math.round(performance.now() - startedAt);
  const { executes } = await graph.sandbox("opentext").calls();
  return { listeners, asks, distinct: evaluations.size, executes, ms };
}
