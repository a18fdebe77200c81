/**
 * A locations subgraph by itself, for tests that count its reads.
 *
 * Over sandboxes of Soundtrack and OpenText, with one clock for all of them, and with records in memory.
 */
// Before any decorator runs.
import "reflect-metadata";
import { expect } from "vitest";
import { pino } from "pino";
import { configurable } from "../../subgraphs/registry.ts";
import { createPipeline } from "../../subgraphs/pipeline/pipeline.ts";
import type { Pipeline } from "../../subgraphs/pipeline/pipeline.ts";
import { readEnvironment } from "../../subgraphs/platform/environment.ts";
import {
  createLocationWorklist,
  locationDecisions,
  locationServices,
  locations,
} from "../../subgraphs/locations/index.ts";
import type { LocationProfile, PlaylistRequestRecord } from "../../subgraphs/records/locations/types.ts";
import { listsOf } from "./memory-records.ts";
import { memoryLocationWorklist, memorySweeps } from "./memory-worklists.ts";
import { UNFILTERED, unused } from "./unused.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { OpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { Sandbox } from "../../subgraphs/sandbox/sandbox.ts";
import { createSoundtrackSandbox } from "../../subgraphs/sandbox/soundtrack/server.ts";
import type { SoundtrackSandboxOptions } from "../../subgraphs/sandbox/soundtrack/server.ts";
import { createSoundtrack } from "../../subgraphs/sources/soundtrack/client.ts";
import { connectSoundtrack } from "../../subgraphs/sources/soundtrack/connection.ts";
import { keptFacts } from "./facts.ts";
import type { Soundtrack } from "../../subgraphs/sources/soundtrack/client.ts";
import { createSubgraph } from "../../subgraphs/server/subgraph.ts";
import { ask } from "./decibel.ts";
import type { Answer } from "./decibel.ts";
import { requests, tables, world } from "./location-world.ts";
import { NOW } from "./now.ts";

export interface LocationsGraph {
  readonly soundtrack: Soundtrack;
  readonly pipeline: Pipeline;
  query<Data = unknown>(text: string, variables?: object): Promise<Answer<Data>>;
  entities(representations: readonly unknown[], selection: string): Promise<Answer<{ readonly _entities: unknown[] }>>;
  /** Decides all locations of the worklist. */
  sweep(): Promise<void>;
  /** How many requests Soundtrack answered since `resetCounts`. */
  soundtrackRequests(): Promise<number>;
  /** How many evaluations OpenText made since `resetCounts`. */
  evaluations(): Promise<number>;
  /** How many batches of decisions there were since `resetCounts`. */
  batches(): number;
  /** How often each kind of record was read since `resetCounts`. */
  readonly recordReads: Record<string, number>;
  resetCounts(): Promise<void>;
  /** Of locations, by their ids in Soundtrack. */
  readonly profiles: Map<string, LocationProfile>;
  readonly opentext: Sandbox;
  readonly clock: { now: number };
  stop(): Promise<void>;
}

export interface GraphOptions extends Partial<Omit<SoundtrackSandboxOptions, "now">> {
  readonly requests?: readonly PlaylistRequestRecord[];
}

export async function startLocations(options: GraphOptions = {}): Promise<LocationsGraph> {
  const clock = { now: NOW };
  const now = (): number => clock.now;
  const logged: { readonly msg?: string }[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => logged.push(JSON.parse(line) as { msg?: string }) });
  // The clock stands still, so a bucket is never refilled: this one is large enough for any test.
  const sandbox = createSoundtrackSandbox({ world, bucket: { capacity: 1e6, perSecond: 50 }, ...options, now });
  const opentext: OpenTextSandbox = createOpenTextSandbox({ tables, now });
  const [soundtrackUrl, opentextUrl] = await Promise.all([sandbox.listen(), opentext.listen()]);
  const pipeline = createPipeline({
    account: { ...readEnvironment({}, configurable).opentext, baseUrl: opentextUrl },
    declared: [{ decisions: locationDecisions, tables }],
    log,
    now,
  });
  await pipeline.start();
  const soundtrack = createSoundtrack(
    connectSoundtrack({ baseUrl: `${soundtrackUrl}/v2`, token: "sandbox", now }),
    keptFacts("soundtrack", now),
  );
  const profiles = new Map(world.profiles.map((profile) => [profile.locationId, profile]));
  const recordReads: Record<string, number> = {};
  const lists = listsOf(options.requests ?? requests, {
    owner: ({ locationId }) => locationId,
    time: ({ requestedAt }) => requestedAt,
  });
  const counted = <Args extends readonly unknown[], Result>(name: string, read: (...args: Args) => Result) => {
    return (...args: Args): Result => {
      recordReads[name] = (recordReads[name] ?? 0) + 1;
      return read(...args);
    };
  };
  const services = locationServices({
    ...UNFILTERED,
    soundtrack,
    accountsOf: unused(),
    web: unused(),
    records: { profiles: counted("profiles", async (ids) => ids.map((id) => profiles.get(id))) },
    playlistRequests: {
      byIds: counted("byIds", (ids) => lists.byIds(ids)),
      lists: counted("lists", (ids, part) => lists.lists(ids, part)),
      counts: counted("counts", (ids) => lists.counts(ids)),
    },
    decide: pipeline.decide,
    recall: unused(),
    now,
  });
  const kept = memoryLocationWorklist();
  const worklist = createLocationWorklist(services, {
    records: kept,
    keep: async (locations) => void (await kept.put(locations)),
    sweeps: memorySweeps(),
    intervalMs: 0,
    questions: pipeline.questions,
    changedAt: () => pipeline.versions.since("location_playback"),
    log,
    now,
  });
  const subgraph = await createSubgraph(locations, { ...services, commands: unused(), worklist }, { log });
  const url = await subgraph.listen();

  return {
    soundtrack,
    pipeline,
    opentext,
    clock,
    profiles,
    recordReads,
    sweep: () => worklist.catchUp(),
    batches: () => logged.filter(({ msg }) => msg === "decided").length,
    query: (text, variables) => ask(url, text, variables),
    entities: (representations, selection) =>
      ask(url, `query ($all: [_Any!]!) { _entities(representations: $all) { __typename ${selection} } }`, {
        all: representations,
      }),
    soundtrackRequests: async () => (await sandbox.app.inject("/sandbox/calls")).json<{ requests: number }>().requests,
    evaluations: async () => (await opentext.app.inject("/sandbox/calls")).json<{ executes: number }>().executes,
    resetCounts: async () => {
      logged.length = 0;
      for (const name of Object.keys(recordReads)) delete recordReads[name];
      await sandbox.app.inject({ method: "DELETE", url: "/sandbox/calls" });
      await opentext.app.inject({ method: "DELETE", url: "/sandbox/calls" });
    },
    stop: async () => {
      await subgraph.close();
      await soundtrack.close();
      await pipeline.close();
      await Promise.all([sandbox.close(), opentext.close()]);
    },
  };
}

export interface Connection<Node> {
  readonly totalCount: number;
  readonly nodes: readonly Node[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly endCursor: string | null;
  };
}

/** The ids of a whole list of locations, read page by page. `filter` is further arguments: `, country: "PL"`. */
export async function idsOfPages(
  { query }: Pick<LocationsGraph, "query">,
  field: string,
  size: number,
  filter = "",
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let after: string | null = null, hasNext = true; hasNext && ids.length < 2000;) {
    const { data, errors } = await query<{ list: Connection<{ readonly id: string }> }>(
      `query ($after: String) { list: ${field}(first: ${size}, after: $after${filter}) {
        totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }`,
      { after },
    );
    expect(errors).toEqual([]);
    const page: Connection<{ readonly id: string }> = data.list;
    ids.push(...page.nodes.map(({ id }) => id));
    expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
    expect(page.pageInfo.hasNextPage).toBe(ids.length < page.totalCount);
    [after, hasNext] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
  }
  return ids;
}

/** Graphs that a test starts for itself: `stop` in `afterEach` stops them all. */
export function ownGraphs() {
  const started: LocationsGraph[] = [];
  return {
    async start(options: GraphOptions = {}): Promise<LocationsGraph> {
      const graph = await startLocations(options);
      started.push(graph);
      return graph;
    },
    async stop(): Promise<void> {
      for (const graph of started.splice(0)) await graph.stop();
    },
  };
}
