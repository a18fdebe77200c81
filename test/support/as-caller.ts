/**
 * How does a test ask as a caller of its choice?
 *
 * By the gateway's own function, over the subgraphs of a started Decibel, in the same process: without tokens. Or a subgraph
 * itself, as a gateway does.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { chooseEngine, createExecutor } from "../../gateway/engine/engine.ts";
import type { Engine } from "../../gateway/engine/engine.ts";
import { ENDPOINT } from "../../gateway/http/endpoints.ts";
import { createAnswerGraphQL } from "../../gateway/http/graphql.ts";
import { JSON_TYPE } from "../../gateway/http/media-types.ts";
import { createDemand } from "../../gateway/limits/demand.ts";
import { createDocuments } from "../../gateway/limits/documents.ts";
import { readWeights } from "../../gateway/limits/weights.ts";
import { createCalls } from "../../gateway/transport/calls.ts";
import { createMemoryTransport } from "../../gateway/transport/memory.ts";
import { SUPERGRAPH } from "../../schema/rover.ts";
import { SCOPES } from "../../schema/scope.ts";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import type { TestDecibel } from "./decibel.ts";
import { requestOf } from "./graphql-request.ts";

export interface AsCaller {
  /** The body of the response, as text. */
  ask(caller: Caller, query: string, variables?: object): Promise<string>;
  /** What a subgraph answers a gateway, as text. */
  askPart(caller: Caller, name: string, query: string, variables?: object): Promise<string>;
}

/** What is asked here crosses everything that there is. */
const UNLIMITED = { cost: Infinity, openTextCalls: Infinity };

/** With all scopes; without accounts, with all of them. */
export function callerOf(id: string, accounts?: Iterable<string>): Caller {
  return { id, scopes: new Set(SCOPES), accounts: accounts && new Set(accounts) };
}

const log = pino({ enabled: false });

/** Default: the engine of this platform. */
export async function asCallers(
  { decibel: { subgraphs } }: Pick<TestDecibel, "decibel">,
  engine?: Engine,
): Promise<AsCaller> {
  const supergraph = readFileSync(join(projectRoot(), SUPERGRAPH), "utf8");
  const executor = await createExecutor(engine ?? (await chooseEngine(log)), supergraph);
  const transports = new Map([...subgraphs].map(([name, execute]) => [name, createMemoryTransport(execute)]));
  const answer = createAnswerGraphQL({
    executor,
    demand: createDemand(readWeights(supergraph), UNLIMITED),
    documents: createDocuments({ endpoint: ENDPOINT, trusted: new Map() }),
    calls: createCalls(transports, log),
    log,
  });
  return {
    async ask(caller, query, variables = {}) {
      const { body } = await answer(requestOf({ query, variables }, { caller, responseType: JSON_TYPE }));
      return JSON.stringify(body);
    },
    async askPart(caller, name, query, variables = {}) {
      const execute = subgraphs.get(name);
      if (!execute) throw new RangeError(`there is no subgraph ${name}`);
      const names = { requestId: "test", caller, operationName: undefined };
      return JSON.stringify(await execute({ ...names, query, variables: { ...variables } }));
    },
  };
}
