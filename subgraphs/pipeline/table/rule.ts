/**
 * How do the flat maps under `rules` become conditions and rows? An input's cells are `<id>_operator` and
 * `<id>_expression`, an output's is `<id>`, and each has an expression language, which must be empty. A key that belongs
 * to no column is refused, because it may be meant as a condition; but editors leave keys with `$$` or null behind.
 */
import { readCondition, readOutput } from "./cell.ts";
import { type Policy, readRanking } from "./hit-policy.ts";
import { attempt, Refusal, type Report, show } from "./problem.ts";
import type { Condition, Literal, Row, Rule, Variable } from "./table.ts";

export interface Columns {
  readonly inputs: readonly Variable[];
  readonly outputs: readonly Variable[];
  /** False if another column could not be read: an unknown key may then belong to it. */
  readonly complete: boolean;
}

/** Reads all rules and reports every cell that cannot be read. */
export function readRules(
  rules: readonly unknown[],
  columns: Columns,
  policy: Policy,
  report: Report,
): readonly Rule[] {
  const keys = keysOf(columns, report);
  const rankings = columns.outputs.map((output) =>
    attempt(report, `${locationOf("output", output)}, entries`, () => readRanking(policy, output)),
  );
  return rules.map((rule, index) => {
    const number = index + 1;
    const reportRule: Report = (location, problem) => report(`rule ${number}${location && `, ${location}`}`, problem);
    const cells = readCells(rule, keys, columns.complete, reportRule);
    return {
      number,
      conditions: columns.inputs.map((input) => readInput(input, cells, reportRule)),
      row: readRow(columns.outputs, rankings, cells, reportRule),
    };
  });
}

export function locationOf(side: "input" | "output", { name, type }: Variable): string {
  return `${side} ${show(name)} (${type})`;
}

type Cells = ReadonlyMap<string, unknown>;

/** The cell that a key of a rule belongs to. */
interface Key {
  readonly location: string;
  readonly isLanguage: boolean;
}

/** Every key a rule may have. Ids that would share a key, such as `a` and `a_operator`, are refused. */
function keysOf({ inputs, outputs }: Columns, report: Report): ReadonlyMap<string, Key> {
  const keys = new Map<string, Key>();
  const addKeys = (location: string, id: string, cells: readonly string[]) => {
    const languages = [`${id}_expressionLanguage`, `${id}_operator_expressionLanguage`];
    if ([...cells, ...languages].some((key) => keys.has(key))) {
      report(location, `expected an id of its own, got ${show(id)}`);
    }
    for (const key of cells) keys.set(key, { location, isLanguage: false });
    for (const key of languages) keys.set(key, { location, isLanguage: true });
  };
  for (const input of inputs)
    addKeys(locationOf("input", input), input.id, [`${input.id}_operator`, `${input.id}_expression`]);
  for (const output of outputs) addKeys(locationOf("output", output), output.id, [output.id]);
  return keys;
}

function readCells(rule: unknown, keys: ReadonlyMap<string, Key>, complete: boolean, report: Report): Cells {
  if (typeof rule !== "object" || rule === null || Array.isArray(rule)) {
    report("", `expected an object, got ${show(rule)}`);
    return new Map();
  }
  const cells = new Map<string, unknown>(Object.entries(rule));
  for (const [name, cell] of cells) {
    const key = keys.get(name);
    const isLeftover = name.startsWith("$$") || cell === null;
    if (key === undefined && complete && !isLeftover) {
      report("", `expected cells of this table's columns, got ${show(name)}`);
    }
    if (key?.isLanguage === true && cell !== "" && cell !== null) {
      report(key.location, `expected no expression language, got ${show(cell)}`);
    }
  }
  return cells;
}

function readInput(input: Variable, cells: Cells, report: Report): Condition | null {
  const read = () =>
    readCondition(input.type, text(cells, `${input.id}_operator`, ""), text(cells, `${input.id}_expression`, "-"));
  return attempt(report, locationOf("input", input), read) ?? null;
}

function readRow(
  outputs: readonly Variable[],
  rankings: readonly (readonly Literal[] | undefined)[],
  cells: Cells,
  report: Report,
): Row {
  const entries = outputs.flatMap((output, column) => {
    const read = () => readRanked(output, text(cells, output.id, ""), rankings[column]);
    const value = attempt(report, locationOf("output", output), read) ?? null;
    return value === null ? [] : [[output.name, value] as const];
  });
  return Object.freeze(Object.fromEntries(entries));
}

/** Engines differ on whether a value without a rank comes first or last, so it is refused. */
function readRanked(output: Variable, cell: string, ranking: readonly Literal[] | undefined): Literal | null {
  const value = readOutput(output.type, cell);
  if (ranking === undefined || ranking.some((entry) => entry === value)) return value;
  throw new Refusal(
    `one of the entries ${output.entries.map(show).join(", ")}`,
    value === null ? "nothing" : show(cell),
  );
}

/** The text of a cell, or what a missing one means. */
function text(cells: Cells, key: string, missing: string): string {
  const cell = cells.get(key) ?? missing;
  if (typeof cell !== "string") throw new Refusal("text", show(cell));
  return cell;
}
