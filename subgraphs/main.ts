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
import { campaignDecisions, campaignServices, campaigns } from "./campaigns/index.ts";
import { decisions } from "./decisions/index.ts";
import { createPipeline } from "./decisions/pipeline.ts";
import type { Pipeline } from "./decisions/pipeline.ts";
import { loadTables } from "./decisions/table/load.ts";
import { portVariable, projectRoot, readEnvironment, variables } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { episodeDecisions, episodeServices, episodes } from "./episodes/index.ts";
import { startSandboxes } from "./sandbox/sandboxes.ts";
import type { Sandboxes } from "./sandbox/sandboxes.ts";
import { listening } from "./listen.ts";
import { listenerDecisions, listenerServices, listeners } from "./listeners/index.ts";
import { locationDecisions, locationServices, locations } from "./locations/index.ts";
import { createMegaphone } from "./sources/megaphone.ts";
import { createSoundtrack } from "./sources/soundtrack.ts";
import { createSpotifyAds } from "./sources/spotify-ads.ts";
import { createSpotifyWeb } from "./sources/spotify-web.ts";
import { createSubgraph } from "./subgraph.ts";
import type { Subgraph } from "./subgraph.ts";

export interface Decibel {
  /** The gateway's GraphQL endpoint. */
  readonly url: string;
  /** What runs where: a name and a URL each, the gateway first. */
  readonly parts: readonly (readonly [name: string, url: string])[];
  /** Which planner the gateway uses. */
  readonly engine: Gateway["engine"];
  readonly sandboxes: Sandboxes;
  readonly pipeline: Pipeline;
  /** Answers what is under way, then stops everything. */
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
): Promise<Decibel> {
  const root = projectRoot();
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopPart of stops.splice(0).toReversed()) await stopPart();
  };

  try {
    return await start();
  } catch (error) {
    await stop();
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

    const sandboxes = await startSandboxes(
      environment,
      declared.flatMap(({ tables }) => tables),
      now,
    );
    stops.push(() => sandboxes.close());

    const pipeline = createPipeline({
      account: sandboxes.accounts.opentext,
      declared,
      cacheUrl: environment.cacheUrl,
      log,
      now,
    });
    stops.push(() => pipeline.close());
    await pipeline.start();

    const ads = createSpotifyAds(sandboxes.accounts.spotifyAds);
    const web = createSpotifyWeb(sandboxes.accounts.spotifyWeb);
    const megaphone = createMegaphone(sandboxes.accounts.megaphone);
    const soundtrack = createSoundtrack(sandboxes.accounts.soundtrack);
    stops.push(() => Promise.all([ads, web, megaphone, soundtrack].map((source) => source.close())));

    const { decide } = pipeline;
    const { records } = sandboxes;
    const subgraphs = await Promise.all([
      createSubgraph(campaigns, campaignServices({ ads, ...records, records: records.campaigns, decide, now }), {
        log,
      }),
      createSubgraph(episodes, episodeServices({ megaphone, web, records: records.episodes, decide, now }), { log }),
      createSubgraph(locations, locationServices({ soundtrack, ...records, records: records.locations, decide, now }), {
        log,
      }),
      createSubgraph(listeners, listenerServices({ records: records.listeners, decide, now }), { log }),
      createSubgraph(decisions, pipeline, { log }),
    ]);
    const urls: Record<string, string> = {};
    for (const subgraph of subgraphs) {
      const routingUrl = federation.subgraphs.find(({ name }) => name === subgraph.name)?.routingUrl;
      urls[subgraph.name] = await listen(
        subgraph,
        environment.subgraphPorts[subgraph.name] ?? portOf(routingUrl, subgraph.name),
      );
      stops.push(() => subgraph.close());
    }

    const supergraph = await readFile(join(root, SUPERGRAPH), "utf8");
    const gateway = await createGateway({
      supergraph: routed(supergraph, urls),
      host: environment.host,
      log,
      campaignId: sandboxes.firstCampaignId && campaignId.encode(sandboxes.firstCampaignId),
    });
    const url = await listening("gateway", environment.port, "PORT", () => gateway.listen(environment.port));
    stops.push(() => gateway.close());

    return {
      url,
      parts: [["gateway", url], ...Object.entries(urls), ...sandboxes.urls],
      engine: gateway.engine,
      sandboxes,
      pipeline,
      stop,
    };
  }
}

function listen(subgraph: Subgraph, port: number): Promise<string> {
  return listening(subgraph.name, port, portVariable(subgraph.name), () => subgraph.listen(port));
}

function portOf(routingUrl: string | undefined, name: string): number {
  if (routingUrl === undefined) throw new Error(`Cannot start ${name}: rover.yaml does not name it`);
  const { port, protocol } = new URL(routingUrl);
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}

/** How long a person waits for Ctrl-C before pressing it again. */
const DRAIN_MS = 10_000;

async function main(): Promise<void> {
  const root = projectRoot();
  const environment = readEnvironment(
    variables,
    readRover(join(root, "rover.yaml"), variables).subgraphs.map(({ name }) => name),
  );
  const log = pino({ level: environment.logLevel });
  const decibel = await startDecibel(environment, log);
  process.stdout.write(banner(decibel));

  let stopping = false;
  const stop = async (): Promise<void> => {
    // A second Ctrl-C does not wait for what the first one waits for.
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    await decibel.stop();
    process.exit(0);
  };
  process.on("SIGINT", () => void stop());
  process.on("SIGTERM", () => void stop());
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
