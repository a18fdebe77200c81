import { describe, expect, it } from "vitest";
import { FactError } from "../../../subgraphs/pipeline/table/fact.ts";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import { typedInputs } from "../../../subgraphs/pipeline/service/typed-inputs.ts";

const table = (await loadTables("test/tables/opentext")).find((each) => each.table.key === "types")?.table;
if (table === undefined) throw new Error("test/tables/opentext has no table types");

describe("typed inputs", () => {
  it.each([
    ["text", "yes", "string", "yes"],
    ["text", "", "string", ""],
    ["number", 0, "integer", 0],
    ["number", -2_147_483_648, "integer", -2_147_483_648],
    ["number", 2_147_483_648, "long", 2_147_483_648],
    ["number", Number.MAX_SAFE_INTEGER, "long", Number.MAX_SAFE_INTEGER],
    ["number", 2 ** 53, "double", 2 ** 53],
    ["number", 1.5, "double", 1.5],
    ["flag", false, "boolean", false],
    ["day", "2026-01-02", "localDate", "2026-01-02"],
    ["day", "2026-01-02T01:00:00.1239+02:00", "instant", "2026-01-01T23:00:00.123Z"],
    ["tags", ["red", 7], undefined, ["red", 7]],
    ["tags", [], undefined, []],
  ] as const)("send %s %j as %s", (name, fact, type, value) => {
    expect(typedInputs(table, { [name]: fact })).toEqual([{ name, type, value }]);
  });

  it("are in the table's order, without null facts and facts that are not inputs", () => {
    const inputs = typedInputs(table, { tags: [], other: 1, flag: null, number: 1, text: "a" });
    expect(inputs.map(({ name }) => name)).toEqual(["text", "number", "tags"]);
  });

  it.each([
    ["text", 1],
    ["number", Number.NaN],
    ["number", Infinity],
    ["flag", "true"],
    ["day", "2026-02-30"],
    ["day", 0],
    ["tags", "red"],
    ["tags", [Number.NaN]],
  ])("refuse %s: %j", (name, fact) => {
    expect(() => typedInputs(table, { [name]: fact })).toThrow(FactError);
  });
});
