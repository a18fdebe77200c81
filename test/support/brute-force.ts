/**
 * What do two random tables say of every cell, one by one? Shares no code with the engine, nor with its diagrams.
 *
 * Each input's facts are listed and those that no cell tells apart are one; then all combinations are counted by the rules
 * of both versions that match. Over 200 lines, because it says anew what tables, hit policies and constraints mean.
 */
import type { OutputWay } from "../../subgraphs/pipeline/table/output-way.ts";
import type { Constraint, Implication } from "../../subgraphs/pipeline/table/diagram/constraint.ts";
import type { Fact, Facts, VariableType } from "../../subgraphs/pipeline/table/table.ts";
import type { RandomCell, RandomInput, RandomPair, RandomRule, RandomTable } from "./random-tables.ts";
import { rankOf } from "./random-tables.ts";

/** Facts of one input that nothing tells apart. */
export interface Representative {
  readonly fact: Fact;
  /** A bit for each rule whose cell holds. */
  readonly before: number;
  readonly after: number;
  /** A bit for each implication. */
  readonly where: number;
  readonly means: number;
}

/** How many possible cells match these rules. */
export interface Matched {
  readonly before: number;
  readonly after: number;
  cells: number;
}

/** Of each input, in their order. */
export function representatives(
  { before, after, constraints, nullable }: RandomPair,
  only: { readonly unknown?: string | undefined; readonly known?: boolean } = {},
): readonly (readonly Representative[])[] {
  const implications = constraints.filter((each) => "where" in each).filter((each) => !isAbout(each, only.unknown));
  return before.inputs.map((input, column) => {
    const cellsOf = ({ rules }: RandomTable): readonly RandomCell[] => rules.map(({ cells }) => cells[column] ?? NONE);
    const given = constraints
      .filter((each) => "where" in each)
      .flatMap(({ where, means }) => [where[input.name], means[input.name]])
      .filter((value) => value !== undefined);
    const cells = [...cellsOf(before), ...cellsOf(after)];
    const known = factsOf(input, cells, given, constraints);
    const facts =
      only.unknown === input.name
        ? [null]
        : only.unknown === undefined && only.known !== true && nullable.has(input.name)
          ? [...known, null]
          : known;
    const byKey = new Map<string, Fact>();
    for (const fact of facts) {
      const key = keyOf(input.type, cells, given, fact);
      if (!byKey.has(key)) byKey.set(key, fact);
    }
    const maskOf = (conditions: readonly boolean[]): number =>
      conditions.reduce((mask, holds, bit) => (holds ? mask | (1 << bit) : mask), 0);
    return Array.from(byKey.values(), (fact) => ({
      fact,
      before: maskOf(cellsOf(before).map((cell) => holdsFor(cell, input.type, fact))),
      after: maskOf(cellsOf(after).map((cell) => holdsFor(cell, input.type, fact))),
      where: maskOf(implications.map(({ where }) => isGiven(where[input.name], fact, cells))),
      means: maskOf(implications.map(({ means }) => isGiven(means[input.name], fact, cells))),
    }));
  });
}

/** Calls `visit` for each possible cell, with the index of the fact of each input. */
export function eachCell(
  inputs: readonly (readonly Representative[])[],
  visit: (before: number, after: number, indexes: readonly number[]) => void,
): void {
  const indexes = inputs.map(() => 0);
  const walk = (column: number, before: number, after: number, where: number, means: number): void => {
    const choices = inputs[column];
    if (!choices) {
      if ((where & ~means) === 0) visit(before, after, indexes);
      return;
    }
    for (let index = 0; index < choices.length; index++) {
      const choice = choices[index];
      if (!choice) continue;
      indexes[column] = index;
      walk(column + 1, before & choice.before, after & choice.after, where & choice.where, means & choice.means);
    }
  };
  walk(0, -1, -1, -1, -1);
}

export function matchedBy(inputs: readonly (readonly Representative[])[]): readonly Matched[] {
  const found = new Map<number, Matched>();
  eachCell(inputs, (before, after) => {
    const key = (before & 0xffff) * 0x10000 + (after & 0xffff);
    const matched = found.get(key);
    if (matched) matched.cells += 1;
    else found.set(key, { before, after, cells: 1 });
  });
  return [...found.values()];
}

/** The rows that the hit policy gives, in its order; none where it is violated. */
export function rowsGiven({ rules, policy }: RandomTable, mask: number): readonly RandomRule[] {
  const matched = rules.filter((_rule, bit) => ((mask >> bit) & 1) === 1);
  const ranked = matched.toSorted((left, right) => rankOf(left) - rankOf(right));
  if (policy === "UNIQUE") return matched.length > 1 ? [] : matched;
  if (policy === "ANY") {
    // The reason's code is unlike in all rules.
    return matched.length > 1 ? [] : matched;
  }
  if (policy === "FIRST") return matched.slice(0, 1);
  if (policy === "PRIORITY") return ranked.slice(0, 1);
  return policy === "OUTPUT ORDER" ? ranked : matched;
}

export function verdictOf(rows: readonly RandomRule[]): string | null {
  return (
    ["DENY", "REVIEW", "ALLOW"].find((verdict) => rows.some(({ outputs }) => outputs["verdict"] === verdict)) ?? null
  );
}

/** One value, or a list. */
export function outputOf(rows: readonly RandomRule[], output: string, way: OutputWay | undefined): unknown {
  const verdict = verdictOf(rows);
  const winning = rows.filter(({ outputs }) => outputs["verdict"] === verdict).map(({ outputs }) => outputs);
  const texts = winning.map((outputs) => outputs[output] ?? "").filter((text) => text !== "");
  if (way === "first") return texts[0] ?? null;
  if (way === "lowest") return texts.length === 0 ? null : Math.min(...texts.map(Number));
  if (way === "highest") return texts.length === 0 ? null : Math.max(...texts.map(Number));
  if (typeof way === "object") return winning.find((outputs) => outputs[way.beside] !== "")?.[output] || null;
  return [...new Set(way === "list" ? texts.flatMap((text) => text.split(/ *, */)) : texts)];
}

/** Whether facts break no constraint. */
export function isPossible({ before, after, constraints }: RandomPair, facts: Facts): boolean {
  const cellsOf = (name: string): readonly RandomCell[] => {
    const column = before.inputs.findIndex((input) => input.name === name);
    return [...before.rules, ...after.rules].map(({ cells }) => cells[column] ?? NONE);
  };
  const given = (values: Implication["where"]): boolean =>
    Object.entries(values).every(([name, value]) => isGiven(value, facts[name] ?? null, cellsOf(name)));
  return constraints.every((each) => {
    if ("where" in each) return !given(each.where) || given(each.means);
    const fact = facts["number" in each ? each.number : each.text] ?? null;
    return fact === null || isAllowed(each, fact);
  });
}

const NONE: RandomCell = { operator: "", values: [] };
const NEGATIONS = new Map([
  ["!=", "=="],
  ["IS NOT IN", "IS IN"],
  ["NONE OF", "ANY OF"],
  ["NOT ALL OF", "ALL OF"],
]);

export function holdsFor({ operator, values }: RandomCell, type: VariableType, fact: Fact): boolean {
  const positive = NEGATIONS.get(operator);
  if (operator === "") return true;
  if (positive !== undefined) return !holdsFor({ operator: positive, values }, type, fact);
  if (fact === null) return false;
  if (typeof fact === "object") {
    const held = (value: unknown): boolean => fact.some((item) => item === value);
    return operator === "ANY OF" ? values.some(held) : values.every(held);
  }
  const plain = (value: unknown): number => (type === "date" ? Date.parse(String(value)) : Number(value));
  const [left, right] = [plain(fact), plain(values[0])];
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  if (operator === ">") return left > right;
  if (operator === ">=") return left >= right;
  return values.includes(fact);
}

function isGiven(value: unknown, fact: Fact, cells: readonly RandomCell[]): boolean {
  if (value === undefined) return true;
  if (!Array.isArray(value)) return fact === value;
  const named = new Set<unknown>(cells.flatMap((cell) => cell.values));
  return fact === null || (typeof fact === "object" && !fact.some((item) => named.has(item)));
}

function isAllowed(constraint: Exclude<Constraint, Implication>, fact: Fact): boolean {
  if ("text" in constraint) return constraint.oneOf.some((text) => text === fact);
  const { whole = false, from = -Infinity, to = Infinity } = constraint;
  return typeof fact === "number" && fact >= from && fact <= to && (!whole || Number.isInteger(fact));
}

function isAbout({ where, means }: Implication, input: string | undefined): boolean {
  return input !== undefined && (input in where || input in means);
}

/** Facts of every kind that cells may tell apart, without null. */
function factsOf(
  { name, type }: RandomInput,
  cells: readonly RandomCell[],
  given: readonly unknown[],
  constraints: readonly Constraint[],
): readonly Fact[] {
  const values = [...new Set([...cells.flatMap((cell) => cell.values), ...given.flat()])];
  const own = constraints.flatMap((each) => {
    if ("where" in each) return [];
    return ("number" in each ? each.number : each.text) === name ? [each] : [];
  });
  const allowed = (fact: Fact): boolean => own.every((each) => isAllowed(each, fact));
  if (type === "boolean") return [true, false];
  if (type === "string") return [...values.map(String), "a", "b", "d", "z", "zzz"].filter(allowed);
  if (type === "number") {
    const near = values.map(Number).flatMap((value) => [-1, -0.5, -0.25, 0, 0.25, 0.5, 1].map((step) => value + step));
    return [...near, -1000, -3, -1.5, 0, 3, 10, 12.5, 1000].filter(allowed);
  }
  if (type === "date") {
    const days = values.map((value) => Date.parse(String(value)) / 86_400_000);
    const near = days.flatMap((day) => [day - 1, day, day + 1]);
    return [...near, 0].map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));
  }
  return Array.from({ length: 1 << values.length }, (_, mask) =>
    values.filter((_value, bit) => ((mask >> bit) & 1) === 1).map(String),
  );
}

/** Equal for facts that no cell of either version tells apart. */
function keyOf(type: VariableType, cells: readonly RandomCell[], given: readonly unknown[], fact: Fact): string {
  if (fact === null) return "unknown";
  if (typeof fact !== "object") {
    return JSON.stringify([
      cells.map((cell) => holdsFor(cell, type, fact)),
      given.map((value) => !Array.isArray(value) && value === fact),
    ]);
  }
  const kinds = fact.map((item) => {
    const naming = cells.flatMap((cell, index) =>
      cell.values.some((value) => value === item) ? [{ cell, index }] : [],
    );
    const isAlone = naming.some(({ cell }) => cell.operator.includes("ALL OF"));
    // The same list is the same condition, in whatever rule.
    const lists = new Set(naming.map(({ cell }) => cell.values.map(String).toSorted().join("+")));
    return isAlone ? `=${item}` : [...lists].toSorted().join("/");
  });
  return JSON.stringify([...new Set(kinds)].toSorted());
}
