/**
 * `npm run soak -- [--seed N] [--queries N]`: does the graph ever say what the rules do not?
 *
 * Random queries, round by round, against a whole Decibel whose upstreams misbehave at random, whose tables change and
 * whose clock moves and jumps. Every decision that is made is held against the oracle, every one that is not has to say
 * why. The same seed asks the same queries in the same troubles. What the environment says of `OPENTEXT_…`, `CACHE_…` and `DATABASE_…`
 * holds here too: with `OPENTEXT_BATCH_PATH=/batch`, the sandbox takes batches. Ends with 1 where anything was wrong.
 */
import { parseArgs } from "node:util";
import { pino } from "pino";
import { configurable } from "../../subgraphs/registry.ts";
import { readEnvironment, variables } from "../../subgraphs/platform/environment.ts";
import type { Variables } from "../../subgraphs/platform/environment.ts";
import { startDecibel } from "../../subgraphs/decibel.ts";
import type { Decibel } from "../../subgraphs/decibel.ts";
import { ANY_PORTS, NOW, ask } from "../support/decibel.ts";
import type { Answer } from "../support/decibel.ts";
import { heapMb } from "../support/heap.ts";
import { createOracle } from "../support/oracle.ts";
import { verify } from "../support/verdicts.ts";
import { createQueries } from "./queries.ts";
import type { Cursors, ListName } from "./queries.ts";
import { createRandom } from "../support/random.ts";
import { createTrouble } from "./trouble.ts";

/** Queries at once. */
const ROUND = 16;
const PROGRESS = 1000;
const MOST_SHOWN = 20;
/** Of each list, and no more: the oracle knows all, a cursor is long. */
const CURSORS = 600;
const VARIABLES: Variables = {
  OPENTEXT_TIMEOUT_MS: "250",
  OPENTEXT_BATCH_TIMEOUT_MS: "1000",
  OPENTEXT_RECOVERY_MS: "20",
  OPENTEXT_QUEUE_LIMIT: "100",
  // By the clock, which jumps: what was seen is believed for some of these. Real time asks for it once or twice.
  OPENTEXT_VERSION_INTERVAL_MS: "300000",
  ...Object.fromEntries(Object.entries(variables).filter(([name]) => /^(?:OPENTEXT|CACHE|DATABASE)_/.test(name))),
};

try {
  const { values } = parseArgs({ options: { seed: { type: "string" }, queries: { type: "string" } } });
  process.exitCode = await soak(whole("seed", values.seed ?? "1"), whole("queries", values.queries ?? "20000"));
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
    { write: (line: string) => void (bugs.length < MOST_SHOWN && bugs.push(line.trim())) },
  );
  const decibel = await startDecibel(
    readEnvironment({ ...ANY_PORTS, ...VARIABLES }, configurable),
    log,
    () => clock.now,
  );
  try {
    const oracle = await createOracle(decibel.sandboxes, () => clock.now);
    const randomQuery = createQueries(random, await cursorsOf(decibel, clock), oracle.campaigns);
    const trouble = createTrouble({ ...decibel, clock }, random, queries / ROUND);
    const tally = createTally();
    const startedAt = performance.now();
    const atStart = Math.round(heapMb());
    say(`seed ${seed}, ${queries} queries, ${ROUND} at once; heap ${atStart} MB`);

    for (let asked = 0; asked < queries; asked += ROUND) {
      await trouble.next();
      const round = Array.from({ length: Math.min(ROUND, queries - asked) }, randomQuery);
      const answers = await Promise.all(round.map(({ text, variables }) => ask(decibel.url, text, variables)));
      for (const [index, answer] of answers.entries()) {
        const { campaigns = [] } = round[index] ?? {};
        tally.add(answer, verify(answer, { oracle, tables: trouble.tables, campaigns }));
      }
      if (asked > 0 && Math.floor(asked / PROGRESS) !== Math.floor((asked - ROUND) / PROGRESS)) {
        say(`${tally.text()}; heap ${Math.round(heapMb())} MB, ${Math.round(asked / seconds(startedAt))} queries/s`);
      }
    }

    await trouble.end();
    tally.problems.push(...bugs.map((bug) => `logged as a bug: ${bug}`));
    if (tally.decisions() < queries) tally.problems.push("fewer decisions than queries: this tried nothing");
    const rest = { ...decibel.pipeline.turns };
    say([...trouble.counts].map(([what, times]) => `${times} ${what}`).join(", "));
    say(
      `heap ${atStart} MB at the start, ${Math.round(heapMb())} MB at the end; ${rest.waiting} evaluations wait; ${Math.round(seconds(startedAt))} s`,
    );
    for (const problem of tally.problems.slice(0, MOST_SHOWN)) say(`wrong: ${problem}`);
    say(tally.text());
    return tally.problems.length > 0 ? 1 : 0;
  } finally {
    await decibel.stop();
  }
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
        if (!/^(?:DECISION|UPSTREAM)_/.test(name)) problems.push(`an error that nothing explains: ${name}: ${message}`);
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
    for (let more = true; more && cursors.length < CURSORS;) {
      // Upstreams allow so much a minute.
      clock.now += 60_000;
      const text = `query ($after: String) { list: ${list}(first: 200, after: $after) { edges { cursor } } }`;
      const { data } = await ask<{ list: { edges: readonly { cursor: string }[] } }>(url, text, {
        after: cursors.at(-1),
      });
      cursors.push(...data.list.edges.map(({ cursor }) => cursor));
      more = data.list.edges.length === 200;
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

function whole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new RangeError(`--${name} expects a whole number, got "${text}"`);
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

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
