/**
 * `npm run bench -- facts [--json]`: what do clients' boards ask of upstreams, within their real limits?
 *
 * A board is 20 campaigns, episodes, locations and listeners with all their decisions, about another campaign in each
 * request. Sixteen clients ask for boards as fast as they are answered, for a minute: of one process, and of two processes
 * over PostgreSQL and Redis, where these are (`DATABASE_URL`, `CACHE_URL`, or the local default ports). The sandboxes' clocks
 * and limits are real.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import type { Environment } from "../../../subgraphs/platform/environment.ts";
import { createFacts } from "../../../subgraphs/platform/facts/facts.ts";
import { heapMb } from "../../support/heap.ts";
import { asAdmin, urlOf } from "../../support/database.ts";
import { redisForTests } from "../../support/redis.ts";
import { controlOf } from "../../support/decibel.ts";
import { load, send } from "../gateway/load.ts";
import type { Load } from "../gateway/load.ts";
import { run } from "../gateway/program.ts";
import type { Program } from "../gateway/program.ts";

export interface FactFigures {
  readonly boards: Readonly<Record<string, Boards>>;
  /** Megabytes of heap for 10,000 entities. */
  readonly memory: number;
}

export interface Boards extends Load {
  /** Requests a second that each upstream got. */
  readonly upstreams: Readonly<Record<string, number>>;
  readonly upstreamsTogether: number;
}

const CLIENTS = 16;
const DURATION_MS = 60_000;
const ENTITIES = 10_000;
const root = projectRoot();
const programs = join(root, "dist/test/bench/board");
const node = join(root, "node_modules/.bin/node");

const DECISION = "{ verdict origin reasons { code } }";
const QUERY = `query Board($campaignId: ID!) {
  campaigns(first: 20) { nodes { id name status targeting ${DECISION} activation ${DECISION} } }
  episodes(first: 20) { nodes { id title publishing ${DECISION} placement(campaignId: $campaignId) ${DECISION} } }
  locations(first: 20) { nodes { id name playback ${DECISION} } }
  listeners(first: 20) { nodes { id segments ${DECISION} lead ${DECISION} activation(campaignId: $campaignId) ${DECISION} } }
}`;

export async function benchFacts(): Promise<FactFigures> {
  const boards: Record<string, Boards> = { "one process": await boardsOf(1, undefined) };
  const shared = await sharedServers();
  if (shared) {
    try {
      boards["two processes"] = await boardsOf(2, shared.environment);
    } finally {
      await shared.drop();
    }
  }
  return { boards, memory: await memoryOf(ENTITIES) };
}

async function boardsOf(count: number, shared: Readonly<Record<string, string>> | undefined): Promise<Boards> {
  const folder = await mkdtemp(join(tmpdir(), "decibel-bench-"));
  const started: Program[] = [];
  const start = async (environment: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Program> => {
    const program = await run(node, args, { cwd: root, environment });
    started.push(program);
    return program;
  };
  try {
    const sandboxes = await start(
      { REAL_CLOCK: "1" },
      join(programs, "sandboxes.js"),
      shared?.["DATABASE_URL"] ?? folder,
    );
    const urls: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const program = await start(shared ?? {}, join(programs, "decibel.js"), sandboxes.line, folder, "memory");
      urls.push((JSON.parse(program.line) as { gateway: string }).gateway);
    }
    const ids = await campaignIds(urls[0] ?? "");
    const origins = originsOf(sandboxes.line);
    const before = await requestsTo(origins);
    const each = await Promise.all(
      urls.map((url) =>
        load({
          url,
          connections: CLIENTS / count,
          durationMs: DURATION_MS,
          request: (number) => ({ query: QUERY, variables: { campaignId: ids[number % ids.length] } }),
          isRight: (text) => !text.includes('"errors"') && text.split('"verdict"').length === 1 + 20 * 8,
        }),
      ),
    );
    const after = await requestsTo(origins);
    const seconds = DURATION_MS / 1000;
    const asked = Object.entries(after).map(
      ([name, total]) => [name, (total - (before[name] ?? 0)) / seconds] as const,
    );
    return {
      requests: sum(each.map(({ requests }) => requests)),
      wrong: sum(each.map(({ wrong }) => wrong)),
      perSecond: sum(each.map(({ perSecond }) => perSecond)),
      p50: Math.max(...each.map(({ p50 }) => p50)),
      p99: Math.max(...each.map(({ p99 }) => p99)),
      upstreams: Object.fromEntries(asked),
      upstreamsTogether: sum(asked.map(([, perSecond]) => perSecond)),
    };
  } finally {
    for (const program of started.toReversed()) await program.stop();
    await rm(folder, { recursive: true });
  }
}

/** A database of their own; undefined where there is no PostgreSQL or no Redis. */
async function sharedServers() {
  const redis = await redisForTests();
  const name = `decibel_bench_${process.pid}`;
  const hasDatabase = await asAdmin(`create database ${name}`).then(
    () => true,
    () => false,
  );
  if (!redis || !hasDatabase) {
    process.stderr.write("Left out: two processes, which need PostgreSQL and Redis\n");
    return undefined;
  }
  return {
    environment: { DATABASE_URL: urlOf(name), CACHE_URL: redis.href },
    drop: () => asAdmin(`drop database if exists ${name} with (force)`),
  };
}

async function campaignIds(url: string): Promise<readonly string[]> {
  const text = await send(url, { query: "{ campaigns(first: 60) { nodes { id } } }", variables: {} });
  const { data } = JSON.parse(text) as { data: { campaigns: { nodes: { id: string }[] } } };
  return data.campaigns.nodes.map(({ id }) => id);
}

/** Of the upstreams with facts, by name. */
function originsOf(described: string): Readonly<Record<string, string>> {
  const { accounts } = JSON.parse(described) as { readonly accounts: Environment["accounts"] };
  return Object.fromEntries(
    Object.entries(accounts).flatMap(([name, account]) =>
      account && "baseUrl" in account ? [[name, new URL(String(account.baseUrl)).origin]] : [],
    ),
  );
}

async function requestsTo(origins: Readonly<Record<string, string>>): Promise<Readonly<Record<string, number>>> {
  const counted = Object.entries(origins).map(
    async ([name, origin]) => [name, (await controlOf(origin).calls()).requests] as const,
  );
  return Object.fromEntries(await Promise.all(counted));
}

async function memoryOf(entities: number): Promise<number> {
  const keys = Array.from(
    { length: entities },
    (_none, index) => `8f0c1a8e-3b7d-4f62-9a41-${String(index).padStart(12, "0")}`,
  );
  const kind = createFacts({ now: Date.now, log: pino({ enabled: false }) })
    .of("bench", {})
    .kind({
      entity: "campaign",
      shape: 1,
      freshForMs: 3_600_000,
      staleForMs: 0,
      max: entities,
      load: async (ids) => ids.map((id) => ({ id, name: `Campaign ${id}`, status: "ACTIVE", goal: "AWARENESS" })),
    });
  const before = heapMb();
  await kind.get(keys);
  const used = heapMb() - before;
  // Kept until here.
  await kind.get(keys.slice(0, 1));
  return used;
}

function sum(all: readonly number[]): number {
  return all.reduce((total, one) => total + one, 0);
}
