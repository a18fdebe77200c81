/** A locations subgraph by itself: real sandboxes of Soundtrack and OpenText on ports of their own, one clock. */
import "reflect-metadata";
import { join } from "node:path";
import { pino } from "pino";
import { configurable } from "../../subgraphs/registry.ts";
import { createPipeline } from "../../subgraphs/pipeline/pipeline.ts";
import type { Pipeline } from "../../subgraphs/pipeline/pipeline.ts";
import { loadTables } from "../../subgraphs/pipeline/table/load.ts";
import { projectRoot, readEnvironment } from "../../subgraphs/platform/environment.ts";
import { locationDecisions, locationServices, locations } from "../../subgraphs/locations/index.ts";
import type { LocationProfile, PlaylistRequestRecord } from "../../subgraphs/records/locations/types.ts";
import { listsOf } from "./memory-records.ts";
import { unused } from "./unused.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { OpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { Sandbox } from "../../subgraphs/sandbox/sandbox.ts";
import { createSoundtrackSandbox } from "../../subgraphs/sandbox/soundtrack/server.ts";
import type { SoundtrackSandboxOptions } from "../../subgraphs/sandbox/soundtrack/server.ts";
import { createLocations } from "../../subgraphs/sandbox/world/locations.ts";
import type { LocationWorld } from "../../subgraphs/sandbox/world/locations.ts";
import { createPlaylistRequests } from "../../subgraphs/sandbox/world/playlist-requests.ts";
import { createSoundtrack } from "../../subgraphs/sources/soundtrack/client.ts";
import type { Soundtrack } from "../../subgraphs/sources/soundtrack/client.ts";
import { createSubgraph } from "../../subgraphs/server/subgraph.ts";
import { ask } from "./decibel.ts";
import type { Answer } from "./decibel.ts";

export const NOW = Date.parse("2026-03-10T12:00:00Z");
export const world: LocationWorld = createLocations({ scale: 1, now: new Date(NOW) });
export const requests: readonly PlaylistRequestRecord[] = createPlaylistRequests({
  scale: 1,
  now: new Date(NOW),
  locations: world.locations,
});
export const tables = await loadTables(join(projectRoot(), "subgraphs", "locations"));

export interface LocationsGraph {
  readonly soundtrack: Soundtrack;
  readonly pipeline: Pipeline;
  query<Data = unknown>(text: string, variables?: object): Promise<Answer<Data>>;
  entities(representations: readonly unknown[], selection: string): Promise<Answer<{ readonly _entities: unknown[] }>>;
  /** Requests Soundtrack answered since `forget`. */
  asked(): Promise<number>;
  /** Evaluations OpenText made since `forget`. */
  executed(): Promise<number>;
  forget(): Promise<void>;
  /** How many batches of decisions were asked for since `forget`. */
  batches(): number;
  /** How often each kind of first-party record was looked up since `forget`. */
  readonly lookUps: Record<string, number>;
  /** What the subgraph knows of locations, by their ids in Soundtrack. */
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
  // The clock stands still, and a bucket does not fill up in no time.
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
  const soundtrack = createSoundtrack({ baseUrl: `${soundtrackUrl}/v2`, token: "sandbox", now });
  const profiles = new Map(world.profiles.map((profile) => [profile.locationId, profile]));
  const lookUps: Record<string, number> = {};
  const lists = listsOf(options.requests ?? requests, {
    owner: ({ locationId }) => locationId,
    time: ({ requestedAt }) => requestedAt,
  });
  const counted = <Args extends readonly unknown[], Result>(name: string, work: (...args: Args) => Result) => {
    return (...args: Args): Result => {
      lookUps[name] = (lookUps[name] ?? 0) + 1;
      return work(...args);
    };
  };
  const services = locationServices({
    soundtrack,
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
  const subgraph = await createSubgraph(locations, { ...services, commands: unused() }, { log });
  const url = await subgraph.listen();

  return {
    soundtrack,
    pipeline,
    opentext,
    clock,
    profiles,
    lookUps,
    batches: () => logged.filter(({ msg }) => msg === "decided").length,
    query: (text, variables) => ask(url, text, variables),
    entities: (representations, selection) =>
      ask(url, `query ($all: [_Any!]!) { _entities(representations: $all) { __typename ${selection} } }`, {
        all: representations,
      }),
    asked: async () => (await sandbox.app.inject("/sandbox/calls")).json<{ requests: number }>().requests,
    executed: async () => (await opentext.app.inject("/sandbox/calls")).json<{ executes: number }>().executes,
    forget: async () => {
      logged.length = 0;
      for (const name of Object.keys(lookUps)) delete lookUps[name];
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
