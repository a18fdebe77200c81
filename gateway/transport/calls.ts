/**
 * What does the engine get from a subgraph that it calls for a client?
 *
 * Always a GraphQL response. A subgraph that gives none is an error whose code and message name it, and one line in the
 * log. Every error names its subgraph in `extensions.service`, and says nothing that is not for clients.
 */
import type { Logger } from "pino";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { monotonic } from "../../subgraphs/platform/clock.ts";
import { spanHere, spanning } from "../../subgraphs/platform/tracing/span.ts";
import type { CallSubgraph, SubgraphResponse } from "../engine/run.ts";
import type { SubgraphError } from "../engine/slots.ts";
import { masked } from "../limits/masking.ts";
import type { GatewayMetrics, SubgraphOutcome } from "../telemetry/metrics.ts";
import { TransportError } from "./transport.ts";
import type { Transport } from "./transport.ts";

/** What all calls for one client's operation have in common. */
export interface CallerRequest {
  readonly operationName: string | undefined;
  readonly requestId: string;
  readonly caller: Caller;
  readonly readsAnew: boolean;
  /** When nobody waits for the answer any more, in milliseconds by `monotonic`. */
  readonly endsAt: number;
  readonly signal: AbortSignal | undefined;
  /** Told for how many seconds each response is fresh; undefined where nobody knows. */
  readonly onMaxAge: (maxAge: number | undefined) => void;
  /** Told what each subgraph says beside its data, where subgraphs are to explain. Default: they are not. */
  readonly onExtensions?: ((extensions: unknown) => void) | undefined;
}

/** A CallSubgraph that needs no more than the text. */
export type CallByText = (
  fetch: Pick<Parameters<CallSubgraph>[0], "subgraph" | "query">,
  variables: Readonly<Record<string, unknown>>,
) => Promise<SubgraphResponse>;

/** Calls reject where the client has gone away; what fails in a subgraph is an error of the response. */
export function createCalls(
  transports: ReadonlyMap<string, Transport>,
  log: Logger,
  metrics?: Pick<GatewayMetrics, "called">,
): (request: CallerRequest) => CallByText {
  let turn = 0;
  return ({ onMaxAge, onExtensions, ...given }) => {
    const request = { ...given, explains: onExtensions !== undefined, turn: (turn += 1) };
    return async ({ subgraph, query }, variables) => {
      const transport = transports.get(subgraph);
      if (!transport) throw new Error(`Cannot call ${subgraph}: it has no transport`);
      request.signal?.throwIfAborted();
      const startedAt = monotonic();
      const trace = spanHere()?.begin(`call ${subgraph}`, { "decibel.subgraph": subgraph }, "client");
      try {
        const response = await spanning(trace, () => transport.send({ ...request, query, variables, trace }));
        metrics?.called(subgraph, "answered", monotonic() - startedAt);
        onMaxAge(response.maxAge);
        onExtensions?.(response.extensions);
        return withErrorsForClients(response, subgraph, request.requestId);
      } catch (error) {
        metrics?.called(subgraph, outcomeOf(error), monotonic() - startedAt);
        if (!(error instanceof TransportError)) throw error;
        const { failure, status, code } = error;
        const message = `Cannot ask ${subgraph}: ${error.message}`;
        const { requestId, caller } = request;
        log.warn({ requestId, traceId: trace?.traceId, caller: caller.id, subgraph, failure, status, code }, message);
        const extensions = { code: "SUBGRAPH_UNAVAILABLE", service: subgraph, retryable: true };
        return { errors: [{ message, extensions }] };
      }
    };
  };
}

function outcomeOf(error: unknown): SubgraphOutcome {
  return error instanceof TransportError ? OUTCOMES[error.failure] : "aborted";
}

const OUTCOMES = {
  UNREACHABLE: "unreachable",
  UNEXPECTED: "unexpected",
  REFUSED: "refused",
  TIMEOUT: "timeout",
} as const;

function withErrorsForClients(response: SubgraphResponse, service: string, requestId: string): SubgraphResponse {
  const { data, errors } = response;
  if (!errors || errors.length === 0) return response;
  return {
    data,
    errors: errors.map((error): SubgraphError => {
      const { message, extensions } = masked(error, requestId);
      // A subgraph may send anything: a path that is none would break the merging of its response.
      const path = Array.isArray(error.path) ? error.path : undefined;
      return { message, path, extensions: { ...extensions, service } };
    }),
  };
}
