/**
 * Would the cases beside a table notice a slip in it? Each mutant of the table has one: a cell, an operator, a value, the order of
 * two rows or an output is another. It is killed by a case that it answers otherwise, or proven equivalent; what is left
 * survives, with facts for a case that would kill it.
 */
import type { OutputWays } from "../table/output-way.ts";
import { SEVEREST_FIRST } from "../../../schema/verdict.ts";
import { compile } from "../table/compile.ts";
import type { Constraint } from "../table/diagram/constraint.ts";
import { diff } from "../table/diagram/diff.ts";
import type { Condition, Facts, Literal, Rule, Table, Test } from "../table/table.ts";
import { failedCases } from "./cases.ts";
import type { Case } from "./case.ts";
import { caseOutcome } from "../table/outcome.ts";

export interface Mutant {
  /** `rule 3, age: without its cell` */
  readonly change: string;
  readonly table: Table;
}

export interface MutantsFound {
  readonly mutants: number;
  readonly killed: number;
  readonly equivalent: number;
  readonly survived: readonly { readonly change: string; readonly witness: Facts }[];
}

export interface MutantOptions {
  readonly constraints?: readonly Constraint[] | undefined;
  readonly outputs: OutputWays;
}

export function testMutants(table: Table, cases: readonly Case[], options: MutantOptions): MutantsFound {
  const survived: { readonly change: string; readonly witness: Facts }[] = [];
  const mutants = mutantsOf(table, options.outputs);
  let [killed, equivalent] = [0, 0];
  for (const mutant of mutants) {
    if (failedCases(compile(mutant.table), options.outputs, cases).length > 0) killed += 1;
    else {
      const witness = witnessAgainst(table, mutant, options);
      if (witness) survived.push({ change: mutant.change, witness });
      else equivalent += 1;
    }
  }
  return { mutants: mutants.length, killed, equivalent, survived };
}

/** Cases that kill every mutant that is not equivalent, the given ones first. */
export function generateCases(table: Table, given: readonly Case[], options: MutantOptions): readonly Case[] {
  const cases = [...given];
  const compiled = compile(table);
  for (const mutant of mutantsOf(table, options.outputs)) {
    if (failedCases(compile(mutant.table), options.outputs, cases).length > 0) continue;
    const facts = witnessAgainst(table, mutant, options);
    if (facts) cases.push({ facts, expected: caseOutcome(compiled, facts, options.outputs) });
  }
  return cases;
}

function witnessAgainst(table: Table, mutant: Mutant, options: MutantOptions): Facts | undefined {
  const { changes, outputs } = diff(table, mutant.table, options);
  return (changes[0] ?? outputs[0])?.witness;
}

export function mutantsOf(table: Table, ways: OutputWays): readonly Mutant[] {
  const withRule = (rule: Rule, change: string): Mutant => ({
    change: `rule ${rule.number}, ${change}`,
    table: { ...table, rules: table.rules.with(rule.number - 1, rule) },
  });
  return table.rules.flatMap((rule, index) => {
    const cells = table.inputs.flatMap(({ name }, column) => {
      const condition = rule.conditions[column] ?? null;
      if (condition === null) return [];
      return conditionsNear(condition).map(({ change, other }) =>
        withRule({ ...rule, conditions: rule.conditions.with(column, other) }, `${name}: ${change}`),
      );
    });
    const outputs = ["verdict", ...Object.keys(ways)].flatMap((output) =>
      valuesNear(output, rule.row[output]).map((value) =>
        withRule({ ...rule, row: rowWith(rule, output, value) }, `${output}: ${value ?? "none"}`),
      ),
    );
    const next = table.rules[index + 1];
    const swapped = next
      ? [{ change: `rules ${index + 1} and ${index + 2}: swapped`, table: withRows(table, index, next, rule) }]
      : [];
    return [...cells, ...outputs, ...swapped];
  });
}

function withRows(table: Table, index: number, first: Rule, second: Rule): Table {
  const rules = [
    { ...first, number: index + 1 },
    { ...second, number: index + 2 },
  ];
  return { ...table, rules: table.rules.toSpliced(index, 2, ...rules) };
}

function rowWith({ row }: Rule, output: string, value: Literal | null): Rule["row"] {
  const { [output]: _old, ...others } = row;
  return value === null ? others : { ...others, [output]: value };
}

function conditionsNear(
  condition: Condition,
): readonly { readonly change: string; readonly other: Condition | null }[] {
  const { test, holds, isList } = condition;
  const { kind, values } = test;
  const near: readonly Test[] = [
    ...(NEAR[kind] ?? []).map((other) => ({ kind: other, values })),
    ...valuesOfTestNear(test).map((others) => ({ kind, values: others })),
  ];
  return [
    { change: "without its cell", other: null },
    { change: "negated", other: { test, holds: !holds, isList } },
    ...near.map((other) => ({
      change: `${other.kind} ${other.values.join(", ")}`,
      other: { test: other, holds, isList },
    })),
  ];
}

const NEAR: Readonly<Partial<Record<Test["kind"], readonly Test["kind"][]>>> = {
  "<": ["<=", ">"],
  "<=": ["<", ">="],
  ">": [">=", "<"],
  ">=": [">", "<="],
  "any of": ["all of"],
  "all of": ["any of"],
};

function valuesOfTestNear({ values }: Test): readonly (readonly Literal[])[] {
  const [first] = values;
  if (values.length > 1) return values.map((_value, index) => values.toSpliced(index, 1));
  return typeof first === "number" ? [[first - 1], [first + 1]] : [];
}

function valuesNear(output: string, value: Literal | undefined): readonly (Literal | null)[] {
  if (output === "verdict") return SEVEREST_FIRST.filter((verdict) => verdict !== value);
  if (value === undefined || value === "") return [];
  return [null, typeof value === "number" ? value + 1 : `${String(value)}-other`];
}
