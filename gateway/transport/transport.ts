/** What does every way of reaching a subgraph have in common? */
import type { Caller } from "../../subgraphs/platform/caller.ts";
import type { Span } from "../../subgraphs/platform/tracing/span.ts";
import type { SubgraphResponse } from "../engine/run.ts";

/** A GraphQL request to one subgraph. */
export interface SubgraphRequest {
  /** Its only operation has no name. */
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The name of the client's operation. */
  readonly operationName: string | undefined;
  readonly requestId: string;
  /** Who sent the client's request. */
  readonly caller: Caller;
  /** Whether subgraphs read their facts from the upstreams, whatever they know: for a mutation. */
  readonly readsAnew: boolean;
  /** When nobody waits for the response any more, in milliseconds by `monotonic`. */
  readonly endsAt: number;
  /** Aborted when nobody waits for the response any more. */
  readonly signal: AbortSignal | undefined;
  /** Which replica is asked, modulo their number: the same for all calls of an operation. Default: the next one. */
  readonly turn?: number | undefined;
  /** Whether the subgraph says what became of its decisions. Default false. */
  readonly explains?: boolean | undefined;
  /** Of the call. Default: it is not traced. */
  readonly trace?: Span | undefined;
}

export interface Transport {
  /** Rejects with a TransportError, or with the reason of the signal. */
  send(request: SubgraphRequest): Promise<SubgraphResponse>;
  close(): Promise<void>;
}

/** A subgraph that gave no GraphQL response. Its message names no address. */
export class TransportError extends Error {
  readonly failure: keyof typeof STATES;
  /** The HTTP status, if there was a response. */
  readonly status: number | undefined;
  /** Why the connection failed: `ECONNREFUSED`. */
  readonly code: string | undefined;

  constructor(
    failure: keyof typeof STATES,
    { status, code, cause }: { readonly status?: number; readonly code?: string | undefined; readonly cause?: unknown },
  ) {
    super(STATES[failure], { cause });
    this.failure = failure;
    this.status = status;
    this.code = code;
  }
}

const STATES = {
  UNREACHABLE: "it cannot be reached",
  UNEXPECTED: "it answered unexpectedly",
  REFUSED: "it refused the gateway's signature",
  TIMEOUT: "it did not answer in time",
} as const;
