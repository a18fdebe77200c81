/** What stays in memory of requests that were answered: what is prepared, and no values of theirs. */
import { getOperationAST, parse } from "graphql";
import { expect, it } from "vitest";
import { createExecutor } from "../../../gateway/engine/engine.ts";
import { createNativeEngine } from "../../../gateway/engine/native.ts";
import type { CallSubgraph } from "../../../gateway/engine/run.ts";
import { createDemand } from "../../../gateway/limits/demand.ts";
import type { Demand } from "../../../gateway/limits/demand.ts";
import { readWeights } from "../../../gateway/limits/weights.ts";
import { compose } from "../../../schema/compose.ts";
import { REQUEST_LIMITS } from "../../../subgraphs/platform/request-limits.ts";
import { heapMb } from "../../support/heap.ts";

const SDL = "type Query { echo(text: String): Int }";
const SUPERGRAPH = compose(
  { subgraphs: [{ name: "one", routingUrl: "http://one", file: "one" }] },
  new Map([["one", SDL]]),
);
const REQUESTS = 40;
const TEXT_MB = 2;

type RequestOf = (
  text: string,
  index: number,
) => readonly [source: string, variables: Readonly<Record<string, unknown>>];

it.each<[string, RequestOf]>([
  ["variables", (text, index) => [`query($t: String) { a${index}: echo(text: $t) }`, { t: text }]],
  ["documents", (text, index) => [`{ a${index}: echo(text: "${text}") }`, {}]],
])(
  "texts of %s are not kept",
  async (_where, requestOf) => {
    const executor = await createExecutor({ name: "rust", create: createNativeEngine }, SUPERGRAPH);
    const demand = createDemand(readWeights(SUPERGRAPH), REQUEST_LIMITS);
    await ask(0);
    const before = heapMb();
    for (let index = 1; index <= REQUESTS; index += 1) await ask(index);
    expect(heapMb() - before).toBeLessThan((REQUESTS * TEXT_MB) / 4);

    async function ask(index: number): Promise<void> {
      // Read anew for each, as it comes from a client.
      const text = JSON.parse(JSON.stringify("x".repeat(TEXT_MB * 1_000_000))) as string;
      const [source, variables] = requestOf(text, index);
      const document = parse(source);
      const operation = getOperationAST(document) ?? expect.fail("there is no operation");
      const call: CallSubgraph = async (_fetch, values) => ({ data: { s0: String(values["s0_text"]).length } });
      const admit = (...admitted: Parameters<Demand["admit"]>): void => void demand.admit(...admitted);
      const request = { document, operation, variables, scopes: new Set<string>() };
      const { response } = await executor.execute(request, { call, admit });
      expect(response).toEqual({ data: { [`a${index}`]: text.length } });
    }
  },
  60_000,
);
