/**
 * How are requests answered over one version of the supergraphs?
 *
 * By an executor for each endpoint, with what is derived from its supergraph. A gateway that is given another version makes
 * another one of these: each request is answered by one of them alone, to its end. Before a new one is used, it prepares what
 * clients have asked lately, so that they do not wait for its first plans.
 */
import type { Logger } from "pino";
import type { Caller } from "../subgraphs/platform/caller.ts";
import type { Clock } from "../subgraphs/platform/clock.ts";
import type { Events } from "../subgraphs/platform/events.ts";
import type { RequestLimits } from "../subgraphs/platform/request-limits.ts";
import { createExecutor } from "./engine/engine.ts";
import type { Engine } from "./engine/engine.ts";
import type { CallSubgraph } from "./engine/run.ts";
import { ENDPOINT, PARTNER_ENDPOINT } from "./http/endpoints.ts";
import { createAnswerGraphQL } from "./http/graphql.ts";
import type { AnswerGraphQL, GraphQLHandlerOptions } from "./http/graphql.ts";
import { RESPONSE_TYPE } from "./http/media-types.ts";
import { createDemand } from "./limits/demand.ts";
import { createDocuments } from "./limits/documents.ts";
import type { DocumentsOptions } from "./limits/documents.ts";
import { readTrustedDocuments, trustedWhereValid } from "./limits/manifest.ts";
import type { PersistedDocuments } from "./limits/persisted.ts";
import { readWeights } from "./limits/weights.ts";
import { createPartnerEndpoint } from "./partner/endpoint.ts";
import type { GatewayMetrics } from "./telemetry/metrics.ts";
import { createSubscriptions } from "./live/subscriptions.ts";
import type { RecentRequest } from "./recent.ts";
import { assertServable } from "./supergraph.ts";

/** Supergraph SDLs. */
export interface Supergraphs {
  readonly supergraph: string;
  /** The same with what partners see. Default: there is no endpoint for them. */
  readonly partnerSupergraph?: string | undefined;
}

export interface GraphOptions extends Clock {
  readonly engine: Engine;
  readonly limits: RequestLimits;
  readonly persisted: PersistedDocuments;
  /** The file of the documents that clients may name. Default: none. */
  readonly trustedDocuments?: string | undefined;
  /** Of the console, by the SHA-256 of their texts: trusted where they are valid. Default: none. */
  readonly documents?: Readonly<Record<string, string>> | undefined;
  readonly calls: GraphQLHandlerOptions["calls"];
  /** Told how each request named its document. Default: nobody is. */
  readonly named?: DocumentsOptions["named"];
  /** Counts subscriptions. Default: nobody does. */
  readonly metrics?: Pick<GatewayMetrics, "subscribed"> | undefined;
  /** What clients can subscribe to. Default: nothing. */
  readonly events?: Events | undefined;
  readonly log: Logger;
}

export interface Graph {
  /** By path of their endpoint. */
  readonly answers: ReadonlyMap<string, AnswerGraphQL>;
  /** Its subscribers come back, to another one of these or to another gateway. */
  endStreams(): void;
  /** Prepares the requests, and calls nobody. Never rejects. */
  warm(requests: Iterable<RecentRequest>): Promise<void>;
}

/** Rejects with an Error where a supergraph cannot be served, or a trusted document is not valid over it. */
export async function createGraph(
  { supergraph, partnerSupergraph }: Supergraphs,
  {
    engine,
    limits,
    persisted,
    trustedDocuments: file,
    documents: own = {},
    calls,
    named,
    metrics,
    events,
    now,
    elapsed,
    log,
  }: GraphOptions,
): Promise<Graph> {
  assertServable(supergraph);
  const executor = await createExecutor(engine, supergraph);
  const partnerExecutor =
    partnerSupergraph === undefined
      ? undefined
      : await createExecutor(engine, partnerSupergraph, { hideSuggestions: true });
  const schemas = new Map([[ENDPOINT, executor.schema]]);
  if (partnerExecutor) schemas.set(PARTNER_ENDPOINT, partnerExecutor.schema);
  const trusted = new Map([
    ...trustedWhereValid(own, ENDPOINT, executor.schema),
    ...(file === undefined ? [] : readTrustedDocuments(file, schemas)),
  ]);
  /** Of requests that are only prepared. */
  const preparing = new WeakSet<Caller>();
  const shared = {
    demand: createDemand(readWeights(supergraph), limits),
    calls: (request: Parameters<typeof calls>[0]) => (preparing.has(request.caller) ? NOBODY : calls(request)),
    log,
  };
  const documents = createDocuments({ endpoint: ENDPOINT, trusted, persisted, named });
  const subscriptions = events && createSubscriptions({ ...shared, executor, events, limits, now, elapsed, metrics });
  const answers = new Map([
    [ENDPOINT, createAnswerGraphQL({ ...shared, executor, documents, subscribe: subscriptions?.subscribe })],
  ]);
  if (partnerExecutor) {
    const { path, answer } = createPartnerEndpoint({ ...shared, executor: partnerExecutor, trusted, named });
    answers.set(path, answer);
  }

  return {
    answers,
    endStreams: () => subscriptions?.close(),
    async warm(requests) {
      for (const { path, parameters, scopes } of requests) {
        const caller: Caller = { id: "preparation", scopes, accounts: undefined };
        preparing.add(caller);
        // What is not valid any more fails here as it will for its client.
        await answers
          .get(path)?.({ ...PREPARATION, parameters, caller })
          .catch(() => {});
      }
    },
  };
}

const PREPARATION = {
  responseType: RESPONSE_TYPE,
  isDeferring: false,
  isReadOnly: false,
  requestId: "preparation",
  endsAt: Number.POSITIVE_INFINITY,
  signal: new AbortController().signal,
} as const;

/** Also for a mutation. */
const NOBODY: CallSubgraph = async () => ({ data: {} });
