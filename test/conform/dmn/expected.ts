/**
 * What should the engine answer, by the table engine of this project? The same rows, in the order of its hash map, with the
 * values as its REST interface writes them. Three habits of it are known and are no differences:
 * - an empty text is a value, so its row has it; a row without any value is left out;
 * - a date comes as an instant;
 * - PRIORITY without a match is a failure.
 */
import { compile, type CompiledTable } from "../../../subgraphs/pipeline/table/compile.ts";
import { applyHitPolicy } from "../../../subgraphs/pipeline/table/hit-policy.ts";
import type { Facts, Row, Rule, Table } from "../../../subgraphs/pipeline/table/table.ts";
import type { Executed } from "./engine.ts";
import { hashOrder } from "./hash-order.ts";

export interface Answer {
  readonly failed: boolean;
  readonly rows: readonly Row[];
}

/** The answer to facts, and the numbers of the rules that match, whatever the hit policy makes of them. */
export interface Expected extends Answer {
  readonly matched: readonly number[];
}

export function expectationOf({ table }: CompiledTable): (facts: Facts) => Expected {
  const { aggregator: _aggregator, ...rest } = table;
  const all = compile({ ...rest, hitPolicy: "RULE ORDER" });
  const answer = applyHitPolicy(table);
  return (facts) => {
    const evaluation = all.evaluate(facts);
    if ("failed" in evaluation) throw new Error(evaluation.failed);
    const matched = evaluation.rules;
    const rules = matched.flatMap((number): readonly Rule[] => table.rules.filter((rule) => rule.number === number));
    const isFirst = table.hitPolicy === "FIRST";
    const answered = answer(isFirst ? rules : hashOrder(rules));
    if ("failed" in answered || (table.hitPolicy === "PRIORITY" && matched.length === 0)) {
      return { failed: true, rows: [], matched };
    }
    const rows = answered.rows.map((row) => written(row, table)).filter((row) => Object.keys(row).length > 0);
    return { failed: false, rows, matched: isFirst ? matched.slice(0, 1) : matched };
  };
}

/** The answer in the reply of the engine. */
export function answerOf({ status, body, failed }: Executed, { outputs }: Table): Answer {
  if (status !== 201 || failed !== undefined) return { failed: true, rows: [] };
  const types = new Map(outputs.map(({ name, type }) => [name, type]));
  const rows = (body.resultVariables ?? []).map((variables) => {
    const entries = variables.map(({ name, value }) => [name, types.get(name) === "date" ? instant(value) : value]);
    return Object.fromEntries(entries) as Row;
  });
  return { failed: false, rows };
}

/** Rows as text, in which their outputs have one order. */
export function textOf({ failed, rows }: Answer): string {
  if (failed) return "failed";
  const sorted = rows.map((row) => Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))));
  return JSON.stringify(sorted);
}

function written(row: Row, { outputs, aggregator }: Table): Row {
  const entries = outputs.flatMap(({ name, type }) => {
    const value = row[name] ?? (type === "string" && aggregator === undefined ? "" : undefined);
    return value === undefined ? [] : [[name, type === "date" ? instant(value) : value] as const];
  });
  return Object.fromEntries(entries);
}

function instant(value: unknown): string {
  const time = Date.parse(String(value));
  return Number.isNaN(time) ? `no date: ${String(value)}` : new Date(time).toISOString();
}
