/** How are subgraphs asked that other processes run? Over HTTP, signed, each by its replicas. */
import type { Logger } from "pino";
import { signerBy } from "../../subgraphs/platform/signing/signature.ts";
import { createHttpTransport } from "./http.ts";
import { createReplicas } from "./replicas.ts";
import type { Transport } from "./transport.ts";

export interface TransportsOptions {
  /** The first one signs. None: requests are not signed. */
  readonly secrets: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Logger;
}

/** Longer than the deadlines of upstreams, so that a subgraph can say which upstream was too slow. */
const SUBGRAPH_TIMEOUT_MS = 30_000;

/** `routes`: subgraph name → the GraphQL endpoints of its replicas. */
export function transportsTo(
  routes: Readonly<Record<string, readonly string[]>>,
  options: TransportsOptions,
): ReadonlyMap<string, Transport> {
  return new Map(
    Object.entries(routes).map(([subgraph, urls]) => [subgraph, transportTo(subgraph, urls, options)] as const),
  );
}

export function transportTo(
  subgraph: string,
  urls: readonly string[],
  { secrets, now, log }: TransportsOptions,
): Transport {
  const sign = signerBy(secrets, now)?.(subgraph);
  const replicas = urls.map((url) => createHttpTransport(url, { timeoutMs: SUBGRAPH_TIMEOUT_MS, sign }));
  return createReplicas(replicas, { subgraph, log });
}
