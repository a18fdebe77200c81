/**
 * How fast is the table engine compared with two others on the same rules?
 *
 * Subjects are all tables of the repository, with facts drawn from their cells. First every engine must match the same
 * rules for all facts; tables that the others cannot express are left out and listed. Then the engines run in turn for
 * several rounds, and each figure is the median of the rounds.
 *
 * A second is a second of processor time of the whole process: an engine gains nothing by using threads on other cores,
 * and other processes hardly affect the figures.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { CompiledTable } from "../../subgraphs/pipeline/table/compile.ts";
import { loadTables } from "../../subgraphs/pipeline/table/load.ts";
import type { Facts, Table } from "../../subgraphs/pipeline/table/table.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { drawFacts } from "./drawn-facts.ts";
import { feelFunctions, feelUnaryTests } from "./feel.ts";
import { median } from "./median.ts";
import { zen } from "./zen.ts";
import type { Engine } from "./matches.ts";

export interface EngineFigures {
  readonly tables: readonly string[];
  /** Table and reason. */
  readonly leftOut: readonly string[];
  /** Facts for which all engines matched the same rules. */
  readonly agreed: number;
  readonly identityPerSecond: number;
  readonly evaluationsPerSecond: number;
  readonly zenPerSecond: number;
  /** Cells as functions, parsed once. */
  readonly feelPerSecond: number;
  /** Cells as unary tests, which feelin parses at each call. */
  readonly feelUnaryTestsPerSecond: number;
  /** Our evaluations for each evaluation of a rival. */
  readonly ratios: Ratios;
  /** Our identities for each evaluation of a rival. */
  readonly identityRatios: Ratios;
}
type Ratios = Readonly<Record<keyof typeof RIVALS, number>>;

export async function benchEngine(): Promise<EngineFigures> {
  const all = await allTables();
  const subjects = all.filter(({ table }) => obstacle(table) === undefined);
  const facts = subjects.map(({ table }) => drawFacts(table, FACTS_A_TABLE));
  const ready = (engine: (table: Table) => Engine) => subjects.map(({ table }) => engine(table));
  const runs: Readonly<Record<Name, Run>> = {
    identity: { steps: subjects.map((table) => (facts) => facts.map((one) => table.identity(one))), batch: 100 },
    evaluation: { steps: subjects.map((table) => (facts) => facts.map((one) => table.evaluate(one))), batch: 100 },
    zen: { steps: ready(RIVALS.zen), batch: 100 },
    feel: { steps: ready(RIVALS.feel), batch: 100 },
    feelUnaryTests: { steps: ready(RIVALS.feelUnaryTests), batch: 10 },
  };
  for (const [name, engine] of Object.entries(RIVALS)) await assertAgreement(name, ready(engine), subjects, facts);
  const speeds = await runRounds(runs, facts);

  const perSecond = (name: Name) => Math.round(median(speeds[name]));
  const ratio = (name: Name, rival: Name) =>
    Number(median(speeds[name].map((speed, round) => speed / (speeds[rival][round] ?? NaN))).toPrecision(3));
  const ratios = (name: Name): Ratios => ({
    zen: ratio(name, "zen"),
    feel: ratio(name, "feel"),
    feelUnaryTests: ratio(name, "feelUnaryTests"),
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

/** Why a table cannot be compared: what the others cannot express, or only slowly. Undefined where it can. */
function obstacle({ key, hitPolicy, inputs }: Table): string | undefined {
  if (hitPolicy !== "RULE ORDER") return `${key}: hit policy ${hitPolicy}, which answers fewer rules than match`;
  if (inputs.some(({ type }) => type === "date")) return `${key}: a date, which each engine reads in its own way`;
  return undefined;
}

async function assertAgreement(
  name: string,
  engines: readonly Engine[],
  subjects: readonly CompiledTable[],
  facts: readonly (readonly Facts[])[],
): Promise<void> {
  for (const [index, subject] of subjects.entries()) {
    const all = facts[index] ?? [];
    const matches = await engines[index]?.(all);
    for (const [number, one] of all.entries()) {
      const evaluation = subject.evaluate(one);
      const expected = "failed" in evaluation ? evaluation.failed : String(evaluation.rules);
      const actual = String(matches?.[number]);
      if (actual === expected) continue;
      const got = `expected ${expected}, got ${actual}`;
      throw new Error(`Cannot compare ${name}: ${subject.table.key}: rules for ${JSON.stringify(one)}: ${got}`);
    }
  }
}

/** The first round is a warm-up, and not counted. */
async function runRounds(
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

/** Runs a batch of each table in turn, until the time is over. */
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
