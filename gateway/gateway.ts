/**
 * Which HTTP server do clients talk to?
 *
 * One GraphQL endpoint over the supergraph: GraphQL over HTTP, an offline GraphiQL for browsers, `/health` and
 * `/ready`. It owns no data and no rules. It does not listen before `listen`.
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
import { chooseEngine } from "./engine/engine.ts";
import type { Engine } from "./engine/engine.ts";
import { SERVICE, maskedErrors, useSubgraphFailures } from "./http/errors.ts";
import { firstQuery } from "./http/graphiql.ts";
import { useLimits } from "./http/limits.ts";
import { REQUEST_ID, requestIdOf } from "../subgraphs/platform/request-id.ts";
import { useValidVariables } from "./http/variables.ts";

export interface GatewayOptions {
  /** Supergraph SDL; `routed` changes the URLs of its subgraphs. */
  readonly supergraph: string;
  readonly log: Logger;
  /** The campaign in GraphiQL's first query. */
  readonly campaignId?: string | undefined;
  readonly host?: string;
  /** Default: the fastest engine that this platform has. */
  readonly engine?: Engine;
}

export interface Gateway {
  readonly engine: Engine["name"];
  /** Starts to listen and gives the URL of the GraphQL endpoint. */
  listen(port?: number): Promise<string>;
  /** Answers the requests in flight, then stops. */
  close(): Promise<void>;
}

const ENDPOINT = "/graphql";
const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/**
 * Milliseconds after which a request is answered 503. Each call to an upstream has a deadline of its own, shorter by
 * default, but a query may wait for several calls in sequence.
 */
const REQUEST_DEADLINE_MS = 60_000;

export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, host = "127.0.0.1" } = options;
  const engine = options.engine ?? (await chooseEngine(log));
  const runtime = withoutSignalListeners(() =>
    createGatewayRuntime({
      supergraph: options.supergraph,
      unifiedGraphHandler: engine.handler,
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
      plugins: () => [useLimits(), useSubgraphFailures(log), useValidVariables(), useDataOrNull()],
    }),
  );
  const server = createServer((request, response) => {
    // The runtime forwards it to the subgraphs, and returns it to the client.
    request.headers[REQUEST_ID] = requestIdOf(request.headers);
    void runtime(request, response);
  });
  const closeIdle = draining(server);

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
      closeIdle();
      await closed;
      await runtime.dispose();
    },
  };
}

/**
 * Removes the signal listeners that `create` adds. @graphql-hive/gateway-runtime 2.12.1 creates its server with
 * `disposeOnProcessTerminate: true`, which no option changes, so @whatwg-node/server 0.11.0 disposes it at SIGINT and
 * SIGTERM: requests in flight would fail with SHUTTING_DOWN before `close` could answer them.
 */
function withoutSignalListeners<T>(create: () => T): T {
  const before = new Set(SIGNALS.flatMap((signal) => process.listeners(signal)));
  const created = create();
  for (const signal of SIGNALS) {
    for (const listener of process.listeners(signal)) if (!before.has(listener)) process.off(signal, listener);
  }
  return created;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

/** The page links to an icon on another host. */
function offline(page: string): string {
  return page.replace(/<link[^>]*rel="?icon"?[^>]*>/, '<link rel="icon" href="data:,">');
}
