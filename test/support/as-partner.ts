/**
 * How does a test ask as a partner, without HTTP?
 *
 * By the gateway's own functions, over the subgraphs of a started Decibel: as the endpoint for partners does, and as it would
 * if it executed any document, which shows what validation and execution say of names that are not theirs.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { GraphQLSchema } from "graphql";
import { pino } from "pino";
import { chooseEngine, createExecutor } from "../../gateway/engine/engine.ts";
import type { Engine } from "../../gateway/engine/engine.ts";
import { PARTNER_ENDPOINT } from "../../gateway/http/endpoints.ts";
import { createAnswerGraphQL } from "../../gateway/http/graphql.ts";
import type { AnswerGraphQL } from "../../gateway/http/graphql.ts";
import { RESPONSE_TYPE } from "../../gateway/http/media-types.ts";
import { RequestError } from "../../gateway/http/request-error.ts";
import { createDemand } from "../../gateway/limits/demand.ts";
import { createDocuments } from "../../gateway/limits/documents.ts";
import type { DocumentReference } from "../../gateway/limits/documents.ts";
import { hashOf } from "../../gateway/limits/manifest.ts";
import { readWeights } from "../../gateway/limits/weights.ts";
import { answerPartners } from "../../gateway/partner/answer.ts";
import { createPartnerEndpoint } from "../../gateway/partner/endpoint.ts";
import { createCalls } from "../../gateway/transport/calls.ts";
import { createMemoryTransport } from "../../gateway/transport/memory.ts";
import { PARTNER_SUPERGRAPH } from "../../schema/rover.ts";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { REQUEST_LIMITS } from "../../subgraphs/platform/request-limits.ts";
import type { TestDecibel } from "./decibel.ts";
import { requestOf } from "./graphql-request.ts";

/** How the document is named. */
export type Way = "text" | "hash" | "id";

export interface AsPartner {
  /** What partners see. */
  readonly schema: GraphQLSchema;
  /** What the endpoint answers, with its status and for how long it may be kept, as text. */
  ask(query: string, way?: Way): Promise<string>;
  /** What it would answer if it executed any document. */
  askAny(query: string, variables?: object, more?: AskOptions): Promise<string>;
  /** How often a subgraph was called since the last call of this. */
  calls(): number;
}

export interface AskOptions {
  readonly caller?: Caller;
  readonly operationName?: string;
  readonly asksCost?: boolean;
  readonly asksExplain?: boolean;
}

export function partnerOf(accounts?: Iterable<string>): Caller {
  return { id: "key:portal", scopes: new Set(["eligibility:read"]), accounts: accounts && new Set(accounts) };
}

/** `engine`: by default the fastest. */
export async function asPartner(
  { decibel: { subgraphs } }: Pick<TestDecibel, "decibel">,
  engine?: Engine,
): Promise<AsPartner> {
  const log = pino({ enabled: false });
  const supergraph = readFileSync(join(projectRoot(), PARTNER_SUPERGRAPH), "utf8");
  const executor = await createExecutor(engine ?? (await chooseEngine(log)), supergraph, { hideSuggestions: true });
  let called = 0;
  const transports = new Map(
    [...subgraphs].map(([name, execute]) => [
      name,
      createMemoryTransport((request) => {
        called += 1;
        return execute(request);
      }),
    ]),
  );
  const demand = createDemand(readWeights(supergraph), REQUEST_LIMITS);
  const options = { executor, demand, calls: createCalls(transports, log), log };
  const endpoint = createPartnerEndpoint({ ...options, trusted: new Map() });
  const documents = createDocuments({ endpoint: PARTNER_ENDPOINT, trusted: new Map() });
  const answerAny = answerPartners(createAnswerGraphQL({ ...options, documents }), executor.schema);

  return {
    schema: executor.schema,
    ask: (query, way = "text") =>
      answered(endpoint.answer, {
        query: way === "text" ? query : undefined,
        persistedHash: way === "hash" ? hashOf(query) : undefined,
        trustedHash: way === "id" ? hashOf(query) : undefined,
      }),
    askAny: (query, variables = {}, more = {}) => answered(answerAny, { query }, variables, more),
    calls() {
      const since = called;
      called = 0;
      return since;
    },
  };
}

async function answered(
  answer: AnswerGraphQL,
  reference: { [name in keyof DocumentReference]?: string | undefined },
  variables: object = {},
  { caller = partnerOf(), operationName, asksCost = false, asksExplain = false }: AskOptions = {},
): Promise<string> {
  try {
    const asked = { ...reference, operationName, variables, asksCost, asksExplain };
    const { status, body, maxAge } = await answer(requestOf(asked, { caller, responseType: RESPONSE_TYPE }));
    return `${status} ${JSON.stringify(body)}${maxAge === undefined ? "" : ` max-age=${maxAge}`}`;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return `${error.status} ${JSON.stringify(error.toResponse())}`;
  }
}
