/**
 * `npm run crash -- [--mutations N] [--seed N] [--failover]`: does a killed process lose anything, or do anything
 * twice?
 *
 * Concurrent mutations of every kind are sent to a Decibel that is repeatedly killed with SIGKILL and restarted on the same
 * PostgreSQL, while its upstreams, which are sandboxes, keep running. A client retries with the same key until it is
 * answered. With `--failover` the database is a primary whose synchronous standby takes over when half of them are
 * acknowledged; that needs the programs of PostgreSQL. In the end each acknowledged mutation must be stored once, and each effect must have reached its upstream
 * once. Prints the counts; exits with 1 if anything is missing or duplicated.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { pino } from "pino";
import { configurable, subgraphs, upstreams } from "../../subgraphs/registry.ts";
import { readEnvironment } from "../../subgraphs/platform/environment.ts";
import { openDatabase } from "../../subgraphs/records/database/open.ts";
import { seed as seedRecords } from "../../subgraphs/records/seed.ts";
import { SYSTEM_CLOCK } from "../../subgraphs/platform/clock.ts";
import { startSandboxes } from "../../subgraphs/sandboxes.ts";
import { loadTables } from "../../subgraphs/pipeline/table/load.ts";
import { ANY_PORTS, controlOf } from "../support/decibel.ts";
import { hasPostgresPair } from "../support/postgres-pair.ts";
import { createRandom } from "../support/random.ts";
import { wholeNumber } from "../support/whole-number.ts";
import { subjectsOf } from "./subjects.ts";
import { createMutations } from "./mutations.ts";
import { check } from "./check.ts";
import { openPair, openServer } from "./server.ts";
import type { CrashServer } from "./server.ts";
import { createVictim } from "./victim.ts";

const CLIENTS = 8;
/** The range of acknowledged mutations between two kills; less where there are few mutations. */
const BETWEEN_KILLS = [15, 60] as const;
const MIN_KILLS = 2;
const OUTBOX_TIMEOUT_MS = 180_000;
const LISTS_LAG_MS = 2000;
const ABSENT_MS = 300;
const LAGGING = new Set(["spotify-web sandbox", "spotify-ads sandbox"]);

export interface CrashOptions {
  readonly mutations: number;
  readonly seed: number;
  readonly server: CrashServer;
  readonly print: (line: string) => void;
}

/** Returns one line for each problem. */
async function crash({ mutations, seed, server, print }: CrashOptions): Promise<readonly string[]> {
  const random = createRandom(seed);
  const log = pino({ enabled: false });
  const folders = subgraphs.map(({ name }) => `subgraphs/${name}`);
  const tables = (await Promise.all(folders.map(loadTables))).flat();
  const sandboxes = await startSandboxes(
    readEnvironment(ANY_PORTS, configurable),
    Object.values(upstreams),
    tables,
    SYSTEM_CLOCK,
  );
  // What was made is not listed for a while, and not there for a moment.
  const lagging = sandboxes.urls.filter(([name]) => LAGGING.has(name)).map(([, origin]) => controlOf(origin));
  for (const sandbox of lagging) await sandbox.misbehave({ listsLagMs: LISTS_LAG_MS, absentMs: ABSENT_MS });
  const database = await openDatabase({ url: server.url, directory: "memory", log });
  await seedRecords(database, sandboxes.firstParty);
  const victim = createVictim({
    DATABASE_URL: server.url,
    OPENTEXT_BASE_URL: sandboxes.opentextAccount?.baseUrl ?? "",
    OUTBOX_RETRY_SECONDS: "1",
    OUTBOX_LAG_SECONDS: String(LISTS_LAG_MS / 1000 + 1),
    DECISIONS_VERIFY_SHARE: "0",
    CRASH: JSON.stringify(sandboxes.accounts),
  });
  try {
    const subjects = await subjectsOf(await victim.url());
    const sent = createMutations(random, subjects, mutations);
    const startedAt = performance.now();
    let acknowledged = 0;
    const most = Math.max(1, Math.min(BETWEEN_KILLS[1], Math.floor(mutations / MIN_KILLS)));
    const untilNextKill = (): number => random.integer(Math.min(BETWEEN_KILLS[0], most), most);
    let nextKill = untilNextKill();
    const pendingKills: Promise<void>[] = [];
    let failover: Promise<void> | undefined;
    const queue = sent.entries();
    const client = async (): Promise<void> => {
      for (const [, mutation] of queue) {
        await mutation.untilAcknowledged(() => victim.url());
        acknowledged += 1;
        if (acknowledged === Math.ceil(mutations / 2)) failover = server.failOver();
        if (acknowledged < nextKill) continue;
        nextKill = acknowledged + untilNextKill();
        pendingKills.push(sleep(random.integer(0, 200)).then(() => victim.kill()));
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    await Promise.all([...pendingKills, failover]);
    await victim.url();
    print(
      `${acknowledged} mutations acknowledged, ${victim.kills} kills, ${Math.round((performance.now() - startedAt) / 1000)} s`,
    );
    const problems = await check({
      database,
      sandboxes,
      mutations: sent,
      print,
      outboxTimeoutMs: OUTBOX_TIMEOUT_MS,
      settled: async () => {
        for (const sandbox of lagging) await sandbox.behave();
      },
    });
    await victim.stop();
    return [...problems, ...victim.stderr.filter((line) => line.includes("unexpected error"))];
  } finally {
    await victim.stop();
    await database.close();
    await sandboxes.close();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seed: { type: "string" }, mutations: { type: "string" }, failover: { type: "boolean" } },
  });
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const seed = wholeNumber("seed", values.seed ?? "1");
  const mutations = wholeNumber("mutations", values.mutations ?? "1000", 1);
  if (values.failover && !hasPostgresPair) throw new Error("--failover needs the programs of PostgreSQL and openssl");
  const server = await (values.failover ? openPair : openServer)(`decibel_crash_${process.pid}`);
  print(`PostgreSQL at ${server.host}${values.failover ? ", with a standby that takes over" : ""}`);
  const problems = await crash({ seed, mutations, server, print }).finally(() => server.close());
  for (const problem of problems) print(`WRONG: ${problem}`);
  print(problems.length === 0 ? "Nothing was lost, and nothing was done twice" : `${problems.length} wrong`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`Cannot crash: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
