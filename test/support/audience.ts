/**
 * How does a test decide which campaigns may be shown to which listeners?
 *
 * It starts the listeners and the campaigns subgraph over sandboxes, and a gateway over both on first use. The decision
 * tables are evaluated by the OpenText sandbox. All log lines are kept, from level trace.
 */
import { join } from "node:path";
import { composeServices, compositionHasErrors } from "@theguild/federation-composition";
import { parse } from "graphql";
import { pino } from "pino";
import { configurable } from "../../subgraphs/registry.ts";
import { createGateway } from "../../gateway/gateway.ts";
import { campaignDecisions, campaignServices, campaigns } from "../../subgraphs/campaigns/index.ts";
import type { CampaignServices } from "../../subgraphs/campaigns/services.ts";
import { createPipeline } from "../../subgraphs/pipeline/pipeline.ts";
import type { CompiledTable } from "../../subgraphs/pipeline/table/compile.ts";
import { loadTables } from "../../subgraphs/pipeline/table/load.ts";
import { projectRoot, readEnvironment } from "../../subgraphs/platform/environment.ts";
import { episodes } from "../../subgraphs/episodes/index.ts";
import { listenerDecisions, listenerServices, listeners } from "../../subgraphs/listeners/index.ts";
import type { ListenerRecords } from "../../subgraphs/records/listeners/types.ts";
import type { Faults } from "../../subgraphs/sandbox/sandbox.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import { createSpotifyAdsSandbox } from "../../subgraphs/sandbox/spotify-ads/server.ts";
import { NO_REQUESTS, caseRecordsOf, sponsorshipRecordsOf } from "./memory-records.ts";
import { UNFILTERED, unused } from "./unused.ts";
import { createCampaigns } from "../../subgraphs/sandbox/world/campaigns.ts";
import { createSpotifyAds } from "../../subgraphs/sources/spotify-ads/client.ts";
import type { SpotifyAds } from "../../subgraphs/sources/spotify-ads/client.ts";
import { createAdsFacts } from "../../subgraphs/sources/spotify-ads/facts.ts";
import { keptFacts } from "./facts.ts";
import type { SpotifyAdsOptions } from "../../subgraphs/sources/spotify-ads/connection.ts";
import { createSubgraph, printSubgraph } from "../../subgraphs/server/subgraph.ts";
import { ANY_PORTS, NOW, ask } from "./decibel.ts";
import type { Answer } from "./decibel.ts";
import { tableNamed } from "./tables.ts";
import { whole } from "./whole.ts";

export interface Audience {
  /** A table of either subgraph, by its key. */
  table(key: string): CompiledTable;
  /** Those of the campaigns subgraph. */
  readonly services: CampaignServices;
  query<Data>(part: Part, text: string, variables?: object): Promise<Answer<Data>>;
  /** Resolves representations, as a gateway does. */
  entities<Entity>(part: Part, representations: readonly unknown[], selection: string): Promise<Entities<Entity>>;
  /** Queries a gateway over both subgraphs. */
  gateway<Data>(text: string): Promise<Answer<Data>>;
  /** The log, line by line. */
  readonly lines: readonly string[];
  /** The number of distinct asks of each batch since the last call of this. */
  batches(): readonly number[];
  /** Requests to an upstream since the last call of this for it; `opentext` counts only evaluations. */
  calls(upstream: Upstream): Promise<number>;
  misbehave(upstream: Upstream, faults: Faults): Promise<void>;
  behave(upstream: Upstream): Promise<void>;
  stop(): Promise<void>;
}
export type Part = "listeners" | "campaigns";
export type Upstream = "opentext" | "spotify-ads";
export interface Entities<Entity> {
  readonly entities: readonly Entity[];
  readonly errors: Answer<unknown>["errors"];
}

export interface AudienceOptions {
  readonly records: ListenerRecords;
  readonly now?: () => number;
}

export async function startAudience({ records, now = () => NOW }: AudienceOptions): Promise<Audience> {
  const lines: string[] = [];
  const log = pino({ level: "trace" }, { write: (line: string) => lines.push(line) });
  const [listenerTables = [], campaignTables = []] = await Promise.all(
    ["listeners", "campaigns"].map((name) => loadTables(join(projectRoot(), "subgraphs", name))),
  );
  const tables = [...listenerTables, ...campaignTables];
  const world = whole(createCampaigns({ scale: 1, now: new Date(NOW) }));
  const environment = readEnvironment(ANY_PORTS, configurable);
  const { tenantId, clientId, clientSecret } = environment.opentext;
  const opentext = createOpenTextSandbox({ tenantId, clientId, clientSecret, tables, now });
  const spotifyAds = createSpotifyAdsSandbox({ world, now });
  const origins = { opentext: await opentext.listen(), "spotify-ads": await spotifyAds.listen() };

  const pipeline = createPipeline({
    // A version is trusted for some intervals: longer than any test moves the clock.
    account: { ...environment.opentext, baseUrl: origins.opentext, versionIntervalMs: 86_400_000 },
    declared: [
      { decisions: listenerDecisions, tables: listenerTables },
      { decisions: campaignDecisions, tables: campaignTables },
    ],
    log,
    now,
  });
  await pipeline.start();
  const { decide } = pipeline;
  const ads = createAdsFacts(adsAt(origins["spotify-ads"], { now }), keptFacts("spotify-ads", now));
  const services = campaignServices({
    ...UNFILTERED,
    ads,
    register: unused(),
    records: { ...NO_REQUESTS, profiles: async (ids) => ids.map(() => undefined) },
    cases: caseRecordsOf([]),
    sponsorships: sponsorshipRecordsOf([]),
    decide,
    recall: unused(),
    now,
  });
  const parts = await Promise.all([
    createSubgraph(
      listeners,
      {
        ...listenerServices({ records, leads: unused(), crm: unused(), decide, recall: unused(), now }),
        commands: unused(),
      },
      { log },
    ),
    createSubgraph(campaigns, { ...services, commands: unused(), worklist: unused() }, { log }),
  ]);
  const urls = new Map<string, string>();
  for (const part of parts) urls.set(part.name, await part.listen());
  const stops = [...parts, ads, pipeline, opentext, spotifyAds].map((part) => () => part.close());

  const urlOf = (part: Part): string => urls.get(part) ?? "";
  let reportedLines = 0;
  let gateway: Promise<string> | undefined;

  return {
    table: (key) => tableNamed(tables, key),
    services,
    query: (part, text, given) => ask(urlOf(part), text, given),
    async entities(part, representations, selection) {
      const query = `query ($representations: [_Any!]!) {
        entities: _entities(representations: $representations) { ${selection} }
      }`;
      const { data, errors } = await ask<Pick<Entities<never>, "entities">>(urlOf(part), query, { representations });
      return { entities: data.entities, errors };
    },
    async gateway(text) {
      gateway ??= startGateway();
      return ask(await gateway, text);
    },
    lines,
    batches() {
      const newLines = lines
        .slice(reportedLines)
        .map((line) => JSON.parse(line) as { msg?: string; distinct?: number });
      reportedLines = lines.length;
      return newLines.flatMap(({ msg, distinct }) => (msg === "decided" ? [distinct ?? 0] : []));
    },
    async calls(upstream) {
      const url = `${origins[upstream]}/sandbox/calls`;
      const counted = (await (await fetch(url)).json()) as { executes?: number; requests?: number };
      await fetch(url, { method: "DELETE" });
      return counted.executes ?? counted.requests ?? 0;
    },
    async misbehave(upstream, faults) {
      const init = { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify(faults) };
      await fetch(`${origins[upstream]}/sandbox/faults`, init);
    },
    behave: async (upstream) => void (await fetch(`${origins[upstream]}/sandbox/faults`, { method: "DELETE" })),
    async stop() {
      for (const stop of stops) await stop();
    },
  };

  async function startGateway(): Promise<string> {
    const composed = composeServices(
      await Promise.all(
        // Composition needs a subgraph for the episode facts that campaigns require; no test selects them.
        [listeners, campaigns, episodes].map(async (definition) => ({
          name: definition.name,
          url: urls.get(definition.name) ?? "http://127.0.0.1:9/",
          typeDefs: parse(await printSubgraph(definition)),
        })),
      ),
    );
    if (compositionHasErrors(composed)) throw new Error(composed.errors.map(({ message }) => message).join("\n"));
    const made = await createGateway({ supergraph: composed.supergraphSdl, log });
    stops.unshift(() => made.close());
    return made.listen();
  }
}

/** A client of the Spotify Ads sandbox at this origin. */
export function adsAt(origin: string, options: Partial<SpotifyAdsOptions> = {}): SpotifyAds {
  return createSpotifyAds({
    baseUrl: `${origin}/ads/v3`,
    tokenUrl: `${origin}/api/token`,
    accountId: "sandbox",
    clientId: "sandbox",
    clientSecret: "sandbox",
    refreshToken: "sandbox",
    ...options,
  });
}
