/**
 * Do the decisions that subgraphs declare match the tables that business people edit?
 *
 * They are bound to each other once, at start. A process whose decisions and tables disagree does not start: its error
 * names table, rule and cell of every disagreement. The result is the one list of models in the process.
 */
import { isVerdict } from "../../schema/verdict.ts";
import type { Decision, FactTypes } from "./decision.ts";
import { digestOfTable } from "./table-digest.ts";
import type { CompiledTable } from "./table/compile.ts";
import type { OutputWay } from "./table/output-way.ts";
import type { Row } from "./table/table.ts";
import { CONVENTION } from "./verdict.ts";

/** One decision and its table. */
export interface Model {
  readonly decision: Decision;
  readonly compiled: CompiledTable;
  /** Of the table. */
  readonly digest: string;
  /** The text of its cases; undefined where there are none. */
  readonly cases?: string | undefined;
}
/** By key. */
export type Models = ReadonlyMap<string, Model>;

/** The decisions of a subgraph, and the tables of its folder. */
export interface Declared {
  readonly decisions: readonly Decision[];
  readonly tables: readonly (CompiledTable & Pick<Model, "cases">)[];
}

/** Throws an Error that lists every disagreement. */
export function bindModels(declared: readonly Declared[]): Models {
  const models = new Map<string, Model>();
  const problems: string[] = [];
  for (const { decisions, tables } of declared) {
    const byKey = new Map(tables.map((compiled) => [compiled.table.key, compiled]));
    for (const decision of decisions) {
      const compiled = byKey.get(decision.key);
      byKey.delete(decision.key);
      if (!compiled) problems.push(`decision ${decision.key} has no table ${decision.key}.otdt beside it`);
      else if (models.has(decision.key)) problems.push(`decision ${decision.key} is declared twice`);
      else {
        problems.push(...disagreements(decision, compiled).map((problem) => `${compiled.table.file}: ${problem}`));
        const { cases } = compiled;
        models.set(decision.key, { decision, compiled, digest: digestOfTable(compiled.table), cases });
      }
    }
    for (const { table } of byKey.values())
      problems.push(`${table.file}: no decision of its subgraph has the key ${table.key}`);
  }
  if (problems.length > 0) throw new Error(`Cannot bind decisions to tables:\n  ${problems.join("\n  ")}`);
  return models;
}

/** Why this table cannot decide; empty where it can. */
export function disagreements(decision: Decision, { table }: CompiledTable): string[] {
  return [
    // Under FIRST, the default of a file without a policy, an ALLOW would hide a DENY below it.
    ...(table.hitPolicy === "RULE ORDER" ? [] : [`hit policy: expected RULE ORDER, got ${table.hitPolicy}`]),
    ...typeProblems("input", decision.inputs, table.inputs),
    ...typeProblems("output", { ...CONVENTION_TYPES, ...outputTypes(decision) }, table.outputs),
    ...table.rules.flatMap(({ row }, index) =>
      conventionProblems(row).map((problem) => `rule ${index + 1}, ${problem}`),
    ),
    ...repeatedReasons(table.rules.map(({ row }) => row)),
    ...(table.rules.some((rule) => rule.conditions.every((condition) => condition === null))
      ? []
      : ["no rule matches whatever the facts are, so some subject may stay undecided"]),
  ];
}

/** The service does not say which rule gave a row, so the code must. */
function repeatedReasons(rows: readonly Row[]): string[] {
  const byCode = Map.groupBy(rows.entries(), ([, row]) => row["reason_code"]);
  return Array.from(byCode, ([code, given]) => ({ code, rules: given.map(([index]) => index + 1) }))
    .filter(({ code, rules }) => code !== undefined && rules.length > 1)
    .map(({ code, rules }) => `rules ${rules.join(", ")} have the same reason_code "${String(code)}"`);
}

const CONVENTION_TYPES: FactTypes = Object.fromEntries(CONVENTION.map((name) => [name, "string"]));

function outputTypes({ outputs }: Decision): FactTypes {
  const typeOf = (way: OutputWay) => (way === "lowest" || way === "highest" ? "number" : "string");
  return Object.fromEntries(Object.entries(outputs).map(([name, way]) => [name, typeOf(way)]));
}

function typeProblems(
  kind: "input" | "output",
  declared: FactTypes,
  variables: CompiledTable["table"]["inputs"],
): string[] {
  const inTable = new Map(variables.map(({ name, type }) => [name, type]));
  const missing = Object.keys(declared).filter((name) => !inTable.has(name));
  return [
    ...missing.map((name) => `${kind} "${name}" is declared but not in the table`),
    ...variables.flatMap(({ name, type }) => {
      const expected = declared[name];
      if (expected === undefined) return [`${kind} "${name}" is in the table but not declared`];
      return expected === type ? [] : [`${kind} "${name}" is a ${type} in the table but declared as ${expected}`];
    }),
  ];
}

function conventionProblems(row: Row): string[] {
  return CONVENTION.flatMap((name) => {
    if (row[name] === undefined) return [`output "${name}": is empty`];
    if (name === "verdict" && !isVerdict(row[name]))
      return [`output "verdict": expected ALLOW, REVIEW or DENY, got "${String(row[name])}"`];
    return [];
  });
}
