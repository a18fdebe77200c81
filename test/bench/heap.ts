/**
 * How much memory does the pipeline hold after many distinct asks?
 *
 * It keeps outcomes, up to the limit of the memory store. So there are two figures: the memory after the first 100,000
 * asks, and what the next 100,000 add, where a leak would show. Asks go through loader, cache and store, 1,000 a request; a
 * function replaces the service, which keeps nothing.
 */
// Before any decorator runs.
import "reflect-metadata";
import { join } from "node:path";
import { pino } from "pino";
import type { Ask, Outcome } from "../../subgraphs/pipeline/ask.ts";
import { cache } from "../../subgraphs/pipeline/cache.ts";
import { createFit } from "../../subgraphs/pipeline/fit.ts";
import { createIdentity } from "../../subgraphs/pipeline/identity.ts";
import { createLoader } from "../../subgraphs/pipeline/loader.ts";
import { bindModels } from "../../subgraphs/pipeline/models.ts";
import { localTrust } from "../../subgraphs/pipeline/trust.ts";
import { outcomeOf } from "../../subgraphs/pipeline/outcome.ts";
import { memoryStore } from "../../subgraphs/platform/store/store.ts";
import { loadTables } from "../../subgraphs/pipeline/table/load.ts";
import { backgroundContext } from "../../subgraphs/platform/context.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { leadRouting } from "../../subgraphs/listeners/decisions/lead-routing.ts";
import { listenerDecisions } from "../../subgraphs/listeners/decisions.ts";
import { heapMb } from "../support/heap.ts";

export interface HeapFigures {
  readonly distinctAsks: number;
  /** Megabytes in use after the first asks. */
  readonly firstMb: number;
  /** Megabytes that as many more asks add. */
  readonly nextMb: number;
}

const ASKS = 100_000;
const A_REQUEST = 1000;

export async function benchHeap(): Promise<HeapFigures> {
  const tables = await loadTables(join(projectRoot(), "subgraphs", "listeners"));
  const models = bindModels([{ decisions: listenerDecisions, tables }]);
  // Without a running version, each set of facts is a distinct question.
  const version = (): undefined => undefined;
  const trust = localTrust(0);
  const identify = createIdentity({ models, version, covers: trust.covers });
  const answered = (ask: Ask): Outcome => {
    const model = models.get(ask.model);
    const evaluation = model?.compiled.evaluate(ask.facts);
    if (!model || !evaluation || "failed" in evaluation) throw new Error(`Cannot measure: ${ask.model} has no rows`);
    const rows = evaluation.rows.map((row) => Object.assign({}, row));
    return outcomeOf(ask, model, { rows, version: "unknown", origin: "SERVICE", decidedAt: Date.now() });
  };
  const store = memoryStore<Outcome>(50_000);
  const decide = cache(async (asks) => asks.map(answered), {
    store,
    models,
    identify,
    identifyByFacts: identify,
    fit: createFit({ models, isTableHere: trust.isTableHere }),
    identifyLast: identify,
    running: version,
  });
  const { decide: load } = createLoader({
    decide,
    evaluate: decide,
    written: async () => {},
    identify,
    identifyByFacts: identify,
    models,
    trust,
  });

  const before = heapMb();
  await ask(0);
  const filled = heapMb();
  await ask(ASKS);
  const after = heapMb();
  await store.close();
  return { distinctAsks: ASKS, firstMb: tenths(filled - before), nextMb: tenths(after - filled) };

  async function ask(from: number): Promise<void> {
    for (let first = from; first < from + ASKS; first += A_REQUEST) {
      const context = backgroundContext(pino({ enabled: false }), "bench");
      const numbers = Array.from({ length: A_REQUEST }, (_none, index) => first + index);
      await Promise.all(
        numbers.map((clicks) => load(context, leadRouting, { ...LEAD, cta_clicks: clicks }, "listener_1")),
      );
    }
  }
}

const LEAD = {
  consent: true,
  engagement: 50,
  industry: "RETAIL",
  country: "DE",
  product_interest: "ADS",
  customer_value: "HIGH",
};

function tenths(mb: number): number {
  return Math.round(mb * 10) / 10;
}
