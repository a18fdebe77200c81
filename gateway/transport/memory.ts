/** How is a subgraph asked that runs in the same process? By a function: without HTTP, and without JSON. */
import type { SubgraphResponse } from "../engine/run.ts";
import type { SubgraphRequest, Transport } from "./transport.ts";

/** Executes a request in the subgraph. What fails in it is an error of the response. */
export type ExecuteInMemory = (request: InMemoryRequest) => Promise<SubgraphResponse>;

export interface InMemoryRequest extends Omit<SubgraphRequest, "signal" | "endsAt"> {
  /** Whether somebody waits for the response. */
  readonly isWanted: () => boolean;
}

export function createMemoryTransport(execute: ExecuteInMemory): Transport {
  return {
    send: ({ signal, endsAt: _endsAt, ...request }) =>
      untilAborted(execute({ ...request, isWanted: () => signal?.aborted !== true }), signal),
    close: async () => {},
  };
}

/** Rejects with the signal's reason as soon as nobody waits; the subgraph finishes what it has begun, and begins nothing else. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
