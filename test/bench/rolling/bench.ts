/**
 * `npm run bench -- rolling [--json] [--rate 200] [--seconds 60] [--outage 20] [--grouped]`: what does a client lose?
 *
 * While each process of a deployment is restarted in turn, and again until the time is over; then while the replicas of a
 * subgraph, Redis, and the connections to the database are gone for some seconds each. Two gateways, two of each subgraph and
 * two workers, as processes, on one PostgreSQL and one Redis. At the end each mutation that was acknowledged has to be recorded.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { asAdmin, urlOf } from "../../support/database.ts";
import { freePort, programNamed, startProgram } from "../../support/programs.ts";
import type { Program } from "../../support/programs.ts";
import { caseId } from "../../../schema/id.ts";
import { createFleet } from "./fleet.ts";
import type { Fleet } from "./fleet.ts";
import { startLoad } from "./load.ts";
import type { Kind, Load, Tally } from "./load.ts";

export interface RollingOptions {
  readonly rate: number;
  readonly seconds: number;
  /** Of each outage; 0 for none. */
  readonly outage: number;
  readonly isGrouped: boolean;
}

export interface Phase {
  readonly phase: string;
  readonly seconds: number;
  /** By kind: sent, lost, sent again by the balancer, and why they are lost. */
  readonly kinds: Readonly<
    Record<string, Omit<Tally, "reasons"> & { readonly reasons: Readonly<Record<string, number>> }>
  >;
}

export interface RollingFigures {
  readonly processes: number;
  readonly restarts: number;
  /** During the restarts alone. */
  readonly lost: number;
  readonly sent: number;
  readonly acknowledged: number;
  /** Mutations that were acknowledged and are not in the database. */
  readonly forgotten: number;
  readonly slowestMs: number;
  readonly phases: readonly Phase[];
  /** Of all processes, before the outages. */
  readonly complaints: readonly string[];
}

/** A mutation among nine reads. */
const KINDS: readonly Kind[] = [
  { name: "campaigns", query: "{ campaigns(first: 3) { nodes { id name } } }" },
  { name: "decisions", query: "{ campaigns(first: 3) { nodes { id targeting { verdict } } } }" },
  { name: "episodes", query: "{ episodes(first: 3) { nodes { id title } } }" },
  { name: "locations", query: "{ locations(first: 3) { nodes { id name } } }" },
  { name: "listeners", query: "{ listeners(first: 3) { nodes { id } } }" },
  { name: "campaigns", query: "{ campaigns(first: 3) { nodes { id name } } }" },
  { name: "decisions", query: "{ campaigns(first: 3) { nodes { id targeting { verdict } } } }" },
  { name: "episodes", query: "{ episodes(first: 3) { nodes { id title } } }" },
  { name: "locations", query: "{ locations(first: 3) { nodes { id name } } }" },
  {
    name: "mutations",
    mutation: "openCase",
    query: "mutation ($input: OpenCaseInput!) { openCase(input: $input) { supportCase { id } } }",
  },
];
/** Before the figures count: caches fill, plans are made. */
const WARM_MS = 5000;
/** After an outage: circuits close again. */
const CALM_MS = 5000;
const MAX_COMPLAINTS = 20;

export async function benchRolling(options: RollingOptions): Promise<RollingFigures> {
  const { rate, seconds, outage, isGrouped } = options;
  const database = `decibel_rolling_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  await asAdmin(`create database ${database}`);
  const port = await freePort();
  let redis = await startRedis(port);
  const fleet = await createFleet({
    isGrouped,
    variables: { DATABASE_URL: urlOf(database), CACHE_URL: `redis://127.0.0.1:${port}` },
  });
  let load: Load | undefined;
  try {
    await fleet.start();
    load = startLoad(fleet.gateways, KINDS, rate);
    await delay(WARM_MS);
    const phases = [await phaseOf("warming", WARM_MS / 1000, load)];
    const { restarts, phase } = await restartAll(fleet, load, seconds);
    phases.push(phase);
    const complaints = fleet.complaints.slice(0, MAX_COMPLAINTS);
    if (outage > 0) {
      phases.push(...(await subgraphGone(fleet, load, outage)));
      phases.push(
        ...(await gone("Redis gone", load, outage, async () => {
          await redis.stop();
          return async () => void (redis = await startRedis(port));
        })),
      );
      phases.push(...(await gone("database gone", load, outage, () => shut(database))));
    }
    await load.stop();
    const made = [...load.made];
    return {
      processes: fleet.members.length,
      restarts,
      lost: sum(phase, "lost"),
      sent: sum(phase, "sent"),
      acknowledged: made.length,
      forgotten: await countMissing(database, made),
      slowestMs: Math.round(load.slowestMs()),
      phases,
      complaints,
    };
  } finally {
    await load?.stop();
    await fleet.stop();
    await redis.stop();
    await asAdmin(`drop database if exists ${database} with (force)`);
  }
}

/** One process after the other: it drains and ends, and another one is ready in its place before the next. */
async function restartAll(
  { members }: Fleet,
  load: Load,
  seconds: number,
): Promise<{ readonly restarts: number; readonly phase: Phase }> {
  const startedAt = performance.now();
  const passed = (): number => (performance.now() - startedAt) / 1000;
  let restarts = 0;
  do {
    for (const member of members) {
      await member.stop("SIGTERM");
      await member.start();
      restarts += 1;
    }
  } while (passed() < seconds);
  return { restarts, phase: await phaseOf("restarts", passed(), load) };
}

async function subgraphGone({ members }: Fleet, load: Load, seconds: number): Promise<readonly Phase[]> {
  const replicas = members.filter(({ args }) => args.length === 2 && args[1] === "locations");
  // Grouped, one of two goes with all subgraphs in it, and the other one answers.
  const victims = replicas.length > 0 ? replicas : members.filter(({ name }) => name === "subgraphs-1");
  const what = replicas.length > 0 ? "both replicas of locations gone" : "one of two replicas of all subgraphs gone";
  return gone(what, load, seconds, async () => {
    await Promise.all(victims.map((one) => one.stop("SIGKILL")));
    return async () => void (await Promise.all(victims.map((one) => one.start())));
  });
}

/** `begin` gives what ends it. Afterwards all has to be as before. */
async function gone(
  what: string,
  load: Load,
  seconds: number,
  begin: () => Promise<() => Promise<void>>,
): Promise<readonly Phase[]> {
  const end = await begin();
  await delay(seconds * 1000);
  const phase = await phaseOf(what, seconds, load);
  await end();
  await delay(CALM_MS);
  // Of circuits that were still open.
  await load.take();
  await delay(CALM_MS);
  return [phase, await phaseOf(`after: ${what}`, CALM_MS / 1000, load)];
}

/** Nobody can connect, and who is connected is not any more. */
async function shut(database: string): Promise<() => Promise<void>> {
  await asAdmin(
    `alter database ${database} with allow_connections false`,
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`,
  );
  return () => asAdmin(`alter database ${database} with allow_connections true`);
}

function startRedis(port: number): Promise<Program> {
  const path = programNamed("redis-server");
  if (path === undefined) throw new Error("Cannot measure: redis-server is not installed (see .ci/run)");
  return startProgram(path, ["--port", String(port), "--save", "", "--dir", "/tmp"], /Ready to accept connections/);
}

async function countMissing(database: string, ids: readonly string[]): Promise<number> {
  const client = new Client({ connectionString: urlOf(database) });
  await client.connect();
  try {
    const keys = ids.map((id) => caseId.decode(id)[0]);
    const { rows } = await client.query<{ readonly id: string }>("select id::text from campaigns.cases");
    const recorded = new Set(rows.map(({ id }) => id));
    return keys.filter((key) => !recorded.has(key)).length;
  } finally {
    await client.end();
  }
}

async function phaseOf(phase: string, seconds: number, load: Load): Promise<Phase> {
  const kinds = Object.entries(await load.take()).map(([name, { reasons, ...tally }]) => [
    name,
    { ...tally, reasons: Object.fromEntries(reasons) },
  ]);
  return { phase, seconds: Math.round(seconds), kinds: Object.fromEntries(kinds) };
}

function sum({ kinds }: Phase, field: "lost" | "sent"): number {
  return Object.values(kinds).reduce((total, kind) => total + kind[field], 0);
}
