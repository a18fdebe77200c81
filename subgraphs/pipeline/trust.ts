/**
 * Does the decision service mean the same by a model as the table here?
 *
 * The number of a version cannot say: the service numbers its deployments by itself. So every answer of the service is
 * compared with what the table here gives for the same facts. Under each version trust is earned anew: what has agreed
 * covers other asks (see coverage.ts), and one disagreement ends equivalence for that model and version. What the
 * comparison cannot see is a table in which only the order of rules was changed.
 */
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import type { Ask, DecisionError, ModelRef } from "./ask.ts";
import { createCoverage } from "./coverage.ts";
import type { Coverage } from "./coverage.ts";
import { UndecidedError } from "./decision.ts";
import type { Covers } from "./identity.ts";
import type { Metrics } from "./metrics.ts";
import type { Model, Models } from "./models.ts";
import { areSameRows, sortedRows } from "./rows.ts";
import { FactError } from "./table/fact.ts";
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
  /** What is to be done with an ask, given what has been compared and what is being compared. */
  turnOf(ask: Ask): Turn;
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
  /** Others are asked for it: the error of one of them, if there is one. */
  | { readonly kind: "wait"; readonly until: Promise<DecisionError | undefined> };

export interface TrustOptions {
  readonly models: Models;
  readonly versions: Pick<Versions, "running" | "refresh">;
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
  readonly coverage: Coverage;
  /** What is being compared, by the names that coverage gives. */
  readonly pending: Map<string, Promise<DecisionError | undefined>>;
  since: number;
  agreed: number;
  disagreed: number;
}

export function createTrust({ models, versions, log, metrics, now }: TrustOptions): Trust {
  const proofs = new LRUCache<string, Proof>({ max: VERSIONS_KEPT * Math.max(1, models.size) });

  return { of, trusts, isTableHere, covers, compare, turnOf };

  function of(model: string): ModelTrust {
    const running = versions.running(model);
    const { since, agreed, disagreed } = proofOf(model, runningVersion(model));
    return { state: stateOf({ agreed, disagreed }, running), since, agreed, disagreed };
  }

  function trusts(model: string): boolean {
    return isTableHere({ key: model, version: runningVersion(model) });
  }

  function isTableHere({ key, version }: ModelRef): boolean {
    return (proofs.get(nameOf(key, version))?.disagreed ?? 0) === 0;
  }

  function covers(model: string, version: number, rules: string, facts: Facts): boolean {
    const proof = proofs.get(nameOf(model, String(version)));
    return proof?.disagreed === 0 && proof.coverage.covers(rules, facts);
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

  function turnOf({ model, facts }: Ask): Turn {
    const compiled = models.get(model)?.compiled;
    const running = versions.running(model);
    const rules = compiled && running !== undefined ? rulesFor(compiled, facts) : undefined;
    if (rules === undefined || !trusts(model)) return { kind: "ask" };
    const { coverage, pending } = proofOf(model, String(running));
    if (coverage.covers(rules, facts)) return { kind: "ask" };
    const { values, comparisons } = coverage.missing(rules, facts);
    if (values.length + comparisons.length === 0) return { kind: "ask" };
    const isOpen = (name: string): boolean => !pending.has(name);
    const open = [...values.filter(isOpen), ...comparisons.filter(isOpen).slice(0, 1)];
    if (open.length === 0)
      return {
        kind: "wait",
        until: firstError([...values, ...comparisons].flatMap((name) => pending.get(name) ?? [])),
      };
    const { promise, resolve } = Promise.withResolvers<DecisionError | undefined>();
    for (const name of open) pending.set(name, promise);
    return {
      kind: "compare",
      end(error) {
        for (const name of open) pending.delete(name);
        resolve(error);
      },
    };
  }

  function proofOf(model: string, version: string): Proof {
    const name = nameOf(model, version);
    const proof = proofs.get(name) ?? begin(models.get(model)?.compiled.table.inputs ?? []);
    proofs.set(name, proof);
    return proof;
  }

  function begin(inputs: Model["compiled"]["table"]["inputs"]): Proof {
    return { coverage: createCoverage(inputs), pending: new Map(), since: now(), agreed: 0, disagreed: 0 };
  }
}

/** Where there is no service: the tables here decide. */
export function localTrust(now: number): Trust {
  return {
    of: () => ({ state: "TRUSTED", since: now, agreed: 0, disagreed: 0 }),
    trusts: () => true,
    isTableHere: () => true,
    covers: () => true,
    compare: () => ({ agrees: false, here: undefined }),
    turnOf: () => ({ kind: "ask" }),
  };
}

function nameOf(model: string, version: string): string {
  return `${model}@${version}`;
}

function stateOf({ agreed, disagreed }: Pick<Proof, "agreed" | "disagreed">, running: number | undefined): TrustState {
  if (disagreed > 0) return "DISTRUSTED";
  return agreed > 0 && running !== undefined ? "TRUSTED" : "UNPROVEN";
}

async function firstError(pending: readonly Promise<DecisionError | undefined>[]): Promise<DecisionError | undefined> {
  return (await Promise.all(pending)).find((error) => error !== undefined);
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

/** Undefined for facts that the table here refuses. */
function rowsHere(compiled: Model["compiled"], facts: Facts): readonly Row[] | undefined {
  return unlessRefused(() => {
    const evaluation = compiled.evaluate(facts);
    return "failed" in evaluation ? [] : evaluation.rows;
  });
}

function rulesFor(compiled: Model["compiled"], facts: Facts): string | undefined {
  return unlessRefused(() => compiled.identity(facts));
}

function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof FactError) return undefined;
    throw error;
  }
}

/** Outputs other than these may repeat facts. */
function summary({ verdict, reason_code: code }: Row): object {
  return { verdict, code };
}
