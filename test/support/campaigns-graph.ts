/**
 * How does a test query cases and sponsorships over records that it controls?
 *
 * It starts the campaigns subgraph over the sandboxes, with records in memory, and the episodes subgraph, which provides
 * the facts of placements. The decision tables are evaluated by the OpenText sandbox.
 */
import { join } from "node:path";
import { pino } from "pino";
import { configurable, connectUpstreams, subgraphs, upstreams } from "../../subgraphs/registry.ts";
import { createGateway } from "../../gateway/gateway.ts";
import type { Engine } from "../../gateway/engine/engine.ts";
import { campaignDecisions, campaignServices, campaigns, createCaseWorklist } from "../../subgraphs/campaigns/index.ts";
import type { CaseRecord, SponsorshipRecord } from "../../subgraphs/records/campaigns/types.ts";
import type { Recall } from "../../subgraphs/pipeline/recall.ts";
import { createPipeline } from "../../subgraphs/pipeline/pipeline.ts";
import { loadTables } from "../../subgraphs/pipeline/table/load.ts";
import { projectRoot, readEnvironment } from "../../subgraphs/platform/environment.ts";
import { episodeDecisions, episodeServices, episodes } from "../../subgraphs/episodes/index.ts";
import type { Faults } from "../../subgraphs/sandbox/sandbox.ts";
import { startSandboxes } from "../../subgraphs/sandboxes.ts";
import { createWorld } from "../../subgraphs/sandbox/world/world.ts";
import { memoryCaseWorklist, memorySweeps } from "./memory-worklists.ts";
import { caseRecordsOf, memoryRecords, sponsorshipRecordsOf } from "./memory-records.ts";
import { UNFILTERED, unused } from "./unused.ts";
import { createSubgraph } from "../../subgraphs/server/subgraph.ts";
import { ANY_PORTS, NOW, ask } from "./decibel.ts";
import { unkeptFacts } from "./facts.ts";
import { clockOf } from "./now.ts";
import type { Answer } from "./decibel.ts";
import { whole } from "./whole.ts";

export interface CampaignsGraph {
  readonly cases: readonly CaseRecord[];
  readonly sponsorships: readonly SponsorshipRecord[];
  /** Queries the campaigns subgraph. */
  query<Data>(text: string, variables?: object): Promise<Answer<Data>>;
  /** All subgraphs, for a composer; those that are not started have a URL without a server. */
  readonly subgraphs: readonly { readonly name: string; readonly url: string; readonly sdl: string }[];
  /** Starts a gateway over the supergraph, and returns its URL. */
  gateway(supergraph: string, engine: Engine): Promise<string>;
  /** Decides all cases of the worklist. */
  sweep(): Promise<void>;
  /** The calls of records since the last call of this: `cases.lists of 60`. */
  recordCalls(): readonly string[];
  /** Calls of records that fail while they are in the set: `cases.lists`. */
  readonly failing: Set<string>;
  /** The number of distinct asks of each batch since the last call of this. */
  batches(): readonly number[];
  /** The evaluations of the OpenText sandbox since the start. */
  executes(): Promise<number>;
  /** Lists the running versions: after the clock was moved, they are too old to be trusted. */
  refreshVersions(): Promise<void>;
  /** Sets the faults of the OpenText sandbox, or clears them. */
  misbehave(faults?: Faults): Promise<void>;
  stop(): Promise<void>;
}

/** A connection with `nodes`, `pageInfo`, and `totalCount` if it is selected. */
export interface ListPage<Node> {
  readonly totalCount?: number;
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean; readonly endCursor: string };
}

/** Default: the fixed time and the records of the sandbox world. */
export interface CampaignsGraphOptions {
  readonly now?: () => number;
  readonly cases?: (world: readonly CaseRecord[]) => readonly CaseRecord[];
  readonly sponsorships?: (world: readonly SponsorshipRecord[]) => readonly SponsorshipRecord[];
  /** Default: there is no ledger. */
  readonly recall?: Recall;
}

/** No server listens on this port. */
const NO_SERVER = "http://127.0.0.1:9/graphql";

export async function startCampaignsGraph(options: CampaignsGraphOptions = {}): Promise<CampaignsGraph> {
  const { now = () => NOW } = options;
  const lines: { readonly msg?: string; readonly distinct?: number }[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => lines.push(JSON.parse(line) as object) });
  const world = whole(createWorld({ scale: 1, now: new Date(NOW) }));
  const cases = options.cases?.(world.cases) ?? world.cases;
  const sponsorships = options.sponsorships?.(world.sponsorships) ?? world.sponsorships;

  const folder = (name: string): string => join(projectRoot(), "subgraphs", name);
  const [campaignTables, episodeTables] = [await loadTables(folder("campaigns")), await loadTables(folder("episodes"))];
  const tables = [...campaignTables, ...episodeTables];
  const sandboxes = await startSandboxes(
    readEnvironment(ANY_PORTS, configurable),
    Object.values(upstreams),
    tables,
    clockOf(now),
  );
  const records = memoryRecords(sandboxes.firstParty);
  const declared = [
    { decisions: campaignDecisions, tables: campaignTables },
    { decisions: episodeDecisions, tables: episodeTables },
  ];
  const pipeline = createPipeline({ account: sandboxes.opentextAccount, declared, log, now });
  await pipeline.start();
  const { decide } = pipeline;

  const clients = connectUpstreams(sandboxes.accounts, { facts: unkeptFacts() }, (client) => client);
  const { ads, web, megaphone } = clients;
  const recordCalls: string[] = [];
  const failing = new Set<string>();
  const watched = <Records extends object>(name: string, all: Records): Records =>
    watch(name, all, recordCalls, failing);
  const services = campaignServices({
    ...UNFILTERED,
    ads,
    register: unused(),
    records: watched("campaigns", records.campaigns),
    cases: watched("cases", caseRecordsOf(cases)),
    sponsorships: watched("sponsorships", sponsorshipRecordsOf(sponsorships)),
    decide,
    recall: options.recall ?? unused(),
    now,
  });
  const worklist = createCaseWorklist(services, {
    records: watched("worklist", memoryCaseWorklist(cases)),
    sweeps: memorySweeps(),
    intervalMs: 0,
    questions: pipeline.questions,
    changedAt: () => pipeline.versions.since("case_routing"),
    log,
    now,
  });
  const parts = await Promise.all([
    createSubgraph(campaigns, { ...services, commands: unused(), worklist }, { log }),
    createSubgraph(
      episodes,
      {
        ...episodeServices({ ...UNFILTERED, megaphone, web, records: records.episodes, decide, now }),
        commands: unused(),
      },
      { log },
    ),
  ]);
  const urls = await Promise.all(parts.map((part) => part.listen()));
  const sdls = await Promise.all(subgraphs.map((row) => row.print()));
  const stops = [
    ...parts.map((part) => () => part.close()),
    ...[...Object.values(clients), pipeline, sandboxes].map((part) => () => part.close()),
  ];
  const opentext = new Map(sandboxes.urls).get("opentext sandbox") ?? "";

  return {
    cases,
    sponsorships,
    query: (text, variables) => ask(urls[0] ?? "", text, variables),
    subgraphs: subgraphs.map(({ name }, index) => ({
      name,
      url: urls[parts.findIndex((part) => part.name === name)] ?? NO_SERVER,
      sdl: sdls[index] ?? "",
    })),
    gateway: async (supergraph, engine) => {
      const gateway = await createGateway({ supergraph, log, engine });
      stops.unshift(() => gateway.close());
      return gateway.listen();
    },
    sweep: () => worklist.catchUp(),
    recordCalls: () => recordCalls.splice(0),
    failing,
    batches: () => lines.splice(0).flatMap(({ msg, distinct }) => (msg === "decided" ? [distinct ?? 0] : [])),
    executes: async () => {
      const calls = (await (await fetch(`${opentext}/sandbox/calls`)).json()) as { executes: number };
      return calls.executes;
    },
    refreshVersions: async () => void (await pipeline.versions.refresh()),
    misbehave: async (faults) => {
      const { ok } = await fetch(`${opentext}/sandbox/faults`, {
        method: faults ? "PUT" : "DELETE",
        ...(faults ? { headers: { "content-type": "application/json" }, body: JSON.stringify(faults) } : {}),
      });
      if (!ok) throw new Error(`the sandbox refused the faults ${JSON.stringify(faults)}`);
    },
    stop: async () => {
      for (const stop of stops) await stop();
    },
  };
}

/** The nodes of all pages, in order. */
export async function allNodes<Node>(
  pageAfter: (after: string | null) => Promise<ListPage<Node>>,
): Promise<readonly Node[]> {
  const nodes: Node[] = [];
  for (let after: string | null = null; ;) {
    const { nodes: page, pageInfo }: ListPage<Node> = await pageAfter(after);
    nodes.push(...page);
    if (pageInfo.hasPreviousPage !== (after !== null)) throw new Error(`hasPreviousPage is wrong after ${after}`);
    if (!pageInfo.hasNextPage) return nodes;
    after = pageInfo.endCursor;
  }
}

/** The same records, with their calls recorded, and failing as requested. */
function watch<Records extends object>(
  name: string,
  records: Records,
  recordCalls: string[],
  failing: ReadonlySet<string>,
): Records {
  return Object.fromEntries(
    Object.entries(records).map(([method, call]) => [
      method,
      (...args: readonly unknown[]) => {
        const [keys] = args;
        recordCalls.push(`${name}.${method}${Array.isArray(keys) ? ` of ${keys.length}` : ""}`);
        if (failing.has(`${name}.${method}`)) return Promise.reject(new Error("the database is unavailable"));
        return (call as (...given: readonly unknown[]) => unknown)(...args);
      },
    ]),
  ) as Records;
}
