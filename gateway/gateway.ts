/**
 * What do clients talk to?
 *
 * One GraphQL endpoint over the supergraph: GraphQL over HTTP, an offline GraphiQL for browsers, `/health` and
 * `/ready`. It owns no data and no rules. Nothing listens until it is told to.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { isIPv6 } from "node:net";
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import { renderGraphiQL } from "@graphql-yoga/render-graphiql";
import type { Logger } from "pino";
import { useDataOrNull } from "./http/data-or-null.ts";
import { draining } from "../subgraphs/platform/drain.ts";
import { chooseEngine } from "./engine/planner.ts";
import type { Engine } from "./engine/planner.ts";
import { SERVICE, maskedErrors, useSubgraphFailures } from "./http/errors.ts";
import { firstQuery } from "./http/first-query.ts";
import { REQUEST_ID, requestIdOf } from "../subgraphs/platform/request-id.ts";
import { useVariablesThatFit } from "./http/variables.ts";

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
/**
 * Milliseconds after which a client is told 503, whatever is still slow. What is asked below has a deadline of its own,
 * a shorter one unless somebody sets it otherwise, but a query may wait for several in a row.
 */
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
      subgraphErrors: { subgraphNameProp: SERVICE },
      maskedErrors: maskedErrors(log),
      plugins: () => [useSubgraphFailures(log), useVariablesThatFit(), useDataOrNull()],
    }),
  );
  const server = createServer((request, response) => {
    // The runtime hands it on to subgraphs, and back to the client.
    request.headers[REQUEST_ID] = requestIdOf(request.headers);
    void runtime(request, response);
  });
  const letGo = draining(server);

  return {
    engine: engine.name,
    listen: async (port = 0) => {
      server.listen(port, host);
      await once(server, "listening");
      server.on("error", (error) => log.error({ err: error }, "the gateway's server failed"));
      return `http://${isIPv6(host) ? `[${host}]` : host}:${portOf(server)}${ENDPOINT}`;
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      letGo();
      await closed;
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
