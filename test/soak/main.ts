/**
 * `npm run soak -- [--seed N] [--queries N]`: does the graph ever return a wrong decision?
 *
 * Rounds of random queries are sent to a whole Decibel with random faults of its upstreams, changing tables, and a clock
 * that moves and jumps. Every decision is compared with the oracle's, and every missing one needs an error that explains
 * it. Now and then, while nothing fails, the worklists are compared with what their rows are decided to be now. A seed repeats
 * the same queries and faults. `OPENTEXT_…`, `CACHE_…` and `DATABASE_…` of the environment apply: with
 * `OPENTEXT_BATCH_PATH=/batch`, the sandbox accepts batches. Exits with 1 if anything was wrong.
 */
import { parseArgs } from "node:util";
import { pino } from "pino";
import { z } from "zod";
import { configurable } from "../../subgraphs/registry.ts";
import { readEnvironment, variables } from "../../subgraphs/platform/environment.ts";
import type { Variables } from "../../subgraphs/platform/environment.ts";
import { startDecibel } from "../../subgraphs/decibel.ts";
import type { Decibel } from "../../subgraphs/decibel.ts";
import { ANY_PORTS, NOW, ask, controlOf } from "../support/decibel.ts";
import { clockOf } from "../support/now.ts";
import type { Answer } from "../support/decibel.ts";
import { heapMb } from "../support/heap.ts";
import { createOracle } from "../support/oracle.ts";
import type { Oracle } from "../support/oracle.ts";
import { verify } from "../support/verdicts.ts";
import { wholeNumber } from "../support/whole-number.ts";
import { createQueries } from "./queries.ts";
import type { Cursors, ListName } from "./queries.ts";
import { createRandom } from "../support/random.ts";
import { createFaults } from "./faults.ts";
import { NULLED_FACTS } from "./spoils.ts";
import { checkWorklists } from "./worklists.ts";

/** Concurrent queries. */
const ROUND = 16;
const PROGRESS = 1000;
/** Between two comparisons of the worklists, in queries. */
const WORKLISTS = 320;
const MAX_SHOWN = 20;
const MAX_LINES = 10_000;
/** Per list. The oracle has an answer for every node, so more would only cost memory. */
const MAX_CURSORS = 600;
const LogLine = z.object({
  msg: z.string().default(""),
  decision: z.string().optional(),
  there: z.array(z.object({ code: z.string() })).default([]),
});
const VARIABLES: Variables = {
  OPENTEXT_TIMEOUT_MS: "250",
  OPENTEXT_BATCH_TIMEOUT_MS: "1000",
  OPENTEXT_RECOVERY_MS: "20",
  OPENTEXT_QUEUE_LIMIT: "100",
  // By the clock that jumps. Versions are trusted for some intervals, and listed once or twice in real time.
  OPENTEXT_VERSION_INTERVAL_MS: "300000",
  ...Object.fromEntries(Object.entries(variables).filter(([name]) => /^(?:OPENTEXT|CACHE|DATABASE)_/.test(name))),
};

try {
  const { values } = parseArgs({ options: { seed: { type: "string" }, queries: { type: "string" } } });
  process.exitCode = await soak(
    wholeNumber("seed", values.seed ?? "1"),
    wholeNumber("queries", values.queries ?? "20000", 1),
  );
} catch (error) {
  process.stderr.write(`Cannot soak: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function soak(seed: number, queries: number): Promise<number> {
  const random = createRandom(seed);
  const clock = { now: NOW };
  const bugs: string[] = [];
  const log = pino(
    { level: "error" },
    { write: (line: string) => void (bugs.length < MAX_LINES && bugs.push(line.trim())) },
  );
  const decibel = await startDecibel(
    readEnvironment({ ...ANY_PORTS, ...VARIABLES }, configurable),
    log,
    clockOf(() => clock.now),
  );
  try {
    const oracle = await createOracle(decibel.sandboxes, () => clock.now);
    const others = await nulledWorlds(decibel, clock);
    const randomQuery = createQueries(random, await cursorsOf(decibel, clock), oracle.campaigns);
    const faults = createFaults({ ...decibel, clock }, random, queries / ROUND);
    const tally = createTally();
    const startedAt = performance.now();
    const heapAtStart = Math.round(heapMb());
    print(`seed ${seed}, ${queries} queries, ${ROUND} at once; heap ${heapAtStart} MB`);

    const check = (answer: Answer<unknown>, campaigns: readonly string[] = []): void => {
      const { tables, isTableHere: isOrdered } = faults;
      tally.add(answer, verify(answer, { oracle, others, tables, isOrdered, campaigns }));
    };
    let compared = 0;
    for (let asked = 0; asked < queries; asked += ROUND) {
      await faults.next();
      const round = Array.from({ length: Math.min(ROUND, queries - asked) }, randomQuery);
      const answers = await Promise.all(round.map(({ text, variables }) => ask(decibel.url, text, variables)));
      for (const [index, answer] of answers.entries()) check(answer, round[index]?.campaigns);
      if (faults.isCalm() && asked - compared >= WORKLISTS) {
        const { answers: pages, wrong } = await checkWorklists(decibel);
        if (pages.length > 0) compared = asked;
        for (const page of pages) check(page);
        tally.problems.push(...wrong);
      }
      if (asked > 0 && Math.floor(asked / PROGRESS) !== Math.floor((asked - ROUND) / PROGRESS)) {
        print(`${tally.text()}; heap ${Math.round(heapMb())} MB, ${Math.round(asked / seconds(startedAt))} queries/s`);
      }
    }

    await faults.end();
    const unexpected = bugs.filter((line) => !isExpected(line, faults.altered));
    tally.problems.push(...unexpected.map((bug) => `logged as a bug: ${bug}`));
    if (tally.decisions() < queries) tally.problems.push("fewer decisions than queries: the run tested too little");
    const queue = { ...decibel.pipeline.scheduler };
    print([...faults.counts].map(([what, times]) => `${times} ${what}`).join(", "));
    print(
      `heap ${heapAtStart} MB at the start, ${Math.round(heapMb())} MB at the end; ${queue.waiting} evaluations wait; ${Math.round(seconds(startedAt))} s`,
    );
    for (const problem of tally.problems.slice(0, MAX_SHOWN)) print(`wrong: ${problem}`);
    print(tally.text());
    return tally.problems.length > 0 ? 1 : 0;
  } finally {
    await decibel.stop();
  }
}

/** That an altered table is found out is no bug, nor that an operator is told to renew an account, or to check its address. */
function isExpected(line: string, altered: ReadonlySet<string>): boolean {
  const { msg, decision, there } = LogLine.parse(JSON.parse(line));
  if (/ (?:refuses our account: renew|does not know our account: check) /.test(msg)) return true;
  if (!msg.startsWith("decision service disagrees with the table here")) return false;
  // The codes of an altered table end with its version. The log may name the version before, if the list cannot be read.
  return there.length > 0 && there.every(({ code }) => altered.has(`${decision}@${/_(\d+)$/.exec(code)?.[1]}`));
}

/** What is expected while an upstream answers null for a fact. */
async function nulledWorlds({ sandboxes }: Decibel, clock: { now: number }): Promise<readonly Oracle[]> {
  const urls = new Map(sandboxes.urls);
  const worlds: Oracle[] = [];
  for (const [name, spoils] of Object.entries(NULLED_FACTS)) {
    const control = controlOf(urls.get(`${name} sandbox`) ?? "");
    for (const spoil of spoils) {
      await control.misbehave({ spoil });
      // Upstreams limit the requests of a minute.
      clock.now += 60_000;
      worlds.push(await createOracle(sandboxes, () => clock.now));
    }
    await control.behave();
  }
  return worlds;
}

interface Tally {
  add(answer: Answer<unknown>, verified: ReturnType<typeof verify>): void;
  readonly problems: string[];
  decisions(): number;
  text(): string;
}

function createTally(): Tally {
  const origins = new Map<string, number>();
  const codes = new Map<string, number>();
  const problems: string[] = [];
  let [queries, decisions] = [0, 0];
  return {
    problems,
    decisions: () => decisions,
    add({ errors }, { decided, origins: from, wrong }) {
      queries += 1;
      decisions += decided;
      for (const [origin, times] of from) origins.set(origin, times + (origins.get(origin) ?? 0));
      for (const { message, extensions } of errors) {
        const { code, upstream = "" } = extensions;
        const name = `${String(code)} ${String(upstream)}`.trim();
        codes.set(name, 1 + (codes.get(name) ?? 0));
        if (!/^(?:DECISION|UPSTREAM)_/.test(name)) problems.push(`an unexpected error: ${name}: ${message}`);
      }
      problems.push(...wrong);
    },
    text: () =>
      `${queries} queries, ${decisions} decisions (${listed(origins)}), ` +
      `${sum(codes)} errors (${listed(codes)}), ${problems.length} wrong`,
  };
}

async function cursorsOf({ url }: Decibel, clock: { now: number }): Promise<Cursors> {
  const of = async (list: ListName): Promise<readonly string[]> => {
    const cursors: string[] = [];
    for (let hasNextPage = true; hasNextPage && cursors.length < MAX_CURSORS;) {
      // Upstreams limit the requests of a minute.
      clock.now += 60_000;
      const text = `query ($after: String) { list: ${list}(first: 200, after: $after) { edges { cursor } } }`;
      const { data } = await ask<{ list: { edges: readonly { cursor: string }[] } }>(url, text, {
        after: cursors.at(-1),
      });
      cursors.push(...data.list.edges.map(({ cursor }) => cursor));
      hasNextPage = data.list.edges.length === 200;
    }
    return cursors;
  };
  return {
    campaigns: await of("campaigns"),
    episodes: await of("episodes"),
    locations: await of("locations"),
    listeners: await of("listeners"),
  };
}

function seconds(since: number): number {
  return (performance.now() - since) / 1000;
}

function listed(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return sorted.map(([name, times]) => `${name} ${times}`).join(", ");
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, times) => total + times, 0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
