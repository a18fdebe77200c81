/**
 * How do the parts of Decibel become one process, or one with workers for the gateway?
 *
 * The only file that puts them together: sandboxes, records, the decision pipeline, upstream clients, the subgraphs, the
 * outbox, the gateway. They start from the bottom up and stop from the top down, so that nothing answers before what it
 * needs does, and nothing loses what it needs before it has answered.
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { createGateway } from "../gateway/gateway.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { createReadiness } from "../gateway/readiness.ts";
import { routed } from "../gateway/supergraph.ts";
import { createMemoryTransport } from "../gateway/transport/memory.ts";
import type { Transport } from "../gateway/transport/transport.ts";
import { createWorkers } from "../gateway/workers.ts";
import { campaignId } from "../schema/id.ts";
import { PARTNER_SUPERGRAPH, SUPERGRAPH, readRover } from "../schema/rover.ts";
import type { Federation } from "../schema/rover.ts";
import { createLedger } from "./pipeline/ledger.ts";
import { createMetrics } from "./pipeline/metrics.ts";
import type { Metrics } from "./pipeline/metrics.ts";
import { createPipeline } from "./pipeline/pipeline.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";
import { createRecall } from "./pipeline/recall.ts";
import { loadTables } from "./pipeline/table/load.ts";
import { SYSTEM_CLOCK } from "./platform/clock.ts";
import type { Clock } from "./platform/clock.ts";
import { portVariable, projectRoot, variables } from "./platform/environment.ts";
import type { Environment } from "./platform/environment.ts";
import { memoryCounter, redisCounter } from "./platform/budget/counter.ts";
import { createLimits } from "./platform/budget/limits.ts";
import { createEventStream } from "./platform/events.ts";
import { createFacts } from "./platform/facts/facts.ts";
import { createFactMetrics } from "./platform/facts/metrics.ts";
import { sharedFactsAt } from "./platform/facts/shared.ts";
import { createLifecycle } from "./platform/lifecycle.ts";
import { listening } from "./platform/listen.ts";
import { createRefusedAccounts } from "./platform/refused-accounts.ts";
import { memoryNonces, sharedNonces } from "./platform/signing/nonces.ts";
import { createSigner } from "./platform/signing/signature.ts";
import { createSubgraphClient } from "./platform/subgraph-client.ts";
import { openKeyLookup } from "./records/access/lookup.ts";
import type { Database } from "./records/database/database.ts";
import { openDropChannel } from "./records/database/drops.ts";
import { openEventChannel } from "./records/database/events.ts";
import { openDatabase } from "./records/database/open.ts";
import { evaluationRecords } from "./records/decisions/ledger.ts";
import type { ReviewHandler } from "./records/decisions/reviews.ts";
import { createMutate } from "./records/mutations/mutation.ts";
import { createTransact } from "./records/mutations/transact.ts";
import { openOutbox } from "./records/outbox/outbox.ts";
import type { Outbox } from "./records/outbox/outbox.ts";
import type { KeptWorklist } from "./records/worklists/worklist.ts";
import { startPruning } from "./records/prune.ts";
import { seed } from "./records/seed.ts";
import { connectUpstreams, subgraphs, upstreams } from "./registry.ts";
import type { Parts } from "./registry.ts";
import type { ExecuteLocally } from "./server/local-executor.ts";
import type { Register } from "./server/register.ts";
import { startSandboxes } from "./sandboxes.ts";
import type { Sandboxes } from "./sandboxes.ts";

export interface Decibel {
  /** The gateway's GraphQL endpoint. */
  readonly url: string;
  /** Name and URL of everything that listens, the gateway first. */
  readonly parts: readonly (readonly [name: string, url: string])[];
  /** Which planner the gateway uses. */
  readonly engine: Gateway["engine"];
  /** By name: asked without a gateway, as any caller. */
  readonly subgraphs: ReadonlyMap<string, ExecuteLocally>;
  readonly sandboxes: Sandboxes;
  readonly pipeline: Pipeline;
  readonly database: Database;
  readonly outbox: Outbox;
  readonly worklists: readonly KeptWorklist[];
  /** Drains, then stops everything. Rejects where a component failed to stop, after all others have stopped. */
  stop(): Promise<void>;
}

/** Rejects where a component cannot start, after stopping those that had. */
export async function startDecibel(
  environment: Environment,
  log: Logger,
  { now, elapsed }: Clock = SYSTEM_CLOCK,
  metrics: Metrics = createMetrics(),
): Promise<Decibel> {
  const root = projectRoot();
  // A component has to be stopped from the moment it exists, whether it ever listens or not.
  const { own, stop } = createLifecycle(log);

  try {
    return await start();
  } catch (error) {
    // A failure to stop is logged; the operator needs the reason why it could not start.
    await stop().catch(() => {});
    throw error;
  }

  async function start(): Promise<Decibel> {
    const federation = readRover(join(root, "rover.yaml"), variables);
    const declared = await Promise.all(
      subgraphs.map(async ({ name, decisions }) => ({
        decisions,
        tables: await loadTables(join(root, "subgraphs", name)),
      })),
    );

    const tables = declared.flatMap((one) => one.tables);
    const sandboxes = own(await startSandboxes(environment, Object.values(upstreams), tables, { now, elapsed }));

    const { databaseUrl, directory, retries, retrySeconds, lagSeconds } = environment.records;
    const database = own(await openDatabase({ url: databaseUrl, directory, log }));
    if (!environment.production) await seed(database, sandboxes.firstParty);
    own(startPruning({ database, log, now }));
    const events = createEventStream();
    const eventChannel = await openEventChannel(database, events, log);
    if (eventChannel) own(eventChannel);
    const evaluations = evaluationRecords(database);
    const ledger = own(createLedger({ write: (added) => evaluations.write(added), log }));

    const accounts = createRefusedAccounts();
    const pipeline = own(
      createPipeline({
        account: sandboxes.opentextAccount,
        decisions: environment.decisions,
        verifyShare: environment.verifyShare,
        declared,
        cacheUrl: environment.cacheUrl,
        ledger,
        log,
        accounts,
        metrics,
        modelChanged: (model) => events.publish({ kind: "modelChanged", model }),
        now,
        elapsed,
      }),
    );
    await pipeline.start();

    const channel = await openDropChannel(database, log);
    if (channel) own(channel);
    const shared = environment.cacheUrl === undefined ? undefined : own(sharedFactsAt(environment.cacheUrl, log));
    const facts = createFacts({
      now,
      log,
      atMost: environment.freshness,
      shared,
      channel,
      metrics: createFactMetrics(metrics.registry),
      changed: (subject) => events.publish({ kind: "factsChanged", subject }),
    });
    const counter = own(
      environment.cacheUrl === undefined ? memoryCounter() : redisCounter({ url: environment.cacheUrl, log }),
    );
    const limits = createLimits({ counter, now });
    const clients = connectUpstreams(sandboxes.accounts, { facts, limits }, own);
    const urls: Record<string, string> = {};
    const transports = new Map<string, Transport>();
    const executors = new Map<string, ExecuteLocally>();
    const { tokens, cacheUrl } = environment;
    const secrets = subgraphSecrets(environment);
    const [secret] = secrets;
    const signer = secret === undefined ? undefined : createSigner({ secret, now });
    // Only processes that share a secret could get a request of each other.
    const isShared = cacheUrl !== undefined && environment.subgraphSecrets.length > 0;
    const nonces = own(isShared ? sharedNonces({ url: cacheUrl, log, now }) : memoryNonces({ now }));
    const signatures = secret === undefined ? undefined : { secrets, nonces };
    const subgraphClient = own(createSubgraphClient({ urlOf: (subgraph) => urls[subgraph], signer }));
    const queues = subgraphs.map(({ name }) => name);
    const policy = { limit: retries, delaySeconds: retrySeconds };
    const outbox = own(await openOutbox({ database, log, queues, retries: policy, lagSeconds, accounts }));
    const transact = createTransact(database);
    const recall = createRecall(evaluations, pipeline);
    const registers: Register[] = [];
    const reviewHandlers: ReviewHandler[] = [];
    const parts: Parts = {
      clients,
      database,
      pipeline,
      decide: pipeline.decide,
      recall,
      written: () => ledger.written(),
      registers,
      reviewHandlers,
      tools: {
        decideAnew: pipeline.decideAnew,
        recall,
        mutate: createMutate(database, transact, now),
        transact,
        outbox,
        subgraphClient,
      },
      log,
      sweepIntervalMs: environment.sweepSeconds * 1000,
      now,
    };
    const { allowedHosts } = environment;
    // One after the other, so that where one fails, all before it are stopped.
    const work: (() => Promise<void>)[] = [];
    const worklists: KeptWorklist[] = [];
    for (const { name, make } of subgraphs) {
      const { commands, registers: made, worklists: kept, serve } = make(parts);
      registers.push(...made);
      reviewHandlers.push(...commands.reviewHandlers);
      worklists.push(...kept.map(own));
      const subgraph = own(await serve({ log, metrics: metrics.registry, allowedHosts, signatures, accounts, now }));
      const port = environment.subgraphPorts[name] ?? portOf(federation, name);
      urls[name] = await listening(name, port, portVariable(name), () => subgraph.listen(port));
      executors.set(name, subgraph.execute);
      if (environment.subgraphTransport === "memory") transports.set(name, createMemoryTransport(subgraph.execute));
      work.push(() => outbox.work(name, commands.handlers));
    }
    // After all subgraphs listen: carrying out an effect may need another one.
    for (const start of work) await start();
    for (const worklist of worklists) worklist.start();

    const supergraph = await readFile(join(root, SUPERGRAPH), "utf8");
    const partnerSupergraph = await readFile(join(root, PARTNER_SUPERGRAPH), "utf8");
    const keys = tokens && own(await openKeyLookup({ database, log, elapsed }));
    const count = environment.gatewayWorkers;
    const options = {
      supergraph: routed(supergraph, urls),
      partnerSupergraph,
      host: environment.host,
      corsOrigins: environment.corsOrigins,
      allowedHosts,
      tokens,
      subgraphSecrets: secrets,
      ...(keys && { findKey: keys.find }),
      limits: environment.limits,
      trustedDocuments: environment.trustedDocuments,
      cacheUrl: environment.cacheUrl,
      events: eventChannel && events,
      readiness: createReadiness(() => database.assertWritable(), log),
      log,
      campaignId: sandboxes.firstCampaignId && campaignId.encode(sandboxes.firstCampaignId),
    };
    const gateway = own(
      count > 1
        ? createWorkers({ ...options, count })
        : await createGateway({ ...options, transports, clock: { now, elapsed } }),
    );
    const { port, partnerPort } = environment;
    const url = await listening("gateway", port, "PORT", () => gateway.listen(port));
    const partnerUrls =
      partnerPort === undefined
        ? []
        : [await listening("partners", partnerPort, "PARTNER_PORT", () => gateway.listenForPartners(partnerPort))];

    return {
      url,
      parts: [
        ["gateway", url],
        ...partnerUrls.map((one) => ["partners", one] as const),
        ...Object.entries(urls),
        ...sandboxes.urls,
      ],
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
}

/** Where callers are known, what a subgraph is told of them has to be true: without a secret, this process makes one. */
function subgraphSecrets({ tokens, subgraphSecrets: given }: Environment): readonly string[] {
  if (given.length > 0 || !tokens) return given;
  return [randomBytes(SECRET_BYTES).toString("base64url")];
}

const SECRET_BYTES = 32;

/** As rover.yaml says. */
function portOf({ subgraphs }: Federation, subgraph: string): number {
  const routingUrl = subgraphs.find(({ name }) => name === subgraph)?.routingUrl;
  if (routingUrl === undefined) throw new Error(`Cannot start ${subgraph}: rover.yaml does not name it`);
  const { port, protocol } = new URL(routingUrl);
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}
