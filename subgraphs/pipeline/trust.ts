/**
 * Does the decision service mean the same by a model as the table here?
 *
 * The number of a version cannot say: the service numbers its deployments by itself. So every answer of the service is
 * compared with what the table here gives for the same facts. Under each version trust is earned anew: what has agreed
 * covers other asks (see coverage.ts), and one disagreement ends equivalence for that model and version. What the
 * comparison cannot see is a table in which only the order of rules was changed.
 */
import { createLru } from "../platform/lru.ts";
import type { Logger } from "pino";
import type { Ask, DecisionError, ModelRef } from "./ask.ts";
import { createCoverage } from "./coverage.ts";
import type { Coverage, Need } from "./coverage.ts";
import { UndecidedError } from "./decision.ts";
import { matchedRules } from "./identity.ts";
import type { Covers } from "./identity.ts";
import type { Metrics } from "./metrics.ts";
import type { Model, Models } from "./models.ts";
import { rowsHere } from "./fit.ts";
import { areSameRows, sortedRows } from "./rows.ts";
import type { Facts, Row } from "./table/table.ts";
import { judge } from "./verdict.ts";
import type { Versions } from "./versions.ts";

/** Unproven: nothing was compared yet, or the running version is unknown. */
export type TrustState = "UNPROVEN" | "TRUSTED" | "DISTRUSTED";

export interface ModelTrust {
  readonly state: TrustState;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Answers of the service under the running version that were the same as here, and that were not. */
  readonly agreed: number;
  readonly disagreed: number;
}

export interface Trust {
  /** Under the version that runs. */
  of(model: string): ModelTrust;
  /** False after the service disagreed with the table here, under the version that runs. */
  trusts(model: string): boolean;
  /** False for a version of which it is known that it is not the table here. */
  readonly isTableHere: (model: ModelRef) => boolean;
  readonly covers: Covers;
  /** Compares what the service answered to these facts with the table here. */
  compare(ask: Pick<Ask, "model" | "facts">, version: ModelRef["version"], rows: readonly Row[]): Comparison;
  /** What is to be done with each ask, given what has been compared and what is being compared. */
  turnsOf(asks: readonly Ask[]): readonly Turn[];
}

/** `here`: the rows that the table here gives, in its order; undefined where it gives none for such facts. */
export type Comparison =
  | { readonly agrees: true; readonly here: readonly Row[] }
  | { readonly agrees: false; readonly here: readonly Row[] | undefined };

export type Turn =
  /** It is covered, or nothing could cover it. */
  | { readonly kind: "ask" }
  /** Its answer is needed for others: `end` must be called, with the error if there is one. */
  | { readonly kind: "compare"; readonly end: (error: DecisionError | undefined) => void }
  /** Others are asked for it: what each of them ended with. */
  | { readonly kind: "wait"; readonly until: Promise<readonly (DecisionError | undefined)[]> };

export interface TrustOptions {
  readonly models: Models;
  readonly versions: Pick<Versions, "running" | "last" | "refresh" | "since">;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, "compared"> | undefined;
  readonly now: () => number;
}

interface Compared {
  readonly here: readonly Row[];
  readonly there: readonly Row[];
}

/** Of each model: the one that runs, and some that ran. */
const VERSIONS_KEPT = 4;

/** Of one version of one model. */
interface Proof {
  /** When it was seen to run, as `Versions.since` says. */
  readonly runningSince: number;
  readonly coverage: Coverage;
  /** What is being compared, by the names of the needs that it meets. */
  readonly pending: Map<string, readonly Pending[]>;
  since: number;
  agreed: number;
  disagreed: number;
}

interface Pending {
  readonly reach: number;
  readonly end: Promise<DecisionError | undefined>;
}

/** An ask that nothing covers yet. */
interface Uncovered {
  readonly proof: Proof;
  readonly values: readonly Need[];
  readonly comparisons: readonly Need[];
}

export function createTrust({ models, versions, log, metrics, now }: TrustOptions): Trust {
  const proofs = createLru<string, Proof>(VERSIONS_KEPT * Math.max(1, models.size));

  return { of, trusts, isTableHere, covers, compare, turnsOf };

  function of(model: string): ModelTrust {
    const running = versions.running(model);
    const { since, agreed, disagreed } = proofOf(model, runningVersion(model));
    return { state: stateOf({ agreed, disagreed }, running), since, agreed, disagreed };
  }

  function trusts(model: string): boolean {
    if (!isTableHere({ key: model, version: runningVersion(model) })) return false;
    // While the running version is unknown, what is known of the last one holds.
    return versions.running(model) !== undefined || isTableHere({ key: model, version: String(versions.last(model)) });
  }

  function isTableHere({ key, version }: ModelRef): boolean {
    return (proofs.get(nameOf(key, version))?.disagreed ?? 0) === 0;
  }

  function covers(model: string, version: number, rules: string, facts: Facts): boolean {
    const proof = proofs.get(nameOf(model, String(version)));
    return proof?.disagreed === 0 && isCurrent(model, proof) && proof.coverage.covers(rules, facts);
  }

  function compare({ model, facts }: Pick<Ask, "model" | "facts">, version: string, rows: readonly Row[]): Comparison {
    const known = models.get(model);
    const here = known && rowsHere(known.compiled, facts);
    const agrees = here !== undefined && areSameRows(here, rows);
    // Rows that are no answer fail the decision, and say nothing about the table: none may be an evaluation that failed.
    if (known && here !== undefined && (agrees || isAnswer(known, rows))) {
      const proof = proofOf(model, version);
      if (agrees) agreed(proof, known.compiled.identity(facts), facts);
      else disagreed({ key: model, version }, proof, { here, there: rows });
      metrics?.compared(model, agrees ? "agreed" : "disagreed");
    }
    return agrees ? { agrees, here } : { agrees, here };
  }

  function agreed(proof: Proof, rules: string, facts: Facts): void {
    if (proof.agreed === 0 && proof.disagreed === 0) proof.since = now();
    proof.agreed += 1;
    proof.coverage.add(rules, facts);
  }

  function disagreed({ key, version }: ModelRef, proof: Proof, { here, there }: Compared): void {
    proof.disagreed += 1;
    if (proof.disagreed > 1) return;
    proof.since = now();
    const line = { decision: key, version, here: here.map(summary), there: sortedRows(there).map(summary) };
    void report({ key, version }, line);
  }

  /** A deployment may be younger than the list of versions: then its answer says nothing about the version before. */
  async function report({ key, version }: ModelRef, line: object): Promise<void> {
    await versions.refresh();
    if (runningVersion(key) === version) {
      log.error(line, "decision service disagrees with the table here: it decides alone while this version runs");
    } else {
      log.info({ decision: key, version }, "decision service disagreed shortly before another version was seen");
      proofs.delete(nameOf(key, version));
    }
  }

  function runningVersion(model: string): string {
    return String(versions.running(model) ?? "unknown");
  }

  function turnsOf(asks: readonly Ask[]): readonly Turn[] {
    const uncovered = asks.map(uncoveredOf);
    const turns: Turn[] = asks.map(() => ASK);
    // What reaches farthest comes first: it is compared for all others.
    for (const index of new Set([...farthest(uncovered), ...asks.keys()])) {
      const needs = uncovered[index];
      if (needs) turns[index] = turnOf(needs);
    }
    return turns;
  }

  /** Undefined where it is covered, or nothing could cover it. */
  function uncoveredOf({ model, facts }: Ask): Uncovered | undefined {
    const compiled = models.get(model)?.compiled;
    const running = versions.running(model);
    const rules = compiled && running !== undefined ? matchedRules(compiled, facts) : undefined;
    if (rules === undefined || !trusts(model)) return undefined;
    const proof = proofOf(model, String(running));
    if (proof.coverage.covers(rules, facts)) return undefined;
    const { values, comparisons } = proof.coverage.missing(rules, facts);
    return values.length + comparisons.length === 0 ? undefined : { proof, values, comparisons };
  }

  function proofOf(model: string, version: string): Proof {
    const name = nameOf(model, version);
    const known = proofs.get(name);
    // The number of a version that was rolled back may be given again, to another table.
    const proof = known && isCurrent(model, known) ? known : begin(model);
    proofs.set(name, proof);
    return proof;
  }

  function isCurrent(model: string, { runningSince }: Proof): boolean {
    return runningSince === versions.since(model);
  }

  function begin(model: string): Proof {
    return {
      runningSince: versions.since(model),
      coverage: createCoverage(models.get(model)?.compiled.table ?? NO_TABLE),
      pending: new Map(),
      since: now(),
      agreed: 0,
      disagreed: 0,
    };
  }
}

const ASK: Turn = { kind: "ask" };
const NO_TABLE = { inputs: [], rules: [] };

/** The indexes of the asks that meet the needs of most others. */
function farthest(asks: readonly (Uncovered | undefined)[]): Iterable<number> {
  const found = new Map<Proof, Map<string, { readonly reach: number; readonly index: number }>>();
  for (const [index, ask] of asks.entries()) {
    if (!ask) continue;
    const byName = found.get(ask.proof) ?? new Map<string, { readonly reach: number; readonly index: number }>();
    found.set(ask.proof, byName);
    for (const { name, reach } of ask.values) {
      if (reach > (byName.get(name)?.reach ?? Number.NEGATIVE_INFINITY)) byName.set(name, { reach, index });
    }
  }
  return [...found.values()].flatMap((byName) => Array.from(byName.values(), ({ index }) => index));
}

function turnOf({ proof: { pending }, values, comparisons }: Uncovered): Turn {
  const pendingFor = ({ name, reach, isFirst }: Need): Pending | undefined =>
    pending.get(name)?.find((other) => other.reach >= reach || isFirst);
  const isOpen = (need: Need): boolean => pendingFor(need) === undefined;
  const open = [...values.filter(isOpen), ...comparisons.filter(isOpen).slice(0, 1)];
  if (open.length === 0) {
    const ends = new Set([...values, ...comparisons].flatMap((need) => pendingFor(need)?.end ?? []));
    return { kind: "wait", until: Promise.all(ends) };
  }
  const { promise, resolve } = Promise.withResolvers<DecisionError | undefined>();
  for (const { name, reach } of open) pending.set(name, [...(pending.get(name) ?? []), { reach, end: promise }]);
  return {
    kind: "compare",
    end(error) {
      for (const { name } of open) {
        const others = pending.get(name)?.filter(({ end }) => end !== promise) ?? [];
        if (others.length > 0) pending.set(name, others);
        else pending.delete(name);
      }
      resolve(error);
    },
  };
}

/** Where there is no service: the tables here decide. */
export function localTrust(now: number): Trust {
  return {
    of: () => ({ state: "TRUSTED", since: now, agreed: 0, disagreed: 0 }),
    trusts: () => true,
    isTableHere: () => true,
    covers: () => true,
    compare: () => ({ agrees: false, here: undefined }),
    turnsOf: (asks) => asks.map(() => ASK),
  };
}

function nameOf(model: string, version: string): string {
  return `${model}@${version}`;
}

function stateOf({ agreed, disagreed }: Pick<Proof, "agreed" | "disagreed">, running: number | undefined): TrustState {
  if (disagreed > 0) return "DISTRUSTED";
  return agreed > 0 && running !== undefined ? "TRUSTED" : "UNPROVEN";
}

function isAnswer({ decision }: Model, rows: readonly Row[]): boolean {
  try {
    judge(decision, rows);
    return true;
  } catch (error) {
    if (error instanceof UndecidedError) return false;
    throw error;
  }
}

/** Outputs other than these may repeat facts. */
function summary({ verdict, reason_code: code }: Row): object {
  return { verdict, code };
}
