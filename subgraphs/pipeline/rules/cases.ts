/**
 * Which examples stand beside a table, and does it still answer them so? `<key>.cases.csv` has a line for each: a column for
 * each input, then the verdict and the decision's own outputs. Items of a collection are separated by `; `, and a fact that is
 * unknown is empty.
 */
import type { OutputWays } from "../table/output-way.ts";
import type { CompiledTable } from "../table/compile.ts";
import type { Fact, Facts, Table, VariableType } from "../table/table.ts";
import { caseOutcome } from "./outcome.ts";
import type { CaseOutcome } from "./outcome.ts";

export interface Case {
  readonly facts: Facts;
  readonly expected: CaseOutcome;
}

export function writeCases({ inputs }: Table, ways: OutputWays, cases: readonly Case[]): string {
  const outputs = ["verdict", ...Object.keys(ways)];
  const header = [...inputs.map(({ name }) => name), ...outputs];
  const lines = cases.map(({ facts, expected }) => [
    ...inputs.map(({ name }) => factText(facts[name] ?? null)),
    ...outputs.map((output) => expected[output] ?? ""),
  ]);
  return [header, ...lines].map((cells) => `${cells.map(cellText).join(",")}\n`).join("");
}

/** Throws an Error that names the line and what of it cannot be read. */
export function readCases({ inputs }: Table, ways: OutputWays, text: string): readonly Case[] {
  const [header = [], ...lines] = readCsv(text);
  const outputs = ["verdict", ...Object.keys(ways)];
  const columns = [...inputs.map(({ name }) => name), ...outputs];
  const missing = columns.filter((name) => !header.includes(name));
  if (missing.length > 0) throw new Error(`Cannot read cases: expected a column for ${missing.join(", ")}`);
  return lines.map((cells, index) => {
    const cellOf = (name: string): string => cells[header.indexOf(name)] ?? "";
    const facts = inputs.map(({ name, type }) => {
      const fact = readFact(type, cellOf(name));
      if (fact === undefined)
        throw new Error(`Cannot read case ${index + 1}: ${name}: expected a ${type}, got ${cellOf(name)}`);
      return [name, fact] as const;
    });
    return {
      facts: Object.fromEntries(facts),
      expected: Object.fromEntries(outputs.map((output) => [output, cellOf(output)])),
    };
  });
}

/** One line for each case that is answered otherwise, from 1. */
export function failedCases(compiled: CompiledTable, ways: OutputWays, cases: readonly Case[]): readonly string[] {
  return cases.flatMap(({ facts, expected }, index) => {
    const answered = caseOutcome(compiled, facts, ways);
    return Object.entries(expected)
      .filter(([output, value]) => answered[output] !== value)
      .map(
        ([output, value]) =>
          `case ${index + 1}: ${output}: expected ${value || "none"}, got ${answered[output] || "none"}`,
      );
  });
}

function factText(fact: Fact): string {
  if (fact === null) return "";
  return typeof fact === "object" ? fact.join("; ") : String(fact);
}

function readFact(type: VariableType, text: string): Fact | undefined {
  if (type === "collection") return text === "" ? [] : text.split("; ");
  if (text === "") return null;
  if (type === "number") return Number.isFinite(Number(text)) ? Number(text) : undefined;
  if (type !== "boolean") return text;
  return text === "true" ? true : text === "false" ? false : undefined;
}

function cellText(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** RFC 4180: a cell may stand in quotes, and a quote doubled inside of them is one. Empty lines are left out. */
function readCsv(text: string): readonly (readonly string[])[] {
  const lines: (readonly string[])[] = [];
  let cells: string[] = [];
  for (const [, quoted, plain = "", end = ""] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    if (cells.length > 1) lines.push(cells);
    cells = [];
  }
  return lines;
}
