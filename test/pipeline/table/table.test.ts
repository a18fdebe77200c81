/** A table that was read from a file, and its outputs. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import { compileSketch, rowsOf } from "../../support/table-sketches.ts";

const TABLES = join(import.meta.dirname, "../../tables/engine");

// Type, operator, expression; facts that match; facts that do not. null is a fact too.

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
        { test: { kind: "in", values: ["goods"] }, holds: true },
        { test: { kind: ">", values: [1000] }, holds: true },
        null,
      ],
      row: { step: "sign" },
    });
  });
});

describe("outputs", () => {
  it("are values of their column's type; an empty cell and a dash give no output", () => {
    const table = compileSketch({
      outputs: [
        ["text", "string"],
        ["count", "number"],
        ["sure", "boolean"],
        ["day", "date"],
      ],
      rules: [
        { gives: ['say "yes", please', "-1.5", "true", "2025-03-01T10:00:00+02:00"] },
        { gives: ["", "-", " ", "-"] },
        { gives: ["x"] },
      ],
    });
    expect(rowsOf(table.evaluate({}))).toEqual([
      { text: 'say "yes", please', count: -1.5, sure: true, day: "2025-03-01T10:00:00+02:00" },
      {},
      { text: "x" },
    ]);
  });

  it("are frozen, because all askers share them", () => {
    const table = compileSketch({ rules: [{}] });
    expect(Object.isFrozen(rowsOf(table.evaluate({}))[0])).toBe(true);
  });

  it("are missing in a table without rules", () => {
    const table = compileSketch({ inputs: [["x", "number"]] });
    expect(table.evaluate({ x: 1 })).toEqual({ rows: [], rules: [] });
    expect(table.identity({ x: 1 })).toBe("");
  });
});
