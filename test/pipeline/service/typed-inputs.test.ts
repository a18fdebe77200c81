import { describe, expect, it } from "vitest";
import { FactError } from "../../../subgraphs/pipeline/table/fact.ts";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import type { Facts } from "../../../subgraphs/pipeline/table/table.ts";
import { typedInputs } from "../../../subgraphs/pipeline/service/typed-inputs.ts";

const table = (await loadTables("test/tables/opentext")).find((each) => each.table.key === "types")?.table;
if (table === undefined) throw new Error("test/tables/opentext has no table types");

const FACTS = { text: "yes", number: 1, flag: true, day: "2026-01-02", tags: ["red"] } as const;

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
    ["number", 1e300, "double", 1e300],
    ["day", "2024-02-29", "date", "2024-02-29"],
  ] as const)("send %s %j as %s", (name, fact, type, value) => {
    const inputs = typedInputs(table, { ...FACTS, [name]: fact });
    expect(inputs.find((input) => input.name === name)).toStrictEqual({ name, type, value });
  });

  it.each([[["red", "7"]], [[]]])("send the list %j without a type", (tags) => {
    expect(typedInputs(table, { ...FACTS, tags })[4]).toStrictEqual({ name: "tags", value: tags });
  });

  it("are in the table's order, without facts that are not inputs", () => {
    const inputs = typedInputs(table, { tags: [], other: 1, day: FACTS.day, flag: false, number: 1, text: "a" });
    expect(inputs.map(({ name }) => name)).toEqual(["text", "number", "flag", "day", "tags"]);
  });

  it.each([
    ["text", "string"],
    ["number", "number"],
    ["flag", "boolean"],
    ["day", "date"],
    ["tags", "collection"],
  ])("refuse a fact that is null or missing: %s", (name, type) => {
    const message = `Cannot evaluate types: input "${name}" (${type}): expected a value, got none`;
    const { [name]: _missing, ...others }: Facts = FACTS;
    for (const facts of [others, { ...others, [name]: null }]) {
      expect(() => typedInputs(table, facts)).toThrow(expect.objectContaining({ name: "FactError", message }));
    }
  });

  it.each([
    ["text", 1],
    ["number", Number.NaN],
    ["number", Infinity],
    ["flag", "true"],
    ["day", "2026-02-30"],
    ["day", "2026-01-02T00:00:00Z"],
    ["day", 0],
    ["tags", "red"],
    ["tags", ["red", 7]],
  ])("refuse %s: %j", (name, fact) => {
    expect(() => typedInputs(table, { ...FACTS, [name]: fact })).toThrow(FactError);
  });
});
