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
import type { Tracing } from "../subgraphs/platform/tracing/tracing.ts";
import { SYSTEM_CLOCK } from "../subgraphs/platform/clock.ts";
import type { Clock } from "../subgraphs/platform/clock.ts";
import type { Events } from "../subgraphs/platform/events.ts";
import type { TokenSettings } from "../subgraphs/platform/environment.ts";
import { counterAt } from "../subgraphs/platform/budget/counter.ts";
import { isLoopback } from "../subgraphs/platform/hosts.ts";
import { OPEN, createAccess, noKeys } from "./access/access.ts";
import { REQUEST_LIMITS } from "../subgraphs/platform/request-limits.ts";
import type { RequestLimits } from "../subgraphs/platform/request-limits.ts";
import { chooseEngine } from "./engine/engine.ts";
import { createSignIn } from "./access/sign-in.ts";
import type { Engine } from "./engine/engine.ts";
import { createGraph } from "./graph.ts";
import type { Graph, Supergraphs } from "./graph.ts";
import type { GraphQLRequest, GraphQLResponse } from "./http/graphql.ts";
import { readConsole } from "./http/console-files.ts";
import { firstQuery } from "./http/graphiql.ts";
import { ENDPOINT, PARTNER_ENDPOINT } from "./http/endpoints.ts";
import { createListener } from "./http/listener.ts";
import { RequestError } from "./http/request-error.ts";
import { createServer } from "./http/server.ts";
import type { Endpoint, ServerOptions } from "./http/server.ts";
import { createPersistedDocuments } from "./limits/persisted.ts";
import { createRateLimit } from "./limits/rate.ts";
import { LEAVING } from "./live/subscriptions.ts";
import { createRecentRequests } from "./recent.ts";
import { ALWAYS_READY, withoutReason } from "../subgraphs/platform/readiness.ts";
import type { Readiness } from "../subgraphs/platform/readiness.ts";
import { routingUrls } from "./supergraph.ts";
import type { GatewayMetrics } from "./telemetry/metrics.ts";
import { createRequests } from "./telemetry/requests.ts";
import { createCalls } from "./transport/calls.ts";
import { transportTo } from "./transport/transports.ts";
import type { Transport } from "./transport/transport.ts";

export interface GatewayOptions extends Supergraphs {
  readonly log: Logger;
  /** The campaign in GraphiQL's first query. */
  readonly campaignId?: string | undefined;
  readonly host?: string;
  /** Default: the fastest engine that this platform has. */
  readonly engine?: Engine;
  /** By subgraph name; the others are asked over HTTP at their URLs. */
  readonly transports?: ReadonlyMap<string, Transport>;
  /** By subgraph name: the URLs of its replicas. Default: the one of the supergraph. */
  readonly routes?: Readonly<Record<string, readonly string[]>>;
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
  /** Default: nothing is counted. */
  readonly metrics?: GatewayMetrics | undefined;
  /** Default: nothing is traced. */
  readonly tracing?: Tracing | undefined;
  /** Whether each request is a line in the log, at level `info`. Default false. */
  readonly logsAccess?: boolean | undefined;
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
  /**
   * Answers requests that come from now on over another version of the supergraphs; those in flight are answered to their end
   * over the one before. Rejects where it cannot be served, and leaves all as it is.
   */
  reload(next: Supergraphs): Promise<void>;
  /** Starts to listen and gives the URL of the GraphQL endpoint. */
  listen(port?: number): Promise<string>;
  /** Starts to listen where only partners are answered, and gives the URL of their endpoint. Rejects where there is none. */
  listenForPartners(port?: number): Promise<string>;
  /** While it listens there: answers on a connection that another process has accepted. */
  accept(socket: Socket, isForPartners: boolean): void;
  /** From now on every answer ends its connection, so that clients leave. */
  leave(): void;
  /** Answers the requests in flight, then stops. */
  close(): Promise<void>;
}

export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { tokens, findKey = noKeys, clock = SYSTEM_CLOCK, metrics, tracing, logsAccess } = options;
  const { log, host = "127.0.0.1", corsOrigins = [], allowedHosts = [], lingerMs = 0 } = options;
  const limits = { ...REQUEST_LIMITS, ...options.limits };
  const engine = options.engine ?? (await chooseEngine(log, metrics?.planned));
  metrics?.runs(engine.name);
  /** By subgraph and URLs: another supergraph may have others. */
  const transports = new Map<string, Transport>();
  const access = tokens ? createAccess({ settings: tokens, findKey, log, ...clock }) : OPEN;
  const persisted = createPersistedDocuments({ cacheUrl: options.cacheUrl, log });
  const counter = counterAt({ url: options.cacheUrl, log, namespace: "decibel:requests" });
  const recent = createRecentRequests();
  const files = readConsole();
  const signIn = tokens?.signIn && { ...tokens.signIn, ...createSignIn(tokens.signIn) };
  const console = files && { ...files, signIn };
  let graph = await graphOf(options);
  let reloading = Promise.resolve();
  const endpoints = Array.from(graph.answers.keys(), (path): Endpoint => {
    const page = path === ENDPOINT ? { page: renderPage(options.campaignId, files?.playground) } : {};
    return { path, answer: (request) => answer(path, request), ...page };
  });
  const forPartners = endpoints.find(({ path }) => path === PARTNER_ENDPOINT);
  const { readiness = ALWAYS_READY } = options;
  const serverOptions: Omit<ServerOptions, "endpoints"> = {
    identify: access.identify,
    corsOrigins,
    allowedHosts: hostsFor(host, allowedHosts),
    readiness,
    limits,
    rateLimit: createRateLimit({ requestsPerMinute: limits.requestsPerMinute, counter, now: clock.now }),
    endStreams: () => graph.endStreams(),
    log,
    requests: createRequests({ log, metrics, tracing, logsAccess }),
  };
  const all = await createServer({ ...serverOptions, endpoints, console });
  const partners =
    forPartners &&
    (await createServer({ ...serverOptions, endpoints: [forPartners], readiness: withoutReason(readiness) }));
  const listener = createListener(all, { host, lingerMs, log });
  const partnerListener = partners && createListener(partners, { host, lingerMs, log });

  return {
    engine: engine.name,
    reload(supergraphs) {
      const replaced = reloading.then(() => replace(supergraphs));
      // The next one does not fail by this one.
      reloading = replaced.catch(() => {});
      return replaced;
    },
    listen: (port = 0) => listener.listen(port, ENDPOINT),
    async listenForPartners(port = 0) {
      if (!partnerListener) throw noPartners();
      return partnerListener.listen(port, PARTNER_ENDPOINT);
    },
    accept: (socket, isForPartners) => (isForPartners ? partnerListener : listener)?.accept(socket),
    leave() {
      listener.leave();
      partnerListener?.leave();
    },
    close: async () => {
      await Promise.all([listener.close(), partnerListener?.close()]);
      const parts = [
        access,
        persisted,
        counter,
        ...(signIn ? [signIn] : []),
        ...transports.values(),
        ...(options.transports?.values() ?? []),
      ];
      await Promise.all(parts.map((part) => part.close()));
    },
  };

  /** Each request by the graph that there is when it comes. */
  async function answer(path: string, request: GraphQLRequest): Promise<GraphQLResponse> {
    const answerAt = graph.answers.get(path);
    if (!answerAt) throw new Error(`there must be an endpoint ${path} in each version of the graph`);
    try {
      const response = await answerAt(request);
      recent.note(path, request, response);
      return response;
    } catch (error) {
      // A subscription that came while the graph was replaced.
      const isReplaced = graph.answers.get(path) !== answerAt;
      if (isReplaced && error instanceof RequestError && error.code === LEAVING) return answer(path, request);
      throw error;
    }
  }

  async function replace(next: Supergraphs): Promise<void> {
    const made = await graphOf(next);
    const missing = endpoints.find(({ path }) => !made.answers.has(path));
    if (missing) throw new Error(`Cannot serve the supergraph: there is none for ${missing.path}`);
    await made.warm(recent.all());
    const before = graph;
    graph = made;
    before.endStreams();
  }

  function graphOf(supergraphs: Supergraphs): Promise<Graph> {
    const calls = createCalls(transportsOf(supergraphs.supergraph), log, metrics);
    const named = metrics?.document;
    const documents = console?.documents;
    return createGraph(supergraphs, { ...options, engine, limits, persisted, calls, named, documents, ...clock });
  }

  function transportsOf(sdl: string): ReadonlyMap<string, Transport> {
    return new Map(Array.from(routingUrls(sdl), ([name, url]) => [name, transportOf(name, url)]));
  }

  function transportOf(name: string, routingUrl: string): Transport {
    const own = options.transports?.get(name);
    const urls = options.routes?.[name] ?? [routingUrl];
    const key = `${name} ${urls.join(" ")}`;
    const kept = own ?? transports.get(key);
    if (kept) return kept;
    const { subgraphSecrets: secrets = [] } = options;
    const made = transportTo(name, urls, { secrets, now: clock.now, log });
    transports.set(key, made);
    return made;
  }
}

/** `script`: the path of one that is added to it. */
function renderPage(campaignId: string | undefined, script: string | undefined): string {
  const page = renderGraphiQL({ title: "Decibel", endpoint: ENDPOINT, defaultQuery: firstQuery(campaignId) });
  // It links to an icon on another host.
  const alone = page.replace(/<link[^>]*rel="?icon"?[^>]*>/, '<link rel="icon" href="data:,">');
  if (script === undefined) return alone;
  const end = alone.lastIndexOf("</body>");
  return `${alone.slice(0, end)}<script type="module" src="${script}"></script>${alone.slice(end)}`;
}

/** Any name where other machines can reach it, unless some are given. */
export function hostsFor(host: string, allowedHosts: readonly string[]): readonly string[] {
  return allowedHosts.length > 0 || isLoopback(host) ? allowedHosts : ["*"];
}

export function noPartners(): Error {
  return new Error("Cannot listen for partners: there is no supergraph for them");
}
