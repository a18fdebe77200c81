/**
 * Which facts does a bench evaluate a table with?
 *
 * Values of its cells, values next to them, and one that is in no cell; the same on every machine. One fact in twenty is
 * unknown, but never a collection: an unknown collection is an error to the other engines.
 */
import type { Fact, Facts, Literal, Table, Variable } from "../../subgraphs/pipeline/table/table.ts";
import { integer, pick, random } from "../../subgraphs/sandbox/world/random.ts";

export function drawFacts(table: Table, count: number): readonly Facts[] {
  const pools = table.inputs.map((input, column) => ({ input, pool: poolOf(input, valuesOf(table, column)) }));
  return Array.from({ length: count }, (_, index) =>
    Object.fromEntries(pools.map(({ input, pool }) => [input.name, draw(input, pool, [table.key, input.name, index])])),
  );
}

function valuesOf({ rules }: Table, column: number): readonly Literal[] {
  return [...new Set(rules.flatMap(({ conditions }) => conditions[column]?.test.values ?? []))];
}

function poolOf({ type }: Variable, values: readonly Literal[]): readonly Literal[] {
  if (type === "boolean") return [true, false];
  if (type === "number") return [0, ...values.map(Number).flatMap((value) => [value - 1, value, value + 0.5])];
  return [...values, "something else"];
}

function draw({ type }: Variable, pool: readonly Literal[], name: readonly (string | number)[]): Fact {
  if (type !== "collection") return random(...name, "known") < 0.05 ? null : pick(pool, ...name);
  const items = Array.from({ length: integer(0, 3, ...name, "size") }, (_, item) => pick(pool, ...name, item));
  return [...new Set(items.filter((item) => typeof item !== "boolean"))];
}
