/**
 * How does a supervisor learn how a process is?
 *
 * `/health`: it runs. `/ready`: it can do its work; otherwise 503 with the reason. `/metrics`: in Prometheus's format. A
 * process that serves nothing else has a server for these alone.
 */
import fastify from "fastify";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import type { Readiness } from "../platform/readiness.ts";

export interface Probes {
  /** Added to what `/health` answers. */
  readonly about?: Readonly<Record<string, string>>;
  readonly readiness: Readiness;
  /** Of the process. Default: none. */
  readonly metrics?: Pick<Registry, "metrics" | "contentType"> | undefined;
}

export interface ProbeServer {
  /** Gives the origin. */
  listen(port: number, host: string): Promise<string>;
  close(): Promise<void>;
}

/** Hold nothing of the graph. */
export const PROBES: ReadonlySet<string | undefined> = new Set(["/health", "/ready", "/metrics"]);

export function serveProbes(app: FastifyInstance, { about = {}, readiness, metrics }: Probes): void {
  app.get("/health", () => ({ status: "ok", ...about }));
  app.get("/ready", async (_request, reply) => {
    const reason = await readiness();
    return reason === undefined ? { status: "ready" } : reply.code(503).send({ status: "not ready", reason });
  });
  if (metrics)
    app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
}

export function createProbeServer(probes: Probes): ProbeServer {
  const app = fastify({ forceCloseConnections: true });
  serveProbes(app, probes);
  return { listen: (port, host) => app.listen({ port, host }), close: () => app.close() };
}
