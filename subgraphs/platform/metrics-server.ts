/**
 * Where does a process serve its metrics, if that is not the port of a subgraph?
 *
 * At a port of their own, so that no port that clients reach has them. Nothing else is there.
 */
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { isLoopback } from "./hosts.ts";
import { createGraphQLServer } from "./http-errors.ts";

/** The metrics of a process, and of those that it has started. */
export type ServedMetrics = Pick<Registry, "metrics" | "contentType">;

export interface MetricsServer {
  /** Starts to listen, and gives the URL of the metrics. */
  listen(port: number): Promise<string>;
  close(): Promise<void>;
}

export function createMetricsServer(
  metrics: ServedMetrics,
  { host, log }: { readonly host: string; readonly log: Logger },
): MetricsServer {
  const app = createGraphQLServer(log, { allowedHosts: isLoopback(host) ? [] : ["*"] });
  app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
  return {
    listen: async (port) => `${await app.listen({ host, port })}/metrics`,
    close: () => app.close(),
  };
}
