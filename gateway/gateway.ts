/**
 * What do clients talk to?
 *
 * One GraphQL endpoint over the supergraph: GraphQL over HTTP, an offline GraphiQL for browsers, `/health` and
 * `/ready`. It owns no data and no rules. Nothing listens until it is told to.
 */
import { createServer } from "node:http";
import type { Server } from "node:http";
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import { renderGraphiQL } from "@graphql-yoga/render-graphiql";
import type { Logger } from "pino";
import { useDataOrNull } from "./data-or-null.ts";
import { chooseEngine } from "./engine.ts";
import type { Engine } from "./engine.ts";
import { firstQuery } from "./first-query.ts";

export interface GatewayOptions {
  /** Supergraph SDL; see `routed` for where its subgraphs are. */
  readonly supergraph: string;
  readonly log: Logger;
  /** An id for the first query of GraphiQL to start from. */
  readonly campaignId?: string | undefined;
  readonly host?: string;
  /** Which planner; the fastest one there is where left out. */
  readonly engine?: Engine;
}

export interface Gateway {
  readonly engine: Engine["name"];
  /** Starts listening and gives the URL of the GraphQL endpoint. */
  listen(port?: number): Promise<string>;
  /** Answers what is under way, then stops. */
  close(): Promise<void>;
}

const ENDPOINT = "/graphql";
const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** Milliseconds a whole request may take: above every deadline below it, so that a slow part fails on its own first. */
const REQUEST_DEADLINE_MS = 60_000;

export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, host = "127.0.0.1" } = options;
  const engine = options.engine ?? (await chooseEngine(log));
  const runtime = deafToSignals(() =>
    createGatewayRuntime({
      supergraph: options.supergraph,
      ...(engine.handler ? { unifiedGraphHandler: engine.handler } : {}),
      graphqlEndpoint: ENDPOINT,
      healthCheckEndpoint: "/health",
      readinessCheckEndpoint: "/ready",
      landingPage: false,
      logging: false,
      graphiql: { title: "Decibel", defaultQuery: firstQuery(options.campaignId) },
      renderGraphiQL: (page) => offline(renderGraphiQL(page)),
      requestDeadline: REQUEST_DEADLINE_MS,
      plugins: () => [useDataOrNull()],
      propagateHeaders: {
        fromClientToSubgraphs: ({ request }) => ({ "x-request-id": request.headers.get("x-request-id") ?? undefined }),
      },
    }),
  );
  const server = createServer((request, response) => {
    // A connection that is kept alive would hold up `close` until its client, or its time, is through.
    response.once("close", () => server.listening || server.closeIdleConnections());
    void runtime(request, response);
  });

  return {
    engine: engine.name,
    listen: (port = 0) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, host, () => resolve(`http://${host}:${portOf(server)}${ENDPOINT}`));
      }),
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      await runtime.dispose();
    },
  };
}

/** The runtime would let go of its subgraphs at a signal, in the middle of its answers. When to stop is for `close`. */
function deafToSignals<T>(make: () => T): T {
  const before = new Set(SIGNALS.flatMap((signal) => process.listeners(signal)));
  const made = make();
  for (const signal of SIGNALS) {
    for (const listener of process.listeners(signal)) if (!before.has(listener)) process.off(signal, listener);
  }
  return made;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

/** The page names an icon on another host; nothing of ours needs one. */
function offline(page: string): string {
  return page.replace(/<link[^>]*rel="?icon"?[^>]*>/, '<link rel="icon" href="data:,">');
}
