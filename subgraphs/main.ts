/**
 * What runs in this process, and how does it come and go?
 *
 * The only file that puts the parts together: sandboxes for the upstreams nobody has credentials for, sources, the
 * decision pipeline, the subgraphs, the gateway. Parts are started from the bottom up and stopped from the top down,
 * so that nothing answers before what it needs does, and nothing loses what it needs before it has answered.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import type { Logger } from "pino";
import { createGateway } from "../gateway/gateway.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { routed } from "../gateway/supergraph.ts";
import { campaignId } from "../schema/id.ts";
import { SUPERGRAPH, readRover } from "../schema/rover.ts";
import type { Federation } from "../schema/rover.ts";
import { campaignActs, campaignDecisions, campaignServices, campaigns } from "./campaigns/index.ts";
import { createDecidedBefore } from "./pipeline/decided-before.ts";
import { decisionServices, decisions } from "./decisions/index.ts";
import { createLedger } from "./pipeline/ledger.ts";
import { addProcessMetrics, createMetrics } from "./pipeline/metrics.ts";
import type { Metrics } from "./pipeline/metrics.ts";
import { createPipeline } from "./pipeline/pipeline.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";
import { loadTables } from "./pipeline/table/load.ts";
import { portVariable, projectRoot, readEnvironment, variables } from "./platform/environment.ts";
import type { Environment } from "./platform/environment.ts";
import { episodeActs, episodeDecisions, episodeServices, episodes } from "./episodes/index.ts";
import { startSandboxes } from "./sandbox/sandboxes.ts";
import type { Sandboxes } from "./sandbox/sandboxes.ts";
import { listening } from "./platform/listen.ts";
import { listenerActs, listenerDecisions, listenerServices, listeners } from "./listeners/index.ts";
import { locationActs, locationDecisions, locationServices, locations } from "./locations/index.ts";
import { createNeighbours } from "./platform/subgraph-client.ts";
import { createParts } from "./platform/lifecycle.ts";
import type { Acting } from "./server/commands.ts";
import { openDatabase } from "./records/database/database.ts";
import type { Database } from "./records/database/database.ts";
import { createMutate } from "./records/mutations/mutation.ts";
import { openOutbox } from "./records/outbox/outbox.ts";
import type { Outbox } from "./records/outbox/outbox.ts";
import { startPruning } from "./records/prune.ts";
import { recordsOver } from "./records/records.ts";
import { seed } from "./records/seed.ts";
import { createLeads } from "./sources/crm/client.ts";
import { createMegaphone } from "./sources/megaphone/client.ts";
import { createSoundtrack } from "./sources/soundtrack/client.ts";
import { createSpotifyAds } from "./sources/spotify-ads/client.ts";
import { createSpotifyWeb } from "./sources/spotify-web/client.ts";
import { createSubgraph } from "./server/subgraph.ts";

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

/** By the folder that holds their tables. */
const DECISIONS = {
  campaigns: campaignDecisions,
  episodes: episodeDecisions,
  locations: locationDecisions,
  listeners: listenerDecisions,
};

/** Rejects where a part cannot start, after stopping those that had. */
export async function startDecibel(
  environment: Environment,
  log: Logger,
  now: () => number = Date.now,
  metrics: Metrics = createMetrics(),
): Promise<Decibel> {
  const root = projectRoot();
  // What is made is to be stopped from then on, whether it comes to listen or not.
  const { runs, stop } = createParts(log);

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
      Object.entries(DECISIONS).map(async ([folder, decided]) => ({
        decisions: decided,
        tables: await loadTables(join(root, "subgraphs", folder)),
      })),
    );

    const sandboxes = runs(
      await startSandboxes(
        environment,
        declared.flatMap(({ tables }) => tables),
        now,
      ),
    );

    const { databaseUrl, directory, retries, retrySeconds } = environment.records;
    const database = runs(await openDatabase({ url: databaseUrl, directory, log }));
    if (!environment.production) await seed(database, sandboxes.firstParty);
    runs(startPruning({ database, log, now }));
    const records = recordsOver(database, now);
    const ledger = runs(createLedger({ write: (evaluations) => records.evaluations.write(evaluations), log }));

    const pipeline = runs(
      createPipeline({
        account: sandboxes.accounts.opentext,
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

    const ads = runs(createSpotifyAds(sandboxes.accounts.spotifyAds));
    const web = runs(createSpotifyWeb(sandboxes.accounts.spotifyWeb));
    const megaphone = runs(createMegaphone(sandboxes.accounts.megaphone));
    const soundtrack = runs(createSoundtrack(sandboxes.accounts.soundtrack));
    const leads = runs(createLeads(sandboxes.accounts.leads));

    const urls: Record<string, string> = {};
    const neighbours = runs(createNeighbours((subgraph) => urls[subgraph]));
    const outbox = runs(await openOutbox({ database, log, patience: { retries, retrySeconds } }));
    const { decide, decideAnew } = pipeline;
    const acting: Acting = {
      decideAnew,
      decidedBefore: createDecidedBefore(records.evaluations, pipeline.models),
      mutate: createMutate(database, now),
      outbox,
      neighbours,
    };
    const { cases, sponsorships, playlistRequests } = records;
    const services = {
      campaigns: campaignServices({ ads, records: records.campaigns, cases, sponsorships, decide, now }),
      episodes: episodeServices({ megaphone, web, records: records.episodes, decide, now }),
      locations: locationServices({ soundtrack, web, records: records.locations, playlistRequests, decide, now }),
      listeners: listenerServices({ records: records.listeners, decide, now }),
    };
    const acts = {
      campaigns: campaignActs(services.campaigns, acting),
      episodes: episodeActs(services.episodes, acting),
      locations: locationActs(services.locations, acting),
      listeners: listenerActs(services.listeners, { ...acting, leads, routed: records.leads }),
    };
    const decided = decisionServices({
      ...pipeline,
      ...records,
      written: () => ledger.written(),
      mutate: acting.mutate,
      reviewed: Object.values(acts).flatMap(({ reviewed }) => reviewed),
      now,
    });
    const served = { log, metrics: metrics.registry };
    // One after the other, so that where one cannot be made, all that were are stopped.
    const subgraphs = [
      runs(await createSubgraph(campaigns, { ...services.campaigns, acts: acts.campaigns }, served)),
      runs(await createSubgraph(episodes, { ...services.episodes, acts: acts.episodes }, served)),
      runs(await createSubgraph(locations, { ...services.locations, acts: acts.locations }, served)),
      runs(await createSubgraph(listeners, { ...services.listeners, acts: acts.listeners }, served)),
      runs(await createSubgraph(decisions, decided, served)),
    ];
    for (const subgraph of subgraphs) {
      const { name } = subgraph;
      const port = environment.subgraphPorts[name] ?? portOf(federation, name);
      urls[name] = await listening(name, port, portVariable(name), () => subgraph.listen(port));
    }

    // Only now: what is carried out may need a neighbour.
    for (const [queue, { handlers }] of Object.entries(acts)) await outbox.work(queue, handlers);

    const supergraph = await readFile(join(root, SUPERGRAPH), "utf8");
    const gateway = runs(
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
  const root = projectRoot();
  const environment = readEnvironment(
    variables,
    readRover(join(root, "rover.yaml"), variables).subgraphs.map(({ name }) => name),
  );
  const log = pino({ level: environment.logLevel });
  const metrics = createMetrics();
  addProcessMetrics(metrics);
  const decibel = await startDecibel(environment, log, Date.now, metrics);

  let stopping = false;
  const stop = async (): Promise<void> => {
    // A second Ctrl-C does not wait for what the first one waits for.
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    // What did not stop was logged.
    const code = await decibel.stop().then(
      () => 0,
      () => 1,
    );
    process.exit(code);
  };
  process.on("SIGINT", () => void stop());
  process.on("SIGTERM", () => void stop());
  // Last: who reads it may stop what it says is up.
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
