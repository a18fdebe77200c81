/**
 * Which examples stand beside a table, and does it still answer them so? `<key>.cases.csv` has a line for each: a column for
 * each input, then the verdict and the decision's own outputs. Items of a collection are separated by `; `, and a fact that is
 * unknown is empty. What would read otherwise then, such as the empty text, is written as JSON. `<key>.cases.json` has the same:
 * see json-cases.ts.
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { OutputWays } from "../table/output-way.ts";
import type { CompiledTable } from "../table/compile.ts";
import type { Fact, Table, VariableType } from "../table/table.ts";
import { caseOutcome } from "../table/outcome.ts";
import { isJsonOfCases, readJsonCases } from "./json-cases.ts";
import type { Case } from "./case.ts";

export function writeCases({ inputs }: Table, ways: OutputWays, cases: readonly Case[]): string {
  const outputs = ["verdict", ...Object.keys(ways)];
  const header = [...inputs.map(({ name }) => name), ...outputs];
  const lines = cases.map(({ facts, expected }) => [
    ...inputs.map(({ name, type }) => factText(type, facts[name] ?? null)),
    ...outputs.map((output) => expected[output] ?? ""),
  ]);
  return [header, ...lines].map((cells) => `${cells.map(cellText).join(",")}\n`).join("");
}

/** Throws an Error that names the line and what of it cannot be read. */
export function readCases(table: Table, ways: OutputWays, text: string): readonly Case[] {
  const { inputs } = table;
  const outputs = ["verdict", ...Object.keys(ways)];
  if (isJsonOfCases(text)) return readJsonCases(table, outputs, text);
  const [header = [], ...lines] = readCsv(text);
  const columns = [...inputs.map(({ name }) => name), ...outputs];
  const missing = columns.filter((name) => !header.includes(name));
  if (missing.length > 0) throw new Error(`Cannot read cases: expected a column for ${missing.join(", ")}`);
  return lines.map((cells, index) => {
    if (cells.length !== header.length)
      throw new Error(`Cannot read case ${index + 1}: expected ${header.length} cells, got ${cells.length}`);
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

function factText(type: VariableType, fact: Fact): string {
  if (fact === null) return "";
  const text = typeof fact === "object" ? fact.join(BETWEEN_ITEMS) : String(fact);
  const isPlain = isDeepStrictEqual(readPlain(type, text), fact) && !text.startsWith(JSON_OF[type] ?? "\n");
  return isPlain ? text : JSON.stringify(fact);
}

/** Undefined for what is none of that type. */
function readFact(type: VariableType, text: string): Fact | undefined {
  return text.startsWith(JSON_OF[type] ?? "\n") ? readWritten(type, text) : readPlain(type, text);
}

const BETWEEN_ITEMS = "; ";
/** How JSON of a type begins that is written at times. */
const JSON_OF: Readonly<Partial<Record<VariableType, string>>> = { string: '"', collection: "[" };

const Written = { string: z.string(), collection: z.array(z.string()) };

function readWritten(type: VariableType, text: string): Fact | undefined {
  try {
    return Written[type === "collection" ? type : "string"].parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function readPlain(type: VariableType, text: string): Fact | undefined {
  if (type === "collection") return text === "" ? [] : text.split(BETWEEN_ITEMS);
  if (text === "") return null;
  if (type === "number") return Number.isFinite(Number(text)) ? Number(text) : undefined;
  if (type !== "boolean") return text;
  return text === "true" ? true : text === "false" ? false : undefined;
}

function cellText(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** RFC 4180: a cell may stand in quotes, and a quote doubled inside of them is one. Empty lines are left out. Throws an Error. */
function readCsv(text: string): readonly (readonly string[])[] {
  const lines: (readonly string[])[] = [];
  let cells: string[] = [];
  let at = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  while (at < text.length || cells.length > 0) {
    CELL.lastIndex = at;
    const [cell, quoted, plain = "", end = ""] = CELL.exec(text) ?? [];
    if (cell === undefined)
      throw new Error(`Cannot read cases: a cell has quotes that are not around all of it: ${text.slice(at, at + 40)}`);
    at += cell.length;
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    if (cells.length > 1 || cells[0] !== "") lines.push(cells);
    cells = [];
  }
  return lines;
}

const BYTE_ORDER_MARK = "\uFEFF";
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
