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
import { createEventStream } from "./platform/events.ts";
import type { Events } from "./platform/events.ts";
import type { FindApiKey } from "./platform/api-key.ts";
import { createLifecycle } from "./platform/lifecycle.ts";
import type { Lifecycle } from "./platform/lifecycle.ts";
import { listening } from "./platform/listen.ts";
import type { Readiness } from "./platform/readiness.ts";
import { reasonOf } from "./platform/reason.ts";
import type { Tracing } from "./platform/tracing/tracing.ts";
import { watchFiles } from "./platform/watched-files.ts";
import { openKeyLookup } from "./records/access/lookup.ts";
import type { Database } from "./records/database/database.ts";
import { openEventChannel } from "./records/database/events.ts";
import { openDatabase } from "./records/database/open.ts";
import { openWhenThere } from "./records/when-there.ts";
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
  const { environment, routes, transports, secrets, readiness, campaignKey, log, registry, tracing, clock, own } =
    options;
  const { tokens, gatewayWorkers: count, port, partnerPort, supergraphs } = environment;
  const records = await frontRecords({ ...options, hearsEvents: true });
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
    ...(records.findKey && { findKey: records.findKey }),
    limits: environment.limits,
    trustedDocuments: environment.trustedDocuments,
    cacheUrl: environment.cacheUrl,
    events: records.events,
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

interface FrontRecords {
  readonly findKey: FindApiKey | undefined;
  /** What clients can subscribe to; undefined where nothing is heard. */
  readonly events: Events | undefined;
}

interface RecordsOptions extends Pick<FrontOptions, "environment" | "database" | "events" | "log" | "clock" | "own"> {
  /** Whether it needs to hear what happens. */
  readonly hearsEvents: boolean;
}

/** What a gateway reads of the database: API keys, and what happens. */
export async function frontRecords(options: RecordsOptions): Promise<FrontRecords> {
  const { environment, database, events, hearsEvents, log, clock, own } = options;
  const { tokens } = environment;
  const { elapsed } = clock;
  if (database) {
    const lookup = tokens && own(await openKeyLookup({ database, log, elapsed }));
    return { findKey: lookup?.find, events };
  }
  const { databaseUrl: url, directory } = environment.records;
  if (url === undefined) {
    log.warn("DATABASE_URL is not set: API keys are refused, and clients cannot subscribe");
    return { findKey: undefined, events: undefined };
  }
  const records = own(
    openWhenThere({
      open,
      without: "API keys are refused, and clients cannot subscribe",
      again: "both are possible",
      log,
    }),
  );
  const stream = createEventStream(() => records.current()?.hears ?? false);
  return {
    findKey(digest) {
      const { find } = records.current() ?? {};
      if (!find) throw new Error("Cannot look up an API key: the database is not open yet");
      return find(digest);
    },
    events: stream,
  };

  async function open() {
    const { own: ownHere, stop: close } = createLifecycle(log);
    try {
      const opened = ownHere(await openDatabase({ url, directory, log }));
      const lookup = tokens && ownHere(await openKeyLookup({ database: opened, log, elapsed }));
      const channel = hearsEvents ? await openEventChannel(opened, stream, log) : undefined;
      if (channel) ownHere(channel);
      return { find: lookup?.find, hears: channel !== undefined, close };
    } catch (error) {
      await close();
      throw error;
    }
  }
}
