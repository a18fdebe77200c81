/**
 * Where does the time of the gateway's process go?
 *
 * A profile of it under load, which developer tools open as a flame graph, and its self times by area: a file of the
 * gateway, a package, a part of Node. The time in which it waits is left out, and that of the profiler.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Profiler } from "node:inspector";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { boards } from "./boards.ts";
import { load } from "./load.ts";
import { setUp } from "./setup.ts";

export interface ProfileFigures {
  readonly file: string;
  readonly perSecond: number;
  readonly wrong: number;
  /** The ten largest, the largest first. */
  readonly areas: readonly Area[];
}

export interface Area {
  readonly area: string;
  /** Of the time in which the process does something, in percent. */
  readonly percent: number;
  /** Its three largest functions, with their percents. */
  readonly functions: string;
}

const FILE = "dist/gateway.cpuprofile";
const CONNECTIONS = 16;
const [AREAS, FUNCTIONS] = [10, 3];

export async function profileGateway(): Promise<ProfileFigures> {
  const setup = await setUp();
  try {
    const { url, program } = await setup.start("decibel");
    await load({ url, connections: CONNECTIONS, durationMs: 4000, ...boards("p0") });
    await program.tell("profile");
    const { perSecond, wrong } = await load({ url, connections: CONNECTIONS, durationMs: 8000, ...boards("p1") });
    const profile = await program.tell("profiled");
    await writeFile(join(projectRoot(), FILE), profile);
    const areas = areasOf(JSON.parse(profile) as Profiler.Profile);
    return { file: FILE, perSecond: Math.round(perSecond), wrong, areas };
  } finally {
    await setup.stop();
  }
}

function areasOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): readonly Area[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const areas = new Map<string, Map<string, number>>();
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    const time = timeDeltas[index] ?? 0;
    if (!frame || frame.functionName === "(idle)" || frame.url === "node:inspector") continue;
    busy += time;
    const area = areaOf(frame);
    const functions = areas.get(area) ?? new Map<string, number>();
    areas.set(area, functions);
    const name = frame.functionName || `line ${frame.lineNumber + 1}`;
    functions.set(name, (functions.get(name) ?? 0) + time);
  }
  const percent = (time: number): number => Math.round((time / busy) * 1000) / 10;
  const all = [...areas].map(([area, functions]) => {
    const largest = [...functions].toSorted(([, left], [, right]) => right - left).slice(0, FUNCTIONS);
    return {
      area,
      percent: percent([...functions.values()].reduce((sum, time) => sum + time, 0)),
      functions: largest.map(([name, time]) => `${name} ${percent(time)}`).join(", "),
    };
  });
  return all.toSorted((left, right) => right.percent - left.percent).slice(0, AREAS);
}

function areaOf({ functionName, url }: Profiler.Profile["nodes"][number]["callFrame"]): string {
  const [, own] = /\/dist\/[^/]+\/((?:gateway|subgraphs)\/.+)\.js$/.exec(url) ?? [];
  if (own !== undefined) return own;
  const [, dependency] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (dependency !== undefined) return dependency;
  const [, part] = /^node:(?:internal\/)?_?([a-z]+)/.exec(url) ?? [];
  if (part !== undefined) return `node:${part}`;
  return functionName === "(garbage collector)" ? "garbage collection" : "native code";
}
