/**
 * What runs in this process, and how does it come and go?
 *
 * The only file that puts the parts together: sandboxes for the upstreams nobody has credentials for, sources, the
 * decision pipeline, the subgraphs, the gateway. Parts are started from the bottom up and stopped from the top down,
 * so that nothing answers before what it needs does, and nothing loses what it needs before it has answered.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import closeWithGrace from "close-with-grace";
import { pino } from "pino";
import type { Logger } from "pino";
import { createGateway } from "../gateway/gateway.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { routed } from "../gateway/supergraph.ts";
import { campaignId } from "../schema/id.ts";
import { SUPERGRAPH, readRover } from "../schema/rover.ts";
import type { Federation } from "../schema/rover.ts";
import { createLedger } from "./pipeline/ledger.ts";
import { addProcessMetrics, createMetrics } from "./pipeline/metrics.ts";
import type { Metrics } from "./pipeline/metrics.ts";
import { createPipeline } from "./pipeline/pipeline.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";
import { createRecall } from "./pipeline/recall.ts";
import { loadTables } from "./pipeline/table/load.ts";
import { portVariable, projectRoot, readEnvironment, variables } from "./platform/environment.ts";
import type { Environment } from "./platform/environment.ts";
import { createLifecycle } from "./platform/lifecycle.ts";
import { listening } from "./platform/listen.ts";
import { createSubgraphClient } from "./platform/subgraph-client.ts";
import type { Database } from "./records/database/database.ts";
import { openDatabase } from "./records/database/open.ts";
import { evaluationRecords } from "./records/decisions/ledger.ts";
import type { ReviewHandler } from "./records/decisions/reviews.ts";
import { createMutate } from "./records/mutations/mutation.ts";
import { createTransact } from "./records/mutations/transact.ts";
import { openOutbox } from "./records/outbox/outbox.ts";
import type { Outbox } from "./records/outbox/outbox.ts";
import { startPruning } from "./records/prune.ts";
import { seed } from "./records/seed.ts";
import { configurable, connectUpstreams, subgraphs, upstreams } from "./registry.ts";
import type { Parts } from "./registry.ts";
import { startSandboxes } from "./sandboxes.ts";
import type { Sandboxes } from "./sandboxes.ts";

export interface Decibel {
  /** The gateway's GraphQL endpoint. */
  readonly url: string;
  /** What runs where: a name and a URL each, the gateway first. */
  readonly parts: readonly (readonly [name: string, url: string])[];
  /** Which planner the gateway uses. */
  readonly engine: Gateway["engine"];
  readonly sandboxes: Sandboxes;
  readonly pipeline: Pipeline;
  readonly database: Database;
  readonly outbox: Outbox;
  /** Answers what is under way, then stops everything. Rejects where a part did not stop, after all others have. */
  stop(): Promise<void>;
}

/** Rejects where a part cannot start, after stopping those that had. */
export async function startDecibel(
  environment: Environment,
  log: Logger,
  now: () => number = Date.now,
  metrics: Metrics = createMetrics(),
): Promise<Decibel> {
  const root = projectRoot();
  // What is made is to be stopped from then on, whether it comes to listen or not.
  const { own, stop } = createLifecycle(log);

  try {
    return await start();
  } catch (error) {
    // What does not stop is logged; why it could not start is what its operator has to know.
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
    const sandboxes = own(await startSandboxes(environment, Object.values(upstreams), tables, now));

    const { databaseUrl, directory, retries, retrySeconds } = environment.records;
    const database = own(await openDatabase({ url: databaseUrl, directory, log }));
    if (!environment.production) await seed(database, sandboxes.firstParty);
    own(startPruning({ database, log, now }));
    const evaluations = evaluationRecords(database);
    const ledger = own(createLedger({ write: (added) => evaluations.write(added), log }));

    const pipeline = own(
      createPipeline({
        account: sandboxes.opentextAccount,
        decisions: environment.decisions,
        verifyShare: environment.verifyShare,
        declared,
        cacheUrl: environment.cacheUrl,
        ledger,
        log,
        metrics,
        now,
      }),
    );
    await pipeline.start();

    const clients = connectUpstreams(sandboxes.accounts, own);
    const urls: Record<string, string> = {};
    const subgraphClient = own(createSubgraphClient((subgraph) => urls[subgraph]));
    const queues = subgraphs.map(({ name }) => name);
    const outbox = own(
      await openOutbox({ database, log, queues, retries: { limit: retries, delaySeconds: retrySeconds } }),
    );
    const transact = createTransact(database);
    const recall = createRecall(evaluations, pipeline.models);
    const reviewHandlers: ReviewHandler[] = [];
    const parts: Parts = {
      clients,
      database,
      pipeline,
      decide: pipeline.decide,
      recall,
      written: () => ledger.written(),
      reviewHandlers,
      tools: {
        decideAnew: pipeline.decideAnew,
        recall,
        mutate: createMutate(database, transact, now),
        transact,
        outbox,
        subgraphClient,
      },
      now,
    };
    // One after the other, so that where one cannot be made, all that were are stopped.
    const work: (() => Promise<void>)[] = [];
    for (const { name, make } of subgraphs) {
      const { commands, serve } = make(parts);
      reviewHandlers.push(...commands.reviewHandlers);
      const subgraph = own(await serve({ log, metrics: metrics.registry }));
      const port = environment.subgraphPorts[name] ?? portOf(federation, name);
      urls[name] = await listening(name, port, portVariable(name), () => subgraph.listen(port));
      work.push(() => outbox.work(name, commands.handlers));
    }
    // Only now: carrying out an effect may need another subgraph.
    for (const start of work) await start();

    const supergraph = await readFile(join(root, SUPERGRAPH), "utf8");
    const gateway = own(
      await createGateway({
        supergraph: routed(supergraph, urls),
        host: environment.host,
        log,
        campaignId: sandboxes.firstCampaignId && campaignId.encode(sandboxes.firstCampaignId),
      }),
    );
    const url = await listening("gateway", environment.port, "PORT", () => gateway.listen(environment.port));

    return {
      url,
      parts: [["gateway", url], ...Object.entries(urls), ...sandboxes.urls],
      engine: gateway.engine,
      sandboxes,
      pipeline,
      database,
      outbox,
      stop,
    };
  }
}

/** As rover.yaml says. */
function portOf({ subgraphs }: Federation, subgraph: string): number {
  const routingUrl = subgraphs.find(({ name }) => name === subgraph)?.routingUrl;
  if (routingUrl === undefined) throw new Error(`Cannot start ${subgraph}: rover.yaml does not name it`);
  const { port, protocol } = new URL(routingUrl);
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}

/** Longer than the outbox, the ledger and what is under way may take together. */
const DRAIN_MS = 20_000;

async function main(): Promise<void> {
  const environment = readEnvironment(variables, configurable);
  const log = pino({ level: environment.logLevel });
  const metrics = createMetrics();
  addProcessMetrics(metrics);
  const decibel = await startDecibel(environment, log, Date.now, metrics);

  // A signal and an uncaught error both drain; a second signal does not wait for what the first one waits for.
  closeWithGrace({ delay: DRAIN_MS, logger: false }, async ({ err }) => {
    if (err) log.fatal({ err }, "uncaught error: shutting down");
    await decibel.stop();
  });
  // Last: whoever reads it may stop what it says is up.
  process.stdout.write(banner(decibel));
}

function banner({ parts }: Decibel): string {
  const width = Math.max(...parts.map(([name]) => name.length));
  const lines = parts.map(([name, url]) => `  ${name.padEnd(width)}  ${url}`);
  return `\nDecibel is up. Open the gateway in a browser, or send it a query; Ctrl-C stops it.\n\n${lines.join("\n")}\n\n`;
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
