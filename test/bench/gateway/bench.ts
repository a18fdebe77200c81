/**
 * `npm run bench -- gateway [--json] [--install] [--only PART] [--profile]`: how fast is the gateway, beside others over the
 * same subgraphs?
 *
 * Each gateway is a process of its own, and so are the subgraphs. Every request has another seed, so that no gateway can
 * join two, and a caller of its own. `--install` fetches the other gateways into this folder, and builds the native one;
 * without them only Decibel and the limit are measured: a program written for the one query. `--only` measures one part:
 * `rounds`, `native`, `telemetry` (what metrics, and with them traces and a log of each request, cost), or a shape of the load. `--profile` measures nothing but where the gateway's time goes.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { boards } from "./boards.ts";
import { buildHiveRouter, findHiveRouter } from "./native.ts";
import { compare, rounded } from "./rounds.ts";
import type { Comparison, Contestant, Figures, Measured } from "./rounds.ts";
import { hasPeers, setUp } from "./setup.ts";
import type { GatewayName, Setup } from "./setup.ts";
import { SHAPES, measureShape } from "./shapes.ts";
import type { ShapeFigures } from "./shapes.ts";

export interface GatewayOptions {
  readonly install: boolean;
  /** Default: all parts. */
  readonly only?: string | undefined;
}

export interface GatewayFigures {
  readonly measured: Figures["measured"];
  readonly ratios: Readonly<Record<string, number | null>>;
  readonly shapes: Readonly<Record<string, ShapeFigures>>;
  /** Why there is no native gateway, or on which cores both were. */
  readonly native: string;
}

export const PARTS: readonly string[] = ["rounds", "native", "telemetry", ...Object.keys(SHAPES)];
const JAVASCRIPT: readonly GatewayName[] = ["apollo", "hive", "hiveRust"];
/** The gateways that are compared on one core each take turns on this one. */
const CORE = 0;
const LOAD = {
  connections: 16,
  warmMs: 3000,
  roundMs: 4000,
  rounds: 3,
  requests: boards,
} satisfies Omit<Comparison, "ratios">;

export async function benchGateway({ install, only }: GatewayOptions): Promise<GatewayFigures> {
  if (install) await installPeers();
  const isMeasured = (part: string): boolean => only === undefined || only === part;
  const rounds = isMeasured("rounds") ? await inSetup(compareAll) : NOTHING;
  const native = isMeasured("native") ? await compareNative() : { ...NOTHING, native: "not measured" };
  const telemetry = isMeasured("telemetry") ? await inSetup(compareTelemetry) : NOTHING;
  const shapes: Record<string, ShapeFigures> = {};
  for (const [name, shape] of Object.entries(SHAPES)) if (isMeasured(name)) shapes[name] = await measureShape(shape);
  return {
    measured: { ...rounds.measured, ...native.measured, ...telemetry.measured },
    ratios: { ...rounds.ratios, ...native.ratios, ...telemetry.ratios },
    shapes,
    native: native.native,
  };
}

const NOTHING: Figures = { measured: {}, ratios: {} };

async function installPeers(): Promise<void> {
  const cwd = join(projectRoot(), "test/bench/gateway");
  await promisify(execFile)("npm", ["install", "--no-audit", "--no-fund"], { cwd });
  await buildHiveRouter();
}

async function inSetup<Result>(measure: (setup: Setup) => Promise<Result>): Promise<Result> {
  const setup = await setUp();
  try {
    return await measure(setup);
  } finally {
    await setup.stop();
  }
}

async function compareAll(setup: Setup): Promise<Figures> {
  const contestants: Contestant[] = [];
  for (const name of ["decibel", "embedded", "workers", "handWritten", ...(hasPeers() ? JAVASCRIPT : [])] as const)
    contestants.push(await setup.start(name));
  const figures = await compare(contestants, {
    ...LOAD,
    ratios: {
      handWritten: ["decibel", "handWritten"],
      apollo: ["decibel", "apollo"],
      hive: ["decibel", "hive"],
      hiveRust: ["decibel", "hiveRust"],
      embeddedOverSplit: ["embedded", "decibel"],
      workersOverOne: ["workers", "decibel"],
    },
  });
  const { decibel, hive } = figures.measured;
  const memory = decibel && hive ? { memoryOverHive: rounded(decibel.peakMemory / hive.peakMemory) } : {};
  return { ...figures, ratios: { ...figures.ratios, ...memory } };
}

async function compareTelemetry(setup: Setup): Promise<Figures> {
  const without = { ...(await setup.start("decibel")), name: "withoutTelemetry" };
  return compare([without, await setup.start("metrics"), await setup.start("telemetry")], {
    ...LOAD,
    ratios: { metrics: ["metrics", "withoutTelemetry"], telemetry: ["telemetry", "withoutTelemetry"] },
  });
}

/** One core each, where `taskset` can keep a program on one. */
async function compareNative(): Promise<Pick<GatewayFigures, "measured" | "ratios" | "native">> {
  const found = findHiveRouter();
  if ("absent" in found) return { measured: {}, ratios: { native: null }, native: `no Hive Router: ${found.absent}` };
  const core = (await hasTaskset()) ? CORE : undefined;
  const { measured, ratios } = await inSetup(async (setup) => {
    const own = { ...(await setup.start("decibel", core)), name: "decibelOneCore" };
    return compare([own, await setup.start("hiveRouter", core)], {
      ...LOAD,
      ratios: { native: ["decibelOneCore", "hiveRouter"] },
    });
  });
  const cores = core === undefined ? "all cores for each: there is no taskset" : "one core for each, by taskset";
  return { measured, ratios: { ...ratios, ...cpuRatio(measured) }, native: cores };
}

/** The subgraphs and the load need the other cores: how much work a request is says more than how many there are. */
function cpuRatio({ decibelOneCore, hiveRouter }: Readonly<Record<string, Measured>>): Record<string, number> {
  if (!decibelOneCore || !hiveRouter) return {};
  return { nativeCpu: rounded(hiveRouter.cpuMsPerRequest / decibelOneCore.cpuMsPerRequest) };
}

async function hasTaskset(): Promise<boolean> {
  const asked = promisify(execFile)("taskset", ["-c", String(CORE), "true"]);
  return asked.then(
    () => true,
    () => false,
  );
}
