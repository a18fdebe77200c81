/**
 * How does a test get the cases and sponsorships of the sandboxes' world, decided by tables that are really evaluated?
 *
 * It starts the campaigns subgraph over sandboxes, and beside it the episodes subgraph, which knows the facts that a
 * placement is decided from. The clock stands where the test says.
 */
import { join } from "node:path";
import { pino } from "pino";
import { configurable, connectUpstreams, subgraphs, upstreams } from "../../subgraphs/registry.ts";
import { createGateway } from "../../gateway/gateway.ts";
import type { Engine } from "../../gateway/engine/engine.ts";
import { campaignDecisions, campaignServices, campaigns } from "../../subgraphs/campaigns/index.ts";
import type { CaseRecord, SponsorshipRecord } from "../../subgraphs/records/campaigns/types.ts";
import { createPipeline } from "../../subgraphs/pipeline/pipeline.ts";
import { loadTables } from "../../subgraphs/pipeline/table/load.ts";
import { projectRoot, readEnvironment } from "../../subgraphs/platform/environment.ts";
import { episodeDecisions, episodeServices, episodes } from "../../subgraphs/episodes/index.ts";
import type { Faults } from "../../subgraphs/sandbox/sandbox.ts";
import { startSandboxes } from "../../subgraphs/sandboxes.ts";
import { createWorld } from "../../subgraphs/sandbox/world/world.ts";
import { caseRecordsOf, memoryRecords, sponsorshipRecordsOf } from "./memory-records.ts";
import { unused } from "./unused.ts";
import { createSubgraph } from "../../subgraphs/server/subgraph.ts";
import { ANY_PORTS, NOW, ask } from "./decibel.ts";
import type { Answer } from "./decibel.ts";

export interface Desk {
  readonly cases: readonly CaseRecord[];
  readonly sponsorships: readonly SponsorshipRecord[];
  /** Asks the campaigns subgraph. */
  query<Data>(text: string, variables?: object): Promise<Answer<Data>>;
  /** All there are, as a composer takes them; what is not started here is nowhere. */
  readonly subgraphs: readonly { readonly name: string; readonly url: string; readonly sdl: string }[];
  /** The URL of a gateway over a supergraph. */
  gateway(supergraph: string, engine: Engine): Promise<string>;
  /** Which records were looked up since it was last asked: `cases.lists of 60`. */
  lookUps(): readonly string[];
  /** Look-ups that fail from now on: `cases.lists`. */
  readonly failing: Set<string>;
  /** How many different questions each batch of asks held, since it was last asked. */
  batches(): readonly number[];
  /** Evaluations since the start. */
  executes(): Promise<number>;
  /** Looks which versions run: where the clock was moved, what is known of them is too old to be believed. */
  renewVersions(): Promise<void>;
  /** From now on, the decision service answers so; as before where nothing is said. */
  misbehave(faults?: Faults): Promise<void>;
  stop(): Promise<void>;
}

/** As a client gets it who asks for `totalCount`, `nodes` and all but one of `pageInfo`. */
export interface ListPage<Node> {
  readonly totalCount?: number;
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean; readonly endCursor: string };
}

/** What differs from the world. */
export interface DeskOptions {
  readonly now?: () => number;
  readonly cases?: (world: readonly CaseRecord[]) => readonly CaseRecord[];
  readonly sponsorships?: (world: readonly SponsorshipRecord[]) => readonly SponsorshipRecord[];
}

/** Nobody listens there. */
const NOWHERE = "http://127.0.0.1:9/graphql";

export async function startDesk(options: DeskOptions = {}): Promise<Desk> {
  const { now = () => NOW } = options;
  const lines: { readonly msg?: string; readonly distinct?: number }[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => lines.push(JSON.parse(line) as object) });
  const world = createWorld({ scale: 1, now: new Date(NOW) });
  const cases = options.cases?.(world.cases) ?? world.cases;
  const sponsorships = options.sponsorships?.(world.sponsorships) ?? world.sponsorships;

  const folder = (name: string): string => join(projectRoot(), "subgraphs", name);
  const [campaignTables, episodeTables] = [await loadTables(folder("campaigns")), await loadTables(folder("episodes"))];
  const tables = [...campaignTables, ...episodeTables];
  const sandboxes = await startSandboxes(
    readEnvironment(ANY_PORTS, configurable),
    Object.values(upstreams),
    tables,
    now,
  );
  const records = memoryRecords(sandboxes.firstParty);
  const declared = [
    { decisions: campaignDecisions, tables: campaignTables },
    { decisions: episodeDecisions, tables: episodeTables },
  ];
  const pipeline = createPipeline({ account: sandboxes.opentextAccount, declared, log, now });
  await pipeline.start();
  const { decide } = pipeline;

  const clients = connectUpstreams(sandboxes.accounts, (client) => client);
  const { ads, web, megaphone } = clients;
  const looked: string[] = [];
  const failing = new Set<string>();
  const watched = <Records extends object>(name: string, all: Records): Records => watch(name, all, looked, failing);
  const services = campaignServices({
    ads,
    records: watched("campaigns", records.campaigns),
    cases: watched("cases", caseRecordsOf(cases)),
    sponsorships: watched("sponsorships", sponsorshipRecordsOf(sponsorships)),
    decide,
    recall: unused(),
    now,
  });
  const parts = await Promise.all([
    createSubgraph(campaigns, { ...services, commands: unused() }, { log }),
    createSubgraph(
      episodes,
      { ...episodeServices({ megaphone, web, records: records.episodes, decide, now }), commands: unused() },
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
      url: urls[parts.findIndex((part) => part.name === name)] ?? NOWHERE,
      sdl: sdls[index] ?? "",
    })),
    gateway: async (supergraph, engine) => {
      const gateway = await createGateway({ supergraph, log, engine });
      stops.unshift(() => gateway.close());
      return gateway.listen();
    },
    lookUps: () => looked.splice(0),
    failing,
    batches: () => lines.splice(0).flatMap(({ msg, distinct }) => (msg === "decided" ? [distinct ?? 0] : [])),
    executes: async () => {
      const calls = (await (await fetch(`${opentext}/sandbox/calls`)).json()) as { executes: number };
      return calls.executes;
    },
    renewVersions: async () => void (await pipeline.versions.refresh()),
    misbehave: async (faults) => {
      const { ok } = await fetch(`${opentext}/sandbox/faults`, {
        method: faults ? "PUT" : "DELETE",
        ...(faults ? { headers: { "content-type": "application/json" }, body: JSON.stringify(faults) } : {}),
      });
      if (!ok) throw new Error(`the sandbox does not know how to misbehave like ${JSON.stringify(faults)}`);
    },
    stop: async () => {
      for (const stop of stops) await stop();
    },
  };
}

/** The nodes of all pages, one page after the other. */
export async function turn<Node>(ask: (after: string | null) => Promise<ListPage<Node>>): Promise<readonly Node[]> {
  const nodes: Node[] = [];
  for (let after: string | null = null; ;) {
    const { nodes: found, pageInfo }: ListPage<Node> = await ask(after);
    nodes.push(...found);
    if (pageInfo.hasPreviousPage !== (after !== null)) throw new Error(`hasPreviousPage is wrong behind ${after}`);
    if (!pageInfo.hasNextPage) return nodes;
    after = pageInfo.endCursor;
  }
}

/** The same records, which note what they are asked and fail where they are told to. */
function watch<Records extends object>(
  name: string,
  records: Records,
  looked: string[],
  failing: ReadonlySet<string>,
): Records {
  return Object.fromEntries(
    Object.entries(records).map(([method, call]) => [
      method,
      (...args: readonly unknown[]) => {
        const [keys] = args;
        looked.push(`${name}.${method}${Array.isArray(keys) ? ` of ${keys.length}` : ""}`);
        if (failing.has(`${name}.${method}`)) return Promise.reject(new Error("the database is away"));
        return (call as (...given: readonly unknown[]) => unknown)(...args);
      },
    ]),
  ) as Records;
}
