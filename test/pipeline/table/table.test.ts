/** A table that was read from a file, and its outputs. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import { compileSketch, rowsOf } from "../../support/table-sketches.ts";

const TABLES = join(import.meta.dirname, "../../tables/engine");

describe("a table of an exported file", () => {
  it("gives the row of every rule that matches, in the order of the rules", async () => {
    const [table] = await loadTables(TABLES);
    expect(table?.evaluate({ basket: "credit", total: 6000, risk: 4 })).toEqual({
      rows: [{ step: "verify" }, { step: "sign" }, { step: "call" }],
      rules: [1, 3, 4],
    });
  });

  it("is read completely", async () => {
    const [table] = await loadTables(TABLES);
    expect(table?.table).toMatchObject({
      file: "checkout_steps.otdt",
      id: "0b6f7f0e-4a55-4c0f-9f2d-6a6a3d1c9b02",
      key: "checkout_steps",
      name: "Checkout steps",
      description: "Which steps an order goes through before it is paid",
      namespace: "0b6f7f0e-4a55-4c0f-9f2d-6a6a3d1c9b03",
      version: 3,
      hitPolicy: "RULE ORDER",
    });
    expect(table?.table.inputs).toEqual([
      { id: "input_17", name: "basket", label: "Basket", type: "string", entries: ["goods", "credit"] },
      { id: "1", name: "total", label: "Total", type: "number", entries: [] },
      { id: "input_18", name: "risk", label: "Risk", type: "number", entries: ["1", "2", "3", "4", "5"] },
    ]);
    expect(table?.table.outputs).toEqual([
      { id: "2", name: "step", label: "Step", type: "string", entries: ["sign", "verify", "call"] },
    ]);
    expect(table?.table.rules[1]).toEqual({
      number: 2,
      conditions: [
        { test: { kind: "in", values: ["goods"] }, holds: true, isList: false },
        { test: { kind: ">", values: [1000] }, holds: true, isList: false },
        null,
      ],
      row: { step: "sign" },
    });
  });
});

describe("outputs", () => {
  it("are values of their column's type; an empty cell gives no output", () => {
    const table = compileSketch({
      outputs: [
        ["text", "string"],
        ["count", "number"],
        ["sure", "boolean"],
        ["day", "date"],
      ],
      rules: [
        { gives: ["say “yes”, it's fine", "-1.5", "true", "2025-03-01"] },
        { gives: ["", "", "", ""] },
        { gives: ["x"] },
        { gives: ["-1", "-0", "", ""] },
      ],
    });
    expect(rowsOf(table.evaluate({}))).toEqual([
      { text: "say “yes”, it's fine", count: -1.5, sure: true, day: "2025-03-01" },
      {},
      { text: "x" },
      { text: "-1", count: 0 },
    ]);
  });

  it("are frozen, because all askers share them", () => {
    const table = compileSketch({ rules: [{}] });
    expect(Object.isFrozen(rowsOf(table.evaluate({}))[0])).toBe(true);
  });
});

describe("what an editor leaves in a file", () => {
  it("does not matter", () => {
    const column = { id: "i1", type: "number", variableId: "x", $$hashKey: "object:1", _description: null };
    const rules = [
      { i1_operator: ">", i1_expression: "1", o1: "A", $$hashKey: "object:2", _description: null, i9: null },
    ];
    const table = compileSketch({ data: { inputExpressions: [column], rules, $$edited: true, _description: null } });
    expect(table.evaluate({ x: 2 })).toEqual({ rows: [{ verdict: "A" }], rules: [1] });
  });
});
