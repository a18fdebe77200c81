/** The subgraphs of the bench, the supergraph over them, and the gateways in front: how are they started? */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { freePort } from "../../support/programs.ts";
import { findHiveRouter } from "./native.ts";
import { run } from "./program.ts";
import type { Program, RunOptions } from "./program.ts";
import type { Contestant } from "./rounds.ts";
import { supergraphAt } from "./world.ts";
import type { SubgraphName } from "./world.ts";

export type GatewayName =
  | "decibel"
  | "embedded"
  | "workers"
  | "metrics"
  | "telemetry"
  | "handWritten"
  | "apollo"
  | "hive"
  | "hiveRust"
  | "hiveRouter";

export interface Setup {
  /** On one core alone, if one is named. */
  start(name: GatewayName, core?: number): Promise<Contestant>;
  /** Stops the gateways and the subgraphs. */
  stop(): Promise<void>;
}

const source = join(projectRoot(), "test/bench/gateway");
const built = join(projectRoot(), "dist/test/bench/gateway");
const node = join(projectRoot(), "node_modules/.bin/node");

/** With subgraphs that wait so long before they answer. */
export async function setUp(delayMs = 0): Promise<Setup> {
  const folder = await mkdtemp(join(tmpdir(), "decibel-bench-"));
  const file = join(folder, "supergraph.graphql");
  const subgraphs = await run(node, [join(built, "subgraphs.js"), String(delayMs)]);
  const programs: Program[] = [subgraphs];
  await writeFile(file, supergraphAt(JSON.parse(subgraphs.line) as Record<SubgraphName, string>));
  return {
    async start(name, core) {
      const sink = name === "telemetry" ? await run(node, [join(built, "sink.js")]) : undefined;
      if (sink) programs.push(sink);
      const program = await startGateway(name, file, sink?.line ?? subgraphs.line, { core });
      programs.push(program);
      return { name, url: program.line, program };
    },
    async stop() {
      for (const program of programs.toReversed()) await program.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** `urls`: of the subgraphs, or of the collector. */
async function startGateway(name: GatewayName, file: string, urls: string, options: RunOptions): Promise<Program> {
  const port = String(await freePort());
  if (name === "hiveRouter") return startHiveRouter(file, port, options);
  const peer = (program: string): string => join(source, "peers", program);
  const programs: Readonly<Record<typeof name, readonly string[]>> = {
    decibel: ["--expose-gc", join(built, "decibel.js"), file, port],
    embedded: [join(built, "decibel.js"), file, port, "embedded"],
    workers: [join(built, "decibel.js"), file, port, "workers"],
    metrics: ["--expose-gc", join(built, "decibel.js"), file, port, "metrics"],
    telemetry: ["--expose-gc", join(built, "decibel.js"), file, port, "telemetry", urls],
    handWritten: [peer("limit.mjs"), urls, port],
    apollo: [peer("apollo.mjs"), file, port],
    hive: [peer("hive.mjs"), file, port],
    hiveRust: [peer("hive.mjs"), file, port, "rust"],
  };
  return run(node, programs[name], options);
}

async function startHiveRouter(file: string, port: string, options: RunOptions): Promise<Program> {
  const found = findHiveRouter();
  if ("absent" in found) throw new Error(`Cannot start Hive Router: ${found.absent}`);
  const environment = {
    SUPERGRAPH_FILE_PATH: file,
    HOST: "127.0.0.1",
    PORT: port,
    LOG_LEVEL: "error",
    ...(options.core !== undefined && { ROUTER_HTTP_WORKERS: "1" }),
  };
  return run(found.file, [], { ...options, environment, readyUrl: `http://127.0.0.1:${port}/graphql` });
}

/** The gateways of `package.json` beside this file. */
export function hasPeers(): boolean {
  return existsSync(join(source, "node_modules"));
}
