/**
 * What goes wrong next? Upstreams begin to misbehave and cease to, tables change or are said to have changed, the clock
 * moves on and now and then is set back. Nothing is under way meanwhile, so it is known by which table the next decisions
 * are made: by the one that runs, and in the round in which nobody has noticed a new one yet, by that or the one before.
 */
import type { Decibel } from "../../subgraphs/decibel.ts";
import { compile } from "../../subgraphs/pipeline/table/compile.ts";
import type { Table } from "../../subgraphs/pipeline/table/table.ts";
import type { Faults } from "../../subgraphs/sandbox/sandbox.ts";
import { NOW } from "../support/decibel.ts";
import type { Random } from "../support/random.ts";

export interface Trouble {
  /** By which a decision may be made now. */
  readonly tables: (decision: string) => readonly Table[];
  next(): Promise<void>;
  /** Everything behaves. */
  end(): Promise<void>;
  /** How often what went wrong, for people. */
  readonly counts: ReadonlyMap<string, number>;
}

const MINUTE_MS = 60_000;
/** Until then no episode is published: see the oracle. */
const LATEST = NOW + 48 * 60 * MINUTE_MS;
/** What the clock moves on by in a round, on average. */
const STEP_MS = 2.1 * MINUTE_MS;

const OF_OPENTEXT: readonly Faults[] = [
  { status: 500 },
  { status: 500, share: 0.4 },
  { status: 503, share: 0.2 },
  { status: 429, share: 0.5 },
  { status: 400, share: 0.2 },
  { status: 401, share: 0.3 },
  { requestsPerSecond: 20 },
  { latencyMs: 60_000, share: 0.1 },
  { latencyMs: 20 },
  { rows: "empty", share: 0.3 },
  { rows: "unknown", share: 0.3 },
  { rows: "wrong", share: 0.3 },
  { body: "malformed", share: 0.3 },
  { body: "reset", share: 0.3 },
  { status: 503, only: "token" },
  { status: 503, only: "list" },
  { status: 500, only: "execute", share: 0.8 },
];
const OF_SOURCES: readonly Faults[] = [
  { status: 500, share: 0.3 },
  { status: 404, share: 0.3 },
  { status: 429, share: 0.2 },
  { body: "malformed", share: 0.2 },
  { body: "reset", share: 0.2 },
  { latencyMs: 20 },
];
const SOURCES = ["spotify-ads", "spotify-web", "megaphone", "soundtrack"];

const MOST_LOOKS = 20;

export function createTrouble(
  { sandboxes, pipeline, clock }: Pick<Decibel, "sandboxes" | "pipeline"> & { readonly clock: { now: number } },
  random: Random,
  rounds: number,
): Trouble {
  const pace = Math.min(1, (LATEST - NOW) / (rounds * STEP_MS));
  const urls = new Map(sandboxes.urls);
  const deployed = new Map<string, Table>();
  let unnoticed: { readonly key: string; readonly before: Table } | undefined;
  let deployedAt = NOW;
  const troubled = new Set<string>();
  const counts = new Map<string, number>();
  const keys = [...pipeline.models.keys()];

  return { tables, next, end, counts };

  function tables(decision: string): readonly Table[] {
    return unnoticed?.key === decision ? [table(decision), unnoticed.before] : [table(decision)];
  }

  /** That runs. */
  function table(decision: string): Table {
    const known = deployed.get(decision) ?? pipeline.models.get(decision)?.compiled.table;
    if (!known) throw new RangeError(`no table is called ${decision}`);
    return known;
  }

  async function next(): Promise<void> {
    moveClock();
    if (unnoticed) await notice(unnoticed.key);
    else if (random.isLucky(0.06)) await deploy();
    if (random.isLucky(0.02)) await report();
    await faults("opentext", OF_OPENTEXT, 0.2, 0.25);
    for (const source of SOURCES) await faults(source, OF_SOURCES, 0.02, 0.3);
    if (random.isLucky(0.2)) await pipeline.versions.refresh();
  }

  async function end(): Promise<void> {
    for (const name of troubled) await behave(name);
    await pipeline.versions.refresh();
  }

  /** Back by no more than what upstreams count in: their limits would last until it is that late again. */
  function moveClock(): void {
    const step = random.next();
    if (step < 0.5) clock.now += pace * random.integer(0, 2000);
    else if (step < 0.85) clock.now += pace * random.integer(0, MINUTE_MS);
    else if (step < 0.97) clock.now += pace * random.integer(0, 30 * MINUTE_MS);
    else {
      count("clocks set back");
      // Not to before a deployment: whether an answer was given before or after it, only the clock can tell.
      clock.now = Math.max(deployedAt, clock.now - random.integer(0, 3 * MINUTE_MS));
    }
    clock.now += 1;
    clock.now = Math.min(LATEST, Math.round(clock.now));
  }

  async function faults(name: string, kinds: readonly Faults[], begins: number, ceases: number): Promise<void> {
    if (troubled.has(name)) {
      if (random.isLucky(ceases)) await behave(name);
    } else if (random.isLucky(begins)) {
      count(`faults of ${name}`);
      troubled.add(name);
      await control(name, "PUT", "faults", random.pick(kinds));
    }
  }

  async function behave(name: string): Promise<void> {
    troubled.delete(name);
    await control(name, "DELETE", "faults");
  }

  /** Somebody deploys another table, or the one that was there before. */
  async function deploy(): Promise<void> {
    const key = random.pick(keys);
    const own = pipeline.models.get(key)?.compiled.table;
    const { opentext } = sandboxes;
    if (!own || !opentext) return;
    const next = table(key) === own ? turned(own, own.version + random.integer(1, 3)) : own;
    count("tables deployed");
    unnoticed = { key, before: table(key) };
    opentext.deploy(compile(next));
    deployed.set(key, next);
    deployedAt = clock.now;
  }

  async function notice(key: string): Promise<void> {
    if (troubled.has("opentext")) await behave("opentext");
    // A look may take too long on a busy machine.
    for (let look = 0; look < MOST_LOOKS && pipeline.versions.running(key) !== table(key).version; look += 1) {
      await pipeline.versions.refresh();
    }
    if (pipeline.versions.running(key) !== table(key).version) {
      throw new Error(`nobody noticed that ${key} was deployed`);
    }
    unnoticed = undefined;
  }

  /** The table is as before, and is said to be of another version: never of one that means another table. */
  async function report(): Promise<void> {
    const key = random.pick(keys);
    const own = pipeline.models.get(key)?.compiled.table;
    if (table(key) !== own || unnoticed) return;
    count("versions reported otherwise");
    const version = random.isLucky(0.5) ? own.version : own.version + random.integer(100, 109);
    await control("opentext", "PUT", `tables/${key}/version`, { version });
  }

  async function control(name: string, method: string, path: string, body?: object): Promise<void> {
    const response = await fetch(`${urls.get(`${name} sandbox`)}/sandbox/${path}`, {
      method,
      ...(body ? { headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`Cannot control ${name}: it answered ${response.status}`);
    await response.arrayBuffer();
  }

  function count(what: string): void {
    counts.set(what, 1 + (counts.get(what) ?? 0));
  }
}

/** A table of the same conditions whose every verdict is another one. */
function turned(table: Table, version: number): Table {
  const others: Readonly<Record<string, string>> = { ALLOW: "DENY", REVIEW: "ALLOW", DENY: "REVIEW" };
  const rules = table.rules.map((rule) => {
    const { verdict, reason_code: code } = rule.row;
    return {
      ...rule,
      row: { ...rule.row, verdict: others[String(verdict)] ?? "", reason_code: `${String(code)}_${version}` },
    };
  });
  return { ...table, version, rules };
}
