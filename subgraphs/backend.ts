/**
 * How do records, decisions and upstream clients become subgraphs that answer, and a worker?
 *
 * They start from the bottom up. All subgraphs are made in each process that has any, because the last one knows of the
 * registers and the reviews of all; which of them listen, and whether the process works off effects and sweeps, its roles say.
 */
import type { Logger } from "pino";
import { createMemoryTransport } from "../gateway/transport/memory.ts";
import type { Transport } from "../gateway/transport/transport.ts";
import { createActivityReader } from "./pipeline/activity/activity.ts";
import { createHere } from "./pipeline/activity/here.ts";
import { activityAt } from "./pipeline/activity/shared.ts";
import { OPENTEXT } from "./pipeline/activity/upstreams.ts";
import { createLedger } from "./pipeline/ledger.ts";
import type { Metrics } from "./pipeline/metrics.ts";
import { createPipeline } from "./pipeline/pipeline.ts";
import type { Declared } from "./pipeline/models.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";
import type { LoadedTable } from "./pipeline/table/load.ts";
import { createRecall } from "./pipeline/recall.ts";
import { counterAt } from "./platform/budget/counter.ts";
import { createLimits } from "./platform/budget/limits.ts";
import type { Clock } from "./platform/clock.ts";
import { dryRunHere, outsideDryRuns } from "./platform/dry-run.ts";
import { portVariable } from "./platform/environment.ts";
import type { Environment } from "./platform/environment.ts";
import type { EventStream } from "./platform/events.ts";
import { createFacts } from "./platform/facts/facts.ts";
import { createFactMetrics } from "./platform/facts/metrics.ts";
import { sharedFactsAt } from "./platform/facts/shared.ts";
import { createHealth } from "./platform/health/health.ts";
import type { Lifecycle } from "./platform/lifecycle.ts";
import { listening } from "./platform/listen.ts";
import type { ServedMetrics } from "./platform/metrics-server.ts";
import type { Readiness } from "./platform/readiness.ts";
import { createRefusedAccounts } from "./platform/refused-accounts.ts";
import type { Roles } from "./platform/roles.ts";
import { memoryNonces, sharedNonces } from "./platform/signing/nonces.ts";
import { signerBy } from "./platform/signing/signature.ts";
import { createSubgraphClient } from "./platform/subgraph-client.ts";
import type { Tracing } from "./platform/tracing/tracing.ts";
import { addBacklogMetrics } from "./records/backlog.ts";
import type { Database } from "./records/database/database.ts";
import { openDropChannel } from "./records/database/drops.ts";
import { withDryRuns } from "./records/database/dry-runs.ts";
import { evaluationRecords } from "./records/decisions/ledger.ts";
import { keepTables } from "./records/decisions/model-versions.ts";
import { signingBy } from "./records/decisions/receipts.ts";
import type { ReviewHandler } from "./records/decisions/reviews.ts";
import { createMutate } from "./records/mutations/mutation.ts";
import { createTransact } from "./records/mutations/transact.ts";
import { openOutbox } from "./records/outbox/outbox.ts";
import type { Outbox } from "./records/outbox/outbox.ts";
import { startPruning } from "./records/prune.ts";
import type { DeliveryHandler } from "./records/webhooks/delivery.ts";
import { createTell, queueOfEndpoint } from "./records/webhooks/tell.ts";
import { createEndpointClient, workOnDeliveries } from "./records/webhooks/work.ts";
import type { KeptWorklist } from "./records/worklists/worklist.ts";
import { configurable, connectUpstreams, subgraphs } from "./registry.ts";
import type { Parts } from "./registry.ts";
import { routesOf } from "./routes.ts";
import type { Sandboxes } from "./sandboxes.ts";
import type { ExecuteLocally } from "./server/local-executor.ts";
import type { MadeNeighbours } from "./server/neighbours.ts";
import type { Population } from "./server/populations.ts";
import type { Register } from "./server/register.ts";
import { createWarming } from "./server/warming.ts";
import type { Warming } from "./server/warming.ts";
import type { Subgraph } from "./server/subgraph.ts";

export interface Backend {
  readonly pipeline: Pipeline;
  readonly outbox: Outbox;
  readonly worklists: readonly KeptWorklist[];
  /** Those that listen here. */
  readonly subgraphs: readonly Subgraph[];
  /** Subgraph name → the URL at which it listens here. */
  readonly urls: Readonly<Record<string, string>>;
  /** By name: asked without a gateway, as any caller. */
  readonly executors: ReadonlyMap<string, ExecuteLocally>;
  /** For a gateway in this process. */
  readonly transports: ReadonlyMap<string, Transport>;
}

export interface BackendOptions {
  readonly environment: Environment;
  readonly roles: Roles;
  readonly declared: readonly (Declared & { readonly tables: readonly LoadedTable[] })[];
  readonly sandboxes: Sandboxes;
  readonly database: Database;
  /** By the first one requests are signed, and all are accepted. None: requests are not signed. */
  readonly secrets: readonly string[];
  readonly readiness: Readiness;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** At the subgraphs. */
  readonly served: ServedMetrics;
  readonly tracing: Tracing;
  /** Told of what happens here alone: facts and tables that are others. */
  readonly happened: EventStream["publish"];
  readonly clock: Clock;
  readonly own: Lifecycle["own"];
}

/** Rejects where a component cannot start; those that had started are owned. */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  const { environment, roles, declared, sandboxes, database, secrets, readiness, log, metrics, served, happened, own } =
    options;
  const { now, elapsed } = options.clock;
  const { cacheUrl } = environment;
  const { tracing } = options;

  const { ledgerKeys, ledgerDays } = environment.records;
  const sign = ledgerKeys && signingBy(ledgerKeys);
  if (roles.worker) own(startPruning({ database, log, now, sign, ledgerDays }));
  addBacklogMetrics(metrics.registry, database);
  await keepTables(
    database,
    options.declared.flatMap(({ tables }) => tables),
    now,
  );
  const evaluations = evaluationRecords(database);
  const ledger = own(createLedger({ write: (added) => evaluations.write(added), log }));
  const accounts = createRefusedAccounts();
  const sharedActivity = own(activityAt({ url: cacheUrl, account: sandboxes.opentextAccount, log, now }));
  const health = createHealth({ now, noted: sharedActivity.changed });
  let warming: Warming | undefined;
  const pipeline = own(
    createPipeline({
      account: sandboxes.opentextAccount,
      decisions: environment.decisions,
      verifyShare: environment.verifyShare,
      declared,
      cacheUrl,
      ledger,
      log,
      accounts,
      metrics,
      health: health.of(OPENTEXT),
      decided: sharedActivity.changed,
      modelChanged: (model) => {
        happened({ kind: "modelChanged", model });
        // It may be noticed while a mutation is only tried.
        void outsideDryRuns(async () => warming?.changed(model));
      },
      now,
      elapsed,
    }),
  );
  await pipeline.start();

  const channel = await openDropChannel(database, log);
  if (channel) own(channel);
  const shared = cacheUrl === undefined ? undefined : own(sharedFactsAt(cacheUrl, log));
  const facts = createFacts({
    now,
    log,
    atMost: environment.freshness,
    shared,
    channel,
    metrics: createFactMetrics(metrics.registry),
    changed: (subject) => happened({ kind: "factsChanged", subject }),
  });
  const counter = own(counterAt({ url: cacheUrl, log }));
  const clients = connectUpstreams(sandboxes.accounts, { facts, limits: createLimits({ counter, now }), health }, own);
  const here = createHere({ minutes: pipeline.minutes, states: pipeline.states, health, now });
  sharedActivity.share(here.notes);

  const urls: Record<string, string> = {};
  const routes = routesOf(environment);
  const signer = signerBy(secrets, now);
  // Only processes that share a secret could get a request of each other.
  const isShared = cacheUrl !== undefined && environment.subgraphSecrets.length > 0;
  const nonces = own(isShared ? sharedNonces({ url: cacheUrl, log, now }) : memoryNonces({ now }));
  const signatures = signer && { secrets, nonces };
  const urlsOf = (name: string): readonly string[] => (urls[name] === undefined ? (routes[name] ?? []) : [urls[name]]);
  const subgraphClient = own(createSubgraphClient({ urlsOf, signer }));
  const { webhooks } = environment;
  const receivers = (roles.worker ? webhooks : []).map((endpoint) => ({
    endpoint,
    client: own(createEndpointClient(endpoint, now)),
  }));
  const { retries, retrySeconds, lagSeconds } = environment.records;
  const outbox = own(
    await openOutbox({
      database,
      log,
      queues: [...subgraphs.map(({ name }) => name), ...webhooks.map(({ name }) => queueOfEndpoint(name))],
      retries: { limit: retries, delaySeconds: retrySeconds },
      lagSeconds,
      accounts,
      isSupervising: roles.worker,
      tracing,
    }),
  );
  // What an operation tries is seen by what it asks of these alone: all else here is shared with other operations.
  const ofOperations = withDryRuns(database);
  const transact = createTransact(ofOperations);
  const recall = createRecall(evaluationRecords(ofOperations), pipeline);
  const registers: Register[] = [];
  const neighbours: MadeNeighbours = {};
  const populations: Population[] = [];
  const reviewHandlers: ReviewHandler[] = [];
  const deliveryHandlers: DeliveryHandler[] = [];
  const parts: Parts = {
    clients,
    database: ofOperations,
    pipeline,
    decide: pipeline.decide,
    recall,
    activity: createActivityReader({
      here,
      shared: sharedActivity,
      upstreams: [...(sandboxes.opentextAccount ? [OPENTEXT] : []), ...configurable.upstreams.map(({ name }) => name)],
      now,
    }),
    // What a dry run waits for was written before it began, and nothing else can be while it holds the embedded database.
    written: async () => (dryRunHere() ? undefined : ledger.written()),
    registers,
    neighbours,
    populations,
    eligibilityMax: environment.eligibilityMax,
    reviewHandlers,
    tools: {
      decideAnew: async (...asked) => {
        const decided = await pipeline.decideAnew(...asked);
        const { id: evaluationId, model, verdict } = decided;
        dryRunHere()?.decisions.push({ evaluationId, model: model.key, verdict });
        return decided;
      },
      recall,
      mutate: createMutate(ofOperations, transact, now),
      transact,
      outbox,
      tell: createTell(webhooks, outbox),
      subgraphClient,
    },
    log,
    sweepIntervalMs: environment.sweepSeconds * 1000,
    ledgerKeys,
    now,
  };

  const listeningHere: Subgraph[] = [];
  const transports = new Map<string, Transport>();
  const executors = new Map<string, ExecuteLocally>();
  // One after the other, so that where one fails, all before it are stopped.
  const work: (() => Promise<void>)[] = [];
  const worklists: KeptWorklist[] = [];
  for (const { name, make } of subgraphs) {
    const { commands, registers: made, neighbours: known, populations: decided, worklists: kept, serve } = make(parts);
    registers.push(...made);
    Object.assign(neighbours, known);
    populations.push(...decided);
    reviewHandlers.push(...commands.reviewHandlers);
    deliveryHandlers.push(...(commands.deliveryHandlers ?? []));
    worklists.push(...kept.map(own));
    work.push(() => outbox.work(name, commands.handlers));
    if (!roles.subgraphs.includes(name)) continue;
    const subgraph = own(
      await serve({
        log,
        metrics: served,
        // All that is asked of one that runs apart is signed: no page can sign.
        allowedHosts: roles.isSplit ? ["*"] : environment.allowedHosts,
        readiness,
        signatures,
        accounts,
        tracing,
        now,
      }),
    );
    const port = environment.subgraphPorts[name] ?? portOf(routes[name]);
    const host = roles.isSplit ? environment.host : undefined;
    urls[name] = await listening(name, port, portVariable(name), () => subgraph.listen(port, host));
    listeningHere.push(subgraph);
    executors.set(name, subgraph.execute);
    if (environment.subgraphTransport === "memory") transports.set(name, createMemoryTransport(subgraph.execute));
  }
  const decidedHere = new Set(
    subgraphs
      .filter(({ name }) => roles.subgraphs.includes(name))
      .flatMap((row) => row.decisions.map(({ key }) => key)),
  );
  warming = own(
    createWarming({
      pipeline,
      populations: populations.filter(({ model }) => decidedHere.has(model)),
      maxCalls: environment.warmCalls,
      log,
    }),
  );
  work.push(() => workOnDeliveries({ receivers, database, outbox, transact, deliveryHandlers, now }));
  if (roles.worker) {
    // After all subgraphs listen: carrying out an effect may need another one.
    for (const start of work) await start();
    for (const worklist of worklists) worklist.start();
  }
  return { pipeline, outbox, worklists, subgraphs: listeningHere, urls, executors, transports };
}

function portOf([url = ""]: readonly string[] = []): number {
  const { port, protocol } = new URL(url);
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}
