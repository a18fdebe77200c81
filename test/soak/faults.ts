/**
 * What goes wrong in the next round? Upstreams start or stop to fail, tables are deployed or reported with another
 * version, the clock moves forward and sometimes back. No query is in flight between rounds, so the table of the next
 * decisions is known: the deployed one, or, in the round in which its deployment is not noticed yet, that or the one
 * before. Over 200 lines, because every kind of fault changes the one known state.
 */
import type { Decibel } from "../../subgraphs/decibel.ts";
import { compile } from "../../subgraphs/pipeline/table/compile.ts";
import type { Table } from "../../subgraphs/pipeline/table/table.ts";
import type { Faults } from "../../subgraphs/sandbox/sandbox.ts";
import { NOW } from "../support/decibel.ts";
import type { Random } from "../support/random.ts";
import { MINUTE_MS } from "../support/times.ts";
import { NULLED_FACTS, SPOILS } from "./spoils.ts";

export interface FaultPlan {
  /** The tables that a decision of this round may come from. */
  readonly tables: (decision: string) => readonly Table[];
  /** Whether the service is known to run the table here, whose order of rules is known. */
  readonly isTableHere: (decision: string) => boolean;
  next(): Promise<void>;
  /** Whether nothing fails in this round, and its tables are known. */
  isCalm(): boolean;
  /** Clears all faults. */
  end(): Promise<void>;
  /** How often each kind of fault occurred. */
  readonly counts: ReadonlyMap<string, number>;
  /** The altered tables that were deployed, as `episode_publishing@3`. */
  readonly altered: ReadonlySet<string>;
}

/** No episode is published before then: see the oracle. */
const LATEST = NOW + 48 * 60 * MINUTE_MS;
/** By which the clock moves in a round, on average. */
const STEP_MS = 2.1 * MINUTE_MS;

const OPENTEXT_FAULTS: readonly Faults[] = [
  { status: 500 },
  { status: 500, share: 0.4 },
  { status: 503, share: 0.2 },
  { status: 429, share: 0.5 },
  { status: 400, share: 0.2 },
  { status: 401, share: 0.3 },
  { requestsPerSecond: 20 },
  { status: 429, retryAfter: 30, share: 0.2 },
  { account: "invalid_client" },
  { account: "invalid_grant", share: 0.3 },
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
const SOURCE_FAULTS: readonly Faults[] = [
  { status: 500, share: 0.3 },
  { status: 404, share: 0.3 },
  { status: 429, share: 0.2 },
  { status: 429, retryAfter: 60, share: 0.5 },
  { status: 429, retryAfter: 7200 },
  { account: "invalid_grant" },
  { account: "invalid_client", share: 0.5 },
  { body: "malformed", share: 0.2 },
  { body: "reset", share: 0.2 },
  { latencyMs: 20 },
];
/** Only where things are made. */
const LAGS: readonly Faults[] = [{ listsLagMs: 60_000, absentMs: 10_000 }];
const LAGGING = new Set(["spotify-ads", "spotify-web"]);
const SOURCES = ["spotify-ads", "spotify-web", "megaphone", "soundtrack"];

const MAX_REFRESHES = 20;
const PATIENCE_STEP_MS = 5000;

export function createFaults(
  { sandboxes, pipeline, clock }: Pick<Decibel, "sandboxes" | "pipeline"> & { readonly clock: { now: number } },
  random: Random,
  rounds: number,
): FaultPlan {
  const pace = Math.min(1, (LATEST - NOW) / (rounds * STEP_MS));
  const urls = new Map(sandboxes.urls);
  const deployed = new Map<string, Table>();
  let unnoticed: { readonly key: string; readonly before: Table } | undefined;
  let deployedAt = NOW;
  const failing = new Set<string>();
  const counts = new Map<string, number>();
  const altered = new Set<string>();
  const keys = [...pipeline.models.keys()];

  return { tables, isTableHere, next, isCalm: () => failing.size === 0 && !unnoticed, end, counts, altered };

  function tables(decision: string): readonly Table[] {
    return unnoticed?.key === decision ? [table(decision), unnoticed.before] : [table(decision)];
  }

  function isTableHere(decision: string): boolean {
    return unnoticed?.key !== decision && table(decision) === pipeline.models.get(decision)?.compiled.table;
  }

  /** The deployed one. */
  function table(decision: string): Table {
    const found = deployed.get(decision) ?? pipeline.models.get(decision)?.compiled.table;
    if (!found) throw new RangeError(`no table is called ${decision}`);
    return found;
  }

  async function next(): Promise<void> {
    moveClock();
    if (unnoticed) await untilNoticed(unnoticed.key);
    else if (random.isLucky(0.06)) await deploy();
    if (random.isLucky(0.02)) await reportVersion();
    await toggleFaults("opentext", OPENTEXT_FAULTS, 0.2, 0.25);
    for (const source of SOURCES) await toggleFaults(source, faultsOf(source), 0.04, 0.3);
    if (random.isLucky(0.2)) await pipeline.versions.refresh();
  }

  async function end(): Promise<void> {
    for (const name of failing) await clearFaults(name);
    await pipeline.versions.refresh();
  }

  /** Back by a few minutes at most: an upstream's limit lasts until the clock is past the time of its last request. */
  function moveClock(): void {
    const step = random.next();
    if (step < 0.5) clock.now += pace * random.integer(0, 2000);
    else if (step < 0.85) clock.now += pace * random.integer(0, MINUTE_MS);
    else if (step < 0.97) clock.now += pace * random.integer(0, 30 * MINUTE_MS);
    else {
      count("clocks set back");
      // Never before the last deployment: only the clock tells whether a decision was made before or after it.
      clock.now = Math.max(deployedAt, clock.now - random.integer(0, 3 * MINUTE_MS));
    }
    clock.now += 1;
    clock.now = Math.min(LATEST, Math.round(clock.now));
  }

  async function toggleFaults(
    name: string,
    kinds: readonly Faults[],
    startShare: number,
    stopShare: number,
  ): Promise<void> {
    if (failing.has(name)) {
      if (random.isLucky(stopShare)) await clearFaults(name);
    } else if (random.isLucky(startShare)) {
      const faults = random.pick(kinds);
      count(`${kindOf(faults)} of ${name}`);
      failing.add(name);
      await control(name, "PUT", "faults", faults);
    }
  }

  async function clearFaults(name: string): Promise<void> {
    failing.delete(name);
    await control(name, "DELETE", "faults");
  }

  /** Deploys an altered table, or the original one. */
  async function deploy(): Promise<void> {
    const key = random.pick(keys);
    const original = pipeline.models.get(key)?.compiled.table;
    const { opentext } = sandboxes;
    if (!original || !opentext) return;
    const next =
      table(key) === original ? withOtherVerdicts(original, original.version + random.integer(1, 3)) : original;
    count("tables deployed");
    if (next !== original) altered.add(`${key}@${next.version}`);
    unnoticed = { key, before: table(key) };
    opentext.deploy(compile(next));
    deployed.set(key, next);
    deployedAt = clock.now;
  }

  async function untilNoticed(key: string): Promise<void> {
    if (failing.has("opentext")) await clearFaults("opentext");
    // A refresh may time out on a busy machine.
    for (
      let refreshes = 0;
      refreshes < MAX_REFRESHES && pipeline.versions.running(key) !== table(key).version;
      refreshes += 1
    ) {
      await pipeline.versions.refresh();
      // The service may have asked for patience.
      clock.now = Math.min(LATEST, clock.now + PATIENCE_STEP_MS);
    }
    if (pipeline.versions.running(key) !== table(key).version) {
      throw new Error(`the deployment of ${key} was not noticed`);
    }
    unnoticed = undefined;
  }

  /** Reports another version of an unchanged table, never one of an altered table. */
  async function reportVersion(): Promise<void> {
    const key = random.pick(keys);
    const original = pipeline.models.get(key)?.compiled.table;
    if (table(key) !== original || unnoticed) return;
    count("versions reported otherwise");
    const version = random.isLucky(0.5) ? original.version : original.version + random.integer(100, 109);
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

function faultsOf(source: string): readonly Faults[] {
  const spoils = [...(SPOILS[source] ?? []), ...(NULLED_FACTS[source] ?? [])].map((spoil) => ({ spoil }));
  return [...SOURCE_FAULTS, ...spoils, ...(LAGGING.has(source) ? LAGS : [])];
}

function kindOf({ spoil, account, retryAfter, listsLagMs }: Faults): string {
  if (spoil) return "spoilt fields";
  if (account) return "refused accounts";
  if (retryAfter !== undefined) return "bans";
  return listsLagMs === undefined ? "other faults" : "lagging lists";
}

/** The same conditions, but another verdict in every row. */
function withOtherVerdicts(table: Table, version: number): Table {
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
