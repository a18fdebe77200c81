/**
 * How fast is the table engine, beside two others on the same rules?
 *
 * All tables of the repository, and facts drawn from their cells. Before anything is measured, every engine has to match
 * the same rules for every one of the facts; a table that the others cannot express is left out and named. Then they take
 * turns, round after round, and each figure is the median of its rounds.
 *
 * A second is a second of processor time, whichever thread of the process spends it: what one core gives. So an engine that
 * works on threads of its own is not the faster for the cores it occupies, and other processes hardly blur the figures.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { CompiledTable } from "../../subgraphs/pipeline/table/compile.ts";
import { loadTables } from "../../subgraphs/pipeline/table/load.ts";
import type { Facts, Table } from "../../subgraphs/pipeline/table/table.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { drawFacts } from "./facts.ts";
import { feelFunctions, feelUnaryTests } from "./feel.ts";
import { zen } from "./zen.ts";
import type { Engine } from "./matches.ts";

export interface EngineFigures {
  readonly tables: readonly string[];
  /** Table and reason. */
  readonly leftOut: readonly string[];
  /** For how many facts all engines matched the same rules. */
  readonly agreed: number;
  readonly identityPerSecond: number;
  readonly evaluationsPerSecond: number;
  readonly zenPerSecond: number;
  /** Cells as functions, read once. */
  readonly feelPerSecond: number;
  /** Cells as unary tests, which feelin reads anew each time. */
  readonly feelUnaryTestsPerSecond: number;
  /** Our evaluations for one of theirs. */
  readonly ratios: Ratios;
  /** Our identities for one evaluation of theirs. */
  readonly identityRatios: Ratios;
}
type Ratios = Readonly<Record<keyof typeof RIVALS, number>>;

export async function benchEngine(): Promise<EngineFigures> {
  const all = await allTables();
  const subjects = all.filter(({ table }) => obstacle(table) === undefined);
  const facts = subjects.map(({ table }) => drawFacts(table, FACTS_A_TABLE));
  const ready = (engine: (table: Table) => Engine) => subjects.map(({ table }) => engine(table));
  const runs: Readonly<Record<Name, Run>> = {
    identity: { steps: subjects.map((ours) => (some) => some.map((one) => ours.identity(one))), batch: 100 },
    evaluation: { steps: subjects.map((ours) => (some) => some.map((one) => ours.evaluate(one))), batch: 100 },
    zen: { steps: ready(RIVALS.zen), batch: 100 },
    feel: { steps: ready(RIVALS.feel), batch: 100 },
    feelUnaryTests: { steps: ready(RIVALS.feelUnaryTests), batch: 10 },
  };
  for (const [name, engine] of Object.entries(RIVALS)) await agree(name, ready(engine), subjects, facts);
  const speeds = await takeTurns(runs, facts);

  const perSecond = (name: Name) => Math.round(median(speeds[name]));
  const ratio = (ours: Name, theirs: Name) =>
    Number(median(speeds[ours].map((speed, round) => speed / (speeds[theirs][round] ?? NaN))).toPrecision(3));
  const ratios = (ours: Name): Ratios => ({
    zen: ratio(ours, "zen"),
    feel: ratio(ours, "feel"),
    feelUnaryTests: ratio(ours, "feelUnaryTests"),
  });
  return {
    tables: subjects.map(({ table }) => table.key),
    leftOut: all.flatMap(({ table }) => obstacle(table) ?? []),
    agreed: facts.flat().length,
    identityPerSecond: perSecond("identity"),
    evaluationsPerSecond: perSecond("evaluation"),
    zenPerSecond: perSecond("zen"),
    feelPerSecond: perSecond("feel"),
    feelUnaryTestsPerSecond: perSecond("feelUnaryTests"),
    ratios: ratios("evaluation"),
    identityRatios: ratios("identity"),
  };
}

/** For people. */
export function engineRows(figures: EngineFigures): readonly object[] {
  const row = (engine: string, perSecond: number) => ({ engine, "per second": perSecond.toLocaleString("en-GB") });
  const rival = (engine: string, perSecond: number, name: keyof Ratios) => ({
    ...row(engine, perSecond),
    "our evaluations for one": figures.ratios[name],
    "our identities for one": figures.identityRatios[name],
  });
  return [
    row("Decibel, identity", figures.identityPerSecond),
    row("Decibel, evaluation", figures.evaluationsPerSecond),
    rival("zen-engine, 100 facts a call", figures.zenPerSecond, "zen"),
    rival("feelin, functions read once", figures.feelPerSecond, "feel"),
    rival("feelin, unary tests", figures.feelUnaryTestsPerSecond, "feelUnaryTests"),
  ];
}

const RIVALS = { zen, feel: feelFunctions, feelUnaryTests };
type Name = "identity" | "evaluation" | keyof typeof RIVALS;

interface Run {
  /** One a table. */
  readonly steps: readonly ((facts: readonly Facts[]) => unknown)[];
  readonly batch: number;
}

const FACTS_A_TABLE = 500;
const ROUNDS = 5;
const SPAN_MS = 250;

async function allTables(): Promise<readonly CompiledTable[]> {
  const folder = join(projectRoot(), "subgraphs");
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  return (await Promise.all(folders.toSorted().map(loadTables))).flat();
}

/** What keeps a table from being compared, if anything does: what the others cannot say, or only at a price. */
function obstacle({ key, hitPolicy, inputs, rules }: Table): string | undefined {
  const kinds = rules.flatMap(({ conditions }) => conditions.map((condition) => condition?.test.kind));
  if (hitPolicy !== "RULE ORDER") return `${key}: hit policy ${hitPolicy}, which answers fewer rules than match`;
  if (inputs.some(({ type }) => type === "date")) return `${key}: a date, which each engine reads in its own way`;
  if (kinds.includes("exactly")) return `${key}: == of collections, which the others compare item by item`;
  return undefined;
}

async function agree(
  name: string,
  engines: readonly Engine[],
  subjects: readonly CompiledTable[],
  facts: readonly (readonly Facts[])[],
): Promise<void> {
  for (const [index, subject] of subjects.entries()) {
    const some = facts[index] ?? [];
    const theirs = await engines[index]?.(some);
    for (const [place, one] of some.entries()) {
      const evaluation = subject.evaluate(one);
      const ours = "failed" in evaluation ? evaluation.failed : String(evaluation.rules);
      if (ours === String(theirs?.[place])) continue;
      const got = `expected ${ours}, got ${String(theirs?.[place])}`;
      throw new Error(`Cannot compare ${name}: ${subject.table.key}: rules for ${JSON.stringify(one)}: ${got}`);
    }
  }
}

/** The first round is not counted: there the compilers warm up. */
async function takeTurns(
  runs: Readonly<Record<Name, Run>>,
  facts: readonly (readonly Facts[])[],
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const speeds: Record<Name, number[]> = { identity: [], evaluation: [], zen: [], feel: [], feelUnaryTests: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    for (const name of ["identity", "evaluation", "zen", "feel", "feelUnaryTests"] as const) {
      const speed = await perSecond(runs[name], facts);
      if (round > 0) speeds[name].push(speed);
    }
  }
  return speeds;
}

/** A batch of each table in turn, until the time is over. */
async function perSecond({ steps, batch }: Run, facts: readonly (readonly Facts[])[]): Promise<number> {
  const until = performance.now() + SPAN_MS;
  const before = process.cpuUsage();
  let done = 0;
  for (let from = 0; performance.now() < until; from = (from + batch) % FACTS_A_TABLE) {
    for (const [index, step] of steps.entries()) {
      await step((facts[index] ?? []).slice(from, from + batch));
      done += batch;
    }
  }
  const { user, system } = process.cpuUsage(before);
  return done / ((user + system) / 1_000_000);
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >>> 1] ?? NaN;
}
