/** How conditions are written for people and browsers: each of the tables here is read back as it was. */
import { describe, expect, it } from "vitest";
import { compile } from "../../../subgraphs/pipeline/table/compile.ts";
import { digestOfTable } from "../../../subgraphs/pipeline/table-digest.ts";
import { conditionOf, writeCondition } from "../../../subgraphs/pipeline/table/written.ts";
import { join } from "node:path";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { configurable } from "../../../subgraphs/registry.ts";

const folders = configurable.subgraphs.map((name) => join(projectRoot(), "subgraphs", name));
const tables = (await Promise.all(folders.map(loadTables))).flat();

describe("a condition", () => {
  it.each(tables.map(({ table }) => [table.key, table] as const))("of %s is read back as it was", (_key, table) => {
    const rules = table.rules.map((rule) => ({
      ...rule,
      conditions: table.inputs.map(({ type }, column) => {
        const condition = rule.conditions[column] ?? null;
        return condition && conditionOf(type, JSON.parse(JSON.stringify(writeCondition(type, condition))));
      }),
    }));
    expect(rules).toEqual(table.rules);
    expect(digestOfTable(compile({ ...table, rules }).table)).toBe(digestOfTable(table));
  });

  it("shows a date as its day, and other values as they are", () => {
    const test = { kind: ">=", values: [Date.parse("2026-03-10")] } as const;
    const written = writeCondition("date", { test, holds: true, isList: false });
    expect(written).toEqual({ operator: ">=", values: ["2026-03-10"] });
    expect(writeCondition("string", { test: { kind: "in", values: ["DE"] }, holds: false, isList: true })).toEqual({
      operator: "IS NOT IN",
      values: ["DE"],
    });
  });

  it("with an operator that its column does not have is refused", () => {
    expect(() => conditionOf("boolean", { operator: "<", values: [1] })).toThrow('an operator of the column, got "<"');
  });
});
