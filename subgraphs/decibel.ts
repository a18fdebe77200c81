/**
 * How do the parts of Decibel become one process, or several?
 *
 * The only file that puts them together: sandboxes, records and subgraphs (see backend.ts), the gateway (see front.ts). A
 * process has those of its roles. They start from the bottom up and stop from the top down, so that nothing answers before
 * what it needs does, and nothing loses what it needs before it has answered.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Gateway } from "../gateway/gateway.ts";
import { SUBGRAPHS_DEADLINE_MS, assertAnyReachable } from "../gateway/transport/reach.ts";
import { startBackend } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { startFront } from "./front.ts";
import type { Front } from "./front.ts";
import { createMetrics } from "./pipeline/metrics.ts";
import type { Metrics } from "./pipeline/metrics.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";
import { loadTables } from "./pipeline/table/load.ts";
import { SYSTEM_CLOCK } from "./platform/clock.ts";
import type { Clock } from "./platform/clock.ts";
import { projectRoot } from "./platform/environment.ts";
import type { Environment } from "./platform/environment.ts";
import { createEventStream } from "./platform/events.ts";
import type { Event } from "./platform/events.ts";
import { createLifecycle } from "./platform/lifecycle.ts";
import { createMetricsServer } from "./platform/metrics-server.ts";
import type { ServedMetrics } from "./platform/metrics-server.ts";
import { openTracing } from "./platform/tracing/tracing.ts";
import { listening } from "./platform/listen.ts";
import { createReadiness } from "./platform/readiness.ts";
import type { Readiness } from "./platform/readiness.ts";
import { allRoles, hasBackend } from "./platform/roles.ts";
import type { Roles } from "./platform/roles.ts";
import type { Database } from "./records/database/database.ts";
import { createEventTeller, openEventChannel } from "./records/database/events.ts";
import { openDatabase } from "./records/database/open.ts";
import type { Outbox } from "./records/outbox/outbox.ts";
import { seed } from "./records/seed.ts";
import type { KeptWorklist } from "./records/worklists/worklist.ts";
import { subgraphs, upstreams } from "./registry.ts";
import { routesOf } from "./routes.ts";
import { startSandboxes } from "./sandboxes.ts";
import type { Sandboxes, SandboxesAt } from "./sandboxes.ts";
import type { ExecuteLocally } from "./server/local-executor.ts";
import { createProbeServer } from "./server/probes.ts";
import { startSigner } from "./signer.ts";

/** A process with some of the parts. */
export interface Running {
  /** Name and URL of everything that listens here, the gateway first. */
  readonly parts: readonly (readonly [name: string, url: string])[];
  readonly front: Front | undefined;
  readonly backend: (Backend & { readonly database: Database }) | undefined;
  readonly sandboxes: Sandboxes | undefined;
  /** Drains, then stops everything. Rejects where a component failed to stop, after all others have stopped. */
  readonly stop: () => Promise<void>;
}

/** A process with all of them. */
export interface Decibel extends Pick<Running, "parts" | "stop"> {
  /** The gateway's GraphQL endpoint. */
  readonly url: string;
  /** Which planner the gateway uses. */
  readonly engine: Gateway["engine"];
  /** By name: asked without a gateway, as any caller. */
  readonly subgraphs: ReadonlyMap<string, ExecuteLocally>;
  readonly sandboxes: Sandboxes;
  readonly pipeline: Pipeline;
  readonly database: Database;
  readonly outbox: Outbox;
  readonly worklists: readonly KeptWorklist[];
}

/**
 * Milliseconds between the first sign that a process leaves and its last answer: longer than its clients keep a connection
 * that they do not use, so that none of them sends a request on one that is closed.
 */
export const LEAVE_MS = 5000;

/** Rejects where a component cannot start, after stopping those that had. */
export async function startDecibel(
  environment: Environment,
  log: Logger,
  clock: Clock = SYSTEM_CLOCK,
  metrics: Metrics = createMetrics(),
): Promise<Decibel> {
  const all = allRoles(subgraphs.map(({ name }) => name));
  const { front, backend, sandboxes, parts, stop } = await startParts(environment, all, log, clock, metrics);
  if (!front || !backend || !sandboxes) throw new Error("a process of all roles must have all parts");
  const { pipeline, database, outbox, worklists, executors } = backend;
  const { url, gateway } = front;
  return {
    url,
    parts,
    engine: gateway.engine,
    subgraphs: executors,
    sandboxes,
    pipeline,
    database,
    outbox,
    worklists,
    stop,
  };
}

/** Rejects where a component cannot start, after stopping those that had. */
export async function startParts(
  environment: Environment,
  roles: Roles,
  log: Logger,
  clock: Clock = SYSTEM_CLOCK,
  metrics: Metrics = createMetrics(),
  leaveMs: number = LEAVE_MS,
): Promise<Running> {
  const root = projectRoot();
  // A component has to be stopped from the moment it exists, whether it ever listens or not.
  const { own, stop } = createLifecycle(log);
  let isLeaving = false;
  const unlessLeaving = (readiness: Readiness): Readiness => {
    return async () => (isLeaving ? "this process is about to end" : readiness());
  };

  try {
    return await start();
  } catch (error) {
    // A failure to stop is logged; the operator needs the reason why it could not start.
    await stop().catch(() => {});
    throw error;
  }

  async function start(): Promise<Running> {
    const tracing = own(await openTracing(environment.tracing, { log, told: subgraphs.map(({ name }) => name) }));
    const { registry } = metrics;
    let metricsOfWorkers = async (): Promise<string> => "";
    const served: ServedMetrics = {
      contentType: registry.contentType,
      metrics: async () => `${await registry.metrics()}${await metricsOfWorkers()}`,
    };
    const { databaseUrl, directory } = environment.records;
    const [isBackend, secrets] = [hasBackend(roles), subgraphSecrets(environment)];
    const declared = await Promise.all(
      (isBackend || roles.sandboxes ? subgraphs : []).map(async ({ name, decisions }) => ({
        decisions,
        tables: await loadTables(join(root, "subgraphs", name)),
      })),
    );
    const sandboxes =
      isBackend || roles.sandboxes
        ? own(
            await startSandboxes(
              environment,
              Object.values(upstreams),
              declared.flatMap(({ tables }) => tables),
              clock,
              sandboxesAt(roles, environment),
            ),
          )
        : undefined;
    const database = isBackend && sandboxes ? own(await openDatabase({ url: databaseUrl, directory, log })) : undefined;
    if (database && sandboxes && !environment.production) await seed(database, sandboxes.firstParty);
    const ofDatabase = unlessLeaving(createReadiness(async () => database?.assertWritable(), log));

    const events = createEventStream();
    const eventChannel = database && (await openEventChannel(database, events, log));
    if (eventChannel) own(eventChannel);
    // A process without a gateway has nobody to tell: the gateways are elsewhere.
    const teller = database && !roles.gateway ? own(createEventTeller(database, log)) : undefined;
    const happened = (event: Event): void => (teller ? teller.tell(event) : events.publish(event));

    const shared = { environment, secrets, log, clock, tracing, own };
    const backend =
      database && sandboxes
        ? await startBackend({
            ...shared,
            roles,
            declared,
            sandboxes,
            database,
            readiness: ofDatabase,
            metrics,
            served,
            happened,
          })
        : undefined;
    const probes = roles.isSplit && roles.worker ? await startProbes({ readiness: ofDatabase, metrics: served }) : [];
    const { metrics: metricsAt } = environment;
    const metricsParts = metricsAt ? [["metrics", await serveMetrics(served, metricsAt)] as const] : [];

    const routes = { ...routesOf(environment), ...lists(backend?.urls ?? {}) };
    const ofSubgraphs = createReadiness(() => assertAnyReachable(routes), log, SUBGRAPHS_DEADLINE_MS);
    const front = roles.gateway
      ? await startFront({
          ...shared,
          registry,
          routes,
          transports: backend?.transports ?? new Map(),
          database,
          events: eventChannel && events,
          readiness: database ? ofDatabase : unlessLeaving(ofSubgraphs),
          campaignKey: sandboxes?.firstCampaignId,
        })
      : undefined;

    if (front) ({ metricsOfWorkers } = front);
    const signer = roles.signer
      ? await startSigner({ ...shared, routes, readiness: unlessLeaving(ofSubgraphs) })
      : undefined;

    return {
      parts: [
        ...(front?.parts ?? []),
        ...(signer ? [["signer", signer.url] as const] : []),
        ...Object.entries(backend?.urls ?? {}),
        ...probes,
        ...metricsParts,
        ...(sandboxes && !isElsewhere(roles) ? sandboxes.urls : []),
      ],
      front,
      backend: backend && database ? { ...backend, database } : undefined,
      sandboxes,
      async stop() {
        isLeaving = true;
        if (roles.isSplit && !roles.sandboxes) {
          front?.gateway.leave();
          signer?.leave();
          for (const subgraph of backend?.subgraphs ?? []) subgraph.leave();
          if (!roles.worker) await delay(leaveMs);
        }
        await stop();
      },
    };
  }

  async function serveMetrics(served: ServedMetrics, { host, port }: NonNullable<Environment["metrics"]>) {
    const server = own(createMetricsServer(served, { host, log }));
    return listening("metrics", port, "METRICS_PORT", () => server.listen(port), "METRICS_HOST");
  }

  async function startProbes(probes: Parameters<typeof createProbeServer>[0]) {
    const { workerPort: port, host } = environment;
    const server = own(createProbeServer(probes));
    return [["worker", await listening("worker", port, "WORKER_PORT", () => server.listen(port, host))] as const];
  }
}

function isElsewhere({ isSplit, sandboxes }: Roles): boolean {
  return isSplit && !sandboxes;
}

function sandboxesAt(roles: Roles, { host }: Environment): SandboxesAt | undefined {
  if (!roles.isSplit) return undefined;
  return roles.sandboxes ? { host } : "elsewhere";
}

function lists(urls: Readonly<Record<string, string>>): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, [url]]));
}

/** Where callers are known, what a subgraph is told of them has to be true: without a secret, this process makes one. */
function subgraphSecrets({ tokens, subgraphSecrets: given }: Environment): readonly string[] {
  if (given.length > 0 || !tokens) return given;
  return [randomBytes(SECRET_BYTES).toString("base64url")];
}

const SECRET_BYTES = 32;
