/**
 * How does a process get a gateway, over subgraphs of its own or over those of others?
 *
 * It needs none of them to start. Where it runs apart, it opens a database for API keys alone.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { createGateway } from "../gateway/gateway.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { Supergraphs } from "../gateway/graph.ts";
import { createGatewayMetrics } from "../gateway/telemetry/metrics.ts";
import type { Transport } from "../gateway/transport/transport.ts";
import { createWorkers } from "../gateway/workers.ts";
import { campaignId } from "../schema/id.ts";
import { PARTNER_SUPERGRAPH, SUPERGRAPH } from "../schema/rover.ts";
import type { Clock } from "./platform/clock.ts";
import { projectRoot } from "./platform/environment.ts";
import type { Environment } from "./platform/environment.ts";
import type { Events } from "./platform/events.ts";
import { createLifecycle } from "./platform/lifecycle.ts";
import type { Lifecycle } from "./platform/lifecycle.ts";
import { listening } from "./platform/listen.ts";
import type { Readiness } from "./platform/readiness.ts";
import { reasonOf } from "./platform/reason.ts";
import type { Tracing } from "./platform/tracing/tracing.ts";
import { watchFiles } from "./platform/watched-files.ts";
import { openKeyLookup } from "./records/access/lookup.ts";
import type { KeyLookup } from "./records/access/lookup.ts";
import { lookupWhenThere } from "./records/access/lookup-when-there.ts";
import type { Database } from "./records/database/database.ts";
import { openDatabase } from "./records/database/open.ts";
import type { Routes } from "./routes.ts";

export interface FrontOptions {
  readonly environment: Environment;
  readonly routes: Routes;
  /** By subgraph name; the others are asked over HTTP. */
  readonly transports: ReadonlyMap<string, Transport>;
  /** The first one signs requests to subgraphs. */
  readonly secrets: readonly string[];
  /** Of this process, if it has one anyway. */
  readonly database: Database | undefined;
  /** What clients can subscribe to; undefined where nothing is heard. */
  readonly events: Events | undefined;
  readonly readiness: Readiness;
  /** The campaign in GraphiQL's first query. */
  readonly campaignKey: string | undefined;
  readonly log: Logger;
  readonly registry: Registry;
  readonly tracing: Tracing;
  readonly clock: Clock;
  readonly own: Lifecycle["own"];
}

export interface Front {
  readonly gateway: Omit<Gateway, "accept">;
  readonly url: string;
  /** Name and URL of all that listens. */
  readonly parts: readonly (readonly [name: string, url: string])[];
  /** Of the gateway's own processes, in the Prometheus text format; empty where it has none. */
  readonly metricsOfWorkers: () => Promise<string>;
  /** Reads the supergraphs anew. Never rejects: what cannot be served is in the log. */
  reload(): Promise<void>;
}

/** Rejects where it cannot listen, or has a supergraph that cannot be served. */
export async function startFront(options: FrontOptions): Promise<Front> {
  const {
    environment,
    routes,
    transports,
    secrets,
    events,
    readiness,
    campaignKey,
    log,
    registry,
    tracing,
    clock,
    own,
  } = options;
  const { tokens, gatewayWorkers: count, port, partnerPort, supergraphs } = environment;
  const lookup = tokens && (await keysOf(options));
  const root = projectRoot();
  const paths = [supergraphs.whole ?? join(root, SUPERGRAPH), supergraphs.partner ?? join(root, PARTNER_SUPERGRAPH)];
  const texts = await Promise.all(paths.map(readSupergraph));
  const given = {
    ...supergraphsOf(texts),
    routes,
    host: environment.host,
    corsOrigins: environment.corsOrigins,
    allowedHosts: environment.allowedHosts,
    tokens,
    subgraphSecrets: secrets,
    ...(lookup && { findKey: own(lookup).find }),
    limits: environment.limits,
    trustedDocuments: environment.trustedDocuments,
    cacheUrl: environment.cacheUrl,
    events,
    readiness,
    log,
    logsAccess: environment.logsAccess,
    campaignId: campaignKey && campaignId.encode(campaignKey),
  };
  const workers = count > 1 ? own(createWorkers({ ...given, count, tracingSettings: environment.tracing })) : undefined;
  const inProcess = workers ? undefined : { transports, clock, tracing, metrics: createGatewayMetrics(registry) };
  const gateway = workers ?? own(await createGateway({ ...given, ...inProcess }));
  const url = await listening("gateway", port, "PORT", () => gateway.listen(port));
  const parts: (readonly [string, string])[] = [["gateway", url]];
  if (partnerPort !== undefined) {
    const listen = (): Promise<string> => gateway.listenForPartners(partnerPort);
    parts.push(["partners", await listening("partners", partnerPort, "PARTNER_PORT", listen)]);
  }
  const files = own(
    watchFiles({
      paths,
      texts,
      changed: (found) => gateway.reload(supergraphsOf(found)),
      // Those of the project change with the subgraphs of this process.
      isWatching: supergraphs.whole !== undefined || supergraphs.partner !== undefined,
      log,
    }),
  );
  const metricsOfWorkers = workers?.metrics ?? (async () => "");
  return { gateway, url, parts, metricsOfWorkers, reload: () => files.check(true) };
}

function supergraphsOf([supergraph = "", partnerSupergraph = ""]: readonly string[]): Supergraphs {
  return { supergraph, partnerSupergraph };
}

async function readSupergraph(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const variables = "SUPERGRAPH_FILE, PARTNER_SUPERGRAPH_FILE";
    throw new Error(`Cannot read the supergraph in ${path} (${variables}): ${reasonOf(error)}`, { cause: error });
  }
}

/** undefined where there is no database to read them from. */
export async function keysOf({
  environment,
  database,
  log,
  clock,
}: Pick<FrontOptions, "environment" | "database" | "log" | "clock">): Promise<KeyLookup | undefined> {
  const { elapsed } = clock;
  if (database) return openKeyLookup({ database, log, elapsed });
  const { databaseUrl: url, directory } = environment.records;
  if (url === undefined) {
    log.warn("API keys are refused: they are looked up in the database of DATABASE_URL, which is not set");
    return undefined;
  }
  const open = async (): Promise<KeyLookup> => {
    const { own, stop } = createLifecycle(log);
    try {
      const opened = own(await openDatabase({ url, directory, log }));
      const { find } = own(await openKeyLookup({ database: opened, log, elapsed }));
      return { find, close: stop };
    } catch (error) {
      await stop();
      throw error;
    }
  };
  return lookupWhenThere({ open, log });
}
