/**
 * What is the gateway made of?
 *
 * An engine over the supergraph, a transport to each subgraph, and an HTTP server in front of them. It owns no data and
 * no rules. It does not listen before `listen`.
 */
import type { Socket } from "node:net";
import { renderGraphiQL } from "@graphql-yoga/render-graphiql";
import type { Logger } from "pino";
import type { FindApiKey } from "../subgraphs/platform/api-key.ts";
import { SYSTEM_CLOCK } from "../subgraphs/platform/clock.ts";
import type { Clock } from "../subgraphs/platform/clock.ts";
import type { Events } from "../subgraphs/platform/events.ts";
import type { TokenSettings } from "../subgraphs/platform/environment.ts";
import { memoryCounter, redisCounter } from "../subgraphs/platform/budget/counter.ts";
import { isLoopback } from "../subgraphs/platform/hosts.ts";
import { createSigner } from "../subgraphs/platform/signing/signature.ts";
import { OPEN, createAccess, noKeys } from "./access/access.ts";
import { REQUEST_LIMITS } from "../subgraphs/platform/request-limits.ts";
import type { RequestLimits } from "../subgraphs/platform/request-limits.ts";
import { chooseEngine, createExecutor } from "./engine/engine.ts";
import type { Engine } from "./engine/engine.ts";
import { createAnswerGraphQL } from "./http/graphql.ts";
import { firstQuery } from "./http/graphiql.ts";
import { ENDPOINT, PARTNER_ENDPOINT } from "./http/endpoints.ts";
import { createListener } from "./http/listener.ts";
import { createServer } from "./http/server.ts";
import type { Endpoint, ServerOptions } from "./http/server.ts";
import { createDemand } from "./limits/demand.ts";
import { createDocuments } from "./limits/documents.ts";
import { readTrustedDocuments } from "./limits/manifest.ts";
import { createPersistedDocuments } from "./limits/persisted.ts";
import { createRateLimit } from "./limits/rate.ts";
import { readWeights } from "./limits/weights.ts";
import { createSubscriptions } from "./live/subscriptions.ts";
import { createPartnerEndpoint } from "./partner/endpoint.ts";
import { ALWAYS_READY, withoutReason } from "./readiness.ts";
import type { Readiness } from "./readiness.ts";
import { routingUrls } from "./supergraph.ts";
import { createCalls } from "./transport/calls.ts";
import { createHttpTransport } from "./transport/http.ts";
import type { Transport } from "./transport/transport.ts";

export interface GatewayOptions {
  /** Supergraph SDL; `routed` changes the URLs of its subgraphs. */
  readonly supergraph: string;
  /** The same with what partners see. Default: there is no endpoint for them. */
  readonly partnerSupergraph?: string | undefined;
  readonly log: Logger;
  /** The campaign in GraphiQL's first query. */
  readonly campaignId?: string | undefined;
  readonly host?: string;
  /** Default: the fastest engine that this platform has. */
  readonly engine?: Engine;
  /** By subgraph name; the others are asked over HTTP at their URLs. */
  readonly transports?: ReadonlyMap<string, Transport>;
  /** Default: none. */
  readonly corsOrigins?: readonly string[];
  /** Names of the gateway, besides `localhost` and addresses; none for any name, unless only its own machine can reach it. */
  readonly allowedHosts?: readonly string[];
  /** How callers prove who they are. Default: nobody is asked. */
  readonly tokens?: TokenSettings | undefined;
  /** The first one signs the requests to subgraphs over HTTP. Default: none, and they are not signed. */
  readonly subgraphSecrets?: readonly string[];
  /** Default: no API keys. */
  readonly findKey?: FindApiKey;
  /** Those that are left out have their defaults. */
  readonly limits?: Partial<RequestLimits>;
  /** The file of the documents that clients may name. Default: none. */
  readonly trustedDocuments?: string | undefined;
  /** Redis or Valkey, shared with other gateways. Default: the memory of this process. */
  readonly cacheUrl?: string | undefined;
  /** What clients can subscribe to. Default: nothing. */
  readonly events?: Events | undefined;
  /** What `/ready` answers. Default: that it is. */
  readonly readiness?: Readiness;
  /** Milliseconds in which `close` reads the requests that are on their way, before it closes idle connections. Default: 0. */
  readonly lingerMs?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
}

export interface Gateway {
  readonly engine: Engine["name"];
  /** Starts to listen and gives the URL of the GraphQL endpoint. */
  listen(port?: number): Promise<string>;
  /** Starts to listen where only partners are answered, and gives the URL of their endpoint. Rejects where there is none. */
  listenForPartners(port?: number): Promise<string>;
  /** While it listens there: answers on a connection that another process has accepted. */
  accept(socket: Socket, isForPartners: boolean): void;
  /** Answers the requests in flight, then stops. */
  close(): Promise<void>;
}

/** Longer than the deadlines of upstreams, so that a subgraph can say which upstream was too slow. */
const SUBGRAPH_TIMEOUT_MS = 30_000;

export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { tokens, findKey = noKeys, clock = SYSTEM_CLOCK } = options;
  const { supergraph, log, host = "127.0.0.1", corsOrigins = [], allowedHosts = [], lingerMs = 0 } = options;
  const limits = { ...REQUEST_LIMITS, ...options.limits };
  const engine = options.engine ?? (await chooseEngine(log));
  const executor = await createExecutor(engine, supergraph);
  const partnerExecutor =
    options.partnerSupergraph === undefined
      ? undefined
      : await createExecutor(engine, options.partnerSupergraph, { hideSuggestions: true });
  const schemas = new Map([[ENDPOINT, executor.schema]]);
  if (partnerExecutor) schemas.set(PARTNER_ENDPOINT, partnerExecutor.schema);
  const [secret] = options.subgraphSecrets ?? [];
  const signer = secret === undefined ? undefined : createSigner({ secret, now: clock.now });
  const transports = new Map(
    [...routingUrls(supergraph)].map(([name, url]) => [
      name,
      options.transports?.get(name) ??
        createHttpTransport(url, { timeoutMs: SUBGRAPH_TIMEOUT_MS, sign: signer?.(name) }),
    ]),
  );
  const access = tokens ? createAccess({ settings: tokens, findKey, log, ...clock }) : OPEN;
  const file = options.trustedDocuments;
  const trusted = file === undefined ? new Map() : readTrustedDocuments(file, schemas);
  const persisted = createPersistedDocuments({ cacheUrl: options.cacheUrl, log });
  const counter =
    options.cacheUrl === undefined
      ? memoryCounter()
      : redisCounter({ url: options.cacheUrl, log, namespace: "decibel:requests" });
  const shared = { demand: createDemand(readWeights(supergraph), limits), calls: createCalls(transports, log), log };
  const { events } = options;
  const subscriptions = events && createSubscriptions({ ...shared, executor, events, limits, now: clock.now });
  const whole: Endpoint = {
    path: ENDPOINT,
    answer: createAnswerGraphQL({
      ...shared,
      executor,
      documents: createDocuments({ endpoint: ENDPOINT, trusted, persisted }),
      subscribe: subscriptions?.subscribe,
    }),
    page: renderPage(options.campaignId),
  };
  const forPartners = partnerExecutor && createPartnerEndpoint({ ...shared, executor: partnerExecutor, trusted });
  const { readiness = ALWAYS_READY } = options;
  const serverOptions: Omit<ServerOptions, "endpoints"> = {
    identify: access.identify,
    corsOrigins,
    allowedHosts: hostsFor(host, allowedHosts),
    readiness,
    limits,
    rateLimit: createRateLimit({ requestsPerMinute: limits.requestsPerMinute, counter, now: clock.now }),
    endStreams: () => subscriptions?.close(),
    log,
  };
  const all = await createServer({ ...serverOptions, endpoints: [whole, ...(forPartners ? [forPartners] : [])] });
  const partners =
    forPartners &&
    (await createServer({ ...serverOptions, endpoints: [forPartners], readiness: withoutReason(readiness) }));
  const listener = createListener(all, { host, lingerMs, log });
  const partnerListener = partners && createListener(partners, { host, lingerMs, log });

  return {
    engine: engine.name,
    listen: (port = 0) => listener.listen(port, ENDPOINT),
    async listenForPartners(port = 0) {
      if (!partnerListener) throw noPartners();
      return partnerListener.listen(port, PARTNER_ENDPOINT);
    },
    accept: (socket, isForPartners) => (isForPartners ? partnerListener : listener)?.accept(socket),
    close: async () => {
      await Promise.all([listener.close(), partnerListener?.close()]);
      await Promise.all([access, persisted, counter, ...transports.values()].map((part) => part.close()));
    },
  };
}

function renderPage(campaignId: string | undefined): string {
  const page = renderGraphiQL({ title: "Decibel", endpoint: ENDPOINT, defaultQuery: firstQuery(campaignId) });
  // It links to an icon on another host.
  return page.replace(/<link[^>]*rel="?icon"?[^>]*>/, '<link rel="icon" href="data:,">');
}

/** Any name where other machines can reach it, unless some are given. */
export function hostsFor(host: string, allowedHosts: readonly string[]): readonly string[] {
  return allowedHosts.length > 0 || isLoopback(host) ? allowedHosts : ["*"];
}

export function noPartners(): Error {
  return new Error("Cannot listen for partners: there is no supergraph for them");
}
