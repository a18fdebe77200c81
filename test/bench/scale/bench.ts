/**
 * `npm run bench -- scale [--json] [--only SCALE]`: what does a large world of the sandboxes cost?
 *
 * For each scale and database: how long the first start takes, which writes the first-party data, and the next one, which
 * finds it; the memory after the start and after all campaigns, episodes, locations and listeners were read by pages; and
 * the longest time that a page took. On a server only if there is one (`DATABASE_URL`, or the local default port).
 */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { asAdmin, urlOf } from "../../support/database.ts";
import { send } from "../gateway/load.ts";
import { run } from "../gateway/program.ts";
import type { Program } from "../gateway/program.ts";

export const SCALES: readonly string[] = ["1", "10", "100"];

export interface ScaleFigures {
  readonly database: "embedded" | "server";
  readonly scale: number;
  readonly firstStartSeconds: number;
  /** Of the first start. */
  readonly cpuSeconds: number;
  readonly nextStartSeconds: number;
  /** In MB. */
  readonly memory: number;
  readonly memoryAfterReading: number;
  readonly peakMemory: number;
  readonly read: Readonly<Record<string, number>>;
  readonly slowestPageMs: number;
}

interface Page {
  readonly nodes: readonly unknown[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}
type Kind = (typeof KINDS)[number];

const KINDS = ["campaigns", "episodes", "locations", "listeners"] as const;
const PAGE_SIZE = 50;
/** At most, of each kind: reading all listeners of a large world takes minutes. */
const PAGES = 1000;
const root = projectRoot();
const decibel = join(root, "dist/test/bench/scale/decibel.js");
const node = join(root, "node_modules/.bin/node");

export async function benchScale(scales: readonly string[]): Promise<readonly ScaleFigures[]> {
  const figures: ScaleFigures[] = [];
  for (const scale of scales) {
    figures.push(await measured("embedded", scale));
    if (await hasServer()) figures.push(await measured("server", scale));
  }
  return figures;
}

async function measured(database: ScaleFigures["database"], scale: string): Promise<ScaleFigures> {
  const folder = await mkdtemp(join(tmpdir(), "decibel-bench-"));
  const name = `decibel_bench_${randomUUID().replaceAll("-", "")}`;
  if (database === "server") await asAdmin(`create database ${name}`);
  const args = [decibel, scale, folder, ...(database === "server" ? [urlOf(name)] : [])];
  try {
    const [first, firstStartSeconds] = await started(args);
    const { memory, cpuSeconds } = await first.usage();
    const reading = await readAll(first.line);
    const { memory: memoryAfterReading, peakMemory } = await first.usage();
    await first.tell("stop");
    await first.stop();
    const [next, nextStartSeconds] = await started(args);
    await next.tell("stop");
    await next.stop();
    const whole = { scale: Number(scale), memory, memoryAfterReading, peakMemory };
    return {
      database,
      ...mapped(whole, Math.round),
      ...mapped({ firstStartSeconds, cpuSeconds, nextStartSeconds }, (seconds) => Math.round(seconds * 10) / 10),
      ...reading,
    };
  } finally {
    await rm(folder, { recursive: true });
    if (database === "server") await asAdmin(`drop database ${name} with (force)`);
  }
}

async function started(args: readonly string[]): Promise<readonly [program: Program, seconds: number]> {
  const begin = performance.now();
  const program = await run(node, args, { cwd: root });
  return [program, (performance.now() - begin) / 1000];
}

async function readAll(url: string): Promise<Pick<ScaleFigures, "read" | "slowestPageMs">> {
  const read: Partial<Record<Kind, number>> = {};
  let slowest = 0;
  for (const kind of KINDS) {
    let [count, after]: [number, string | undefined] = [0, undefined];
    for (let pages = 0; pages < PAGES; pages += 1) {
      const begin = performance.now();
      const { nodes, pageInfo } = await pageOf(url, kind, after);
      slowest = Math.max(slowest, performance.now() - begin);
      count += nodes.length;
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    read[kind] = count;
  }
  return { read, slowestPageMs: Math.round(slowest) };
}

async function pageOf(url: string, kind: Kind, after: string | undefined): Promise<Page> {
  const query = `query ($after: String) { page: ${kind}(first: ${PAGE_SIZE}, after: $after) {
    nodes { id } pageInfo { hasNextPage endCursor } } }`;
  const text = await send(url, { query, variables: { after } });
  const { data, errors } = JSON.parse(text) as { readonly data?: { readonly page: Page }; readonly errors?: unknown };
  if (!data) throw new Error(`Cannot read ${kind}: ${JSON.stringify(errors)}`);
  return data.page;
}

function mapped<Name extends string>(
  figures: Readonly<Record<Name, number>>,
  of: (figure: number) => number,
): Record<Name, number> {
  const entries = Object.entries<number>(figures).map(([name, figure]) => [name, of(figure)]);
  return Object.fromEntries(entries) as Record<Name, number>;
}

async function hasServer(): Promise<boolean> {
  return asAdmin("select 1").then(
    () => true,
    () => false,
  );
}
