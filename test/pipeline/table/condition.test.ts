/** Conditions: which facts meet a cell. */
import { describe, expect, it } from "vitest";
import { readInstant } from "../../../subgraphs/pipeline/table/literal.ts";
import type { Fact, Facts } from "../../../subgraphs/pipeline/table/table.ts";
import { compileSketch, rowsOf } from "../../support/table-sketches.ts";

// Type, operator, expression; facts that match; facts that do not. null is a fact too.
const OPERATORS: readonly [string, string, string, readonly Fact[], readonly Fact[]][] = [
  ["string", "==", "US", ["US"], ["us", "US ", "", null]],
  ["string", "==", "a, b", ["a, b"], ["a", "b", null]],
  ["string", "!=", "US", ["us", "", null], ["US"]],
  ["string", "IS IN", "US, CA", ["US", "CA"], ["DE", "", null]],
  ["string", "IS IN", '"New York","a", b ', ["New York", "a", "b"], ["New", "", null]],
  ["string", "IS IN", '" a", b', [" a", "b"], ["a", null]],
  ["string", "IS IN", '"US"', ["US"], ["us", "", null]],
  ["string", "IS IN", `"it's"`, ["it's"], ["its", null]],
  ["string", "IS IN", "“a”, [b", ["“a”", "[b"], ["a", "b", null]],
  ["string", "IS IN", "1, 2", ["1", "2"], ["3", null]],
  ["string", "IS NOT IN", "US, CA", ["DE", null], ["US", "CA"]],
  ["string", "==", "it's [fine], “really”", ["it's [fine], “really”"], ["it's", null]],
  ["number", "==", "18", [18, 18.0], [17, 18.5, null]],
  ["number", "==", "-0", [0, -0], [1, null]],
  ["number", "!=", "18", [17, null], [18]],
  ["number", "<", "18", [17.999, -5], [18, 19, null]],
  ["number", "<=", "18", [17, 18], [18.001, null]],
  ["number", ">", "18", [18.001, 1e300], [18, 17, null]],
  ["number", ">=", "1.5e1", [15, 16], [14.999, null]],
  ["number", "==", " 1e3 ", [1000], [1, 999.5, null]],
  ["number", "==", "007", [7], [0.07, null]],
  ["number", "IS IN", '1, "2", -3', [1, 2, -3], [0, 1.5, 3, null]],
  ["number", "IS IN", "-2", [-2], [2, -2.5, null]],
  ["number", "IS NOT IN", "1, 2", [3, 1.5, null], [1, 2]],
  ["boolean", "==", "true", [true], [false, null]],
  ["boolean", "==", "false", [false], [true, null]],
  ["boolean", "!=", "true", [false, null], [true]],
  ["date", "==", "2025-03-01", ["2025-03-01"], ["2025-03-02", null]],
  ["date", "!=", "2025-03-01", ["2025-03-02", null], ["2025-03-01"]],
  ["date", "<", "2025-03-01", ["2025-02-28", "0099-01-01"], ["2025-03-01", "2025-03-02", null]],
  ["date", "<=", "2025-03-01", ["2025-02-28", "2025-03-01"], ["2025-03-02", null]],
  ["date", ">", "2024-02-29", ["2024-03-01"], ["2024-02-28", "2024-02-29", null]],
  ["date", ">=", "2024-02-29", ["2024-02-29", "2024-03-01"], ["2024-02-28", null]],
  ["date", "IS IN", '2025-01-01, "2025-02-01"', ["2025-01-01", "2025-02-01"], ["2025-01-02", null]],
  ["date", "IS NOT IN", "2025-01-01,2025-02-01", ["2025-01-02", null], ["2025-01-01"]],
  ["collection", "ANY OF", "a, b", [["a"], ["z", "b"], ["a", "a"]], [["z"], [], null]],
  ["collection", "NONE OF", "a, b", [["z"], [], null], [["a"], ["z", "b"]]],
  [
    "collection",
    "ALL OF",
    "a, b",
    [
      ["b", "a"],
      ["a", "z", "b"],
    ],
    [["a"], [], null],
  ],
  [
    "collection",
    "NOT ALL OF",
    "a, b",
    [["a"], [], null],
    [
      ["b", "a"],
      ["a", "z", "b"],
    ],
  ],
  ["collection", "ANY OF", '"1", "x, y", true', [["1"], ["true"], ["x, y"]], [["2"], ["x", "y"], null]],
  ["collection", "ALL OF", '"x, y"', [["x, y", "z"]], [["x", "y"], [], null]],
  ["collection", "NONE OF", `"it's"`, [["its"], [], null], [["it's"]]],
];

describe("a condition", () => {
  it.each(OPERATORS)("%s %s %s", (type, operator, expression, matching, other) => {
    const table = compileSketch({ inputs: [["x", type]], rules: [{ when: [[operator, expression]] }] });
    const matches = (x: Fact) => rowsOf(table.evaluate({ x })).length === 1;
    expect(matching.map(matches)).toEqual(matching.map(() => true));
    expect(other.map(matches)).toEqual(other.map(() => false));
  });

  it("treats a missing fact as null", () => {
    const table = compileSketch({
      inputs: [["x", "number"]],
      rules: [{ when: [["!=", "5"]] }, { when: [["==", "5"]] }],
    });
    expect(table.evaluate({})).toEqual({ rows: [{ verdict: "ALLOW" }], rules: [1] });
    expect(table.identity({})).toBe(table.identity({ x: null }));
  });

  it.each([
    ["-- NA --", "-"],
    ["ANY OF", "-"],
    ["", ""],
    ["", "-"],
  ])("matches any fact: operator %j, expression %j", (operator, expression) => {
    const table = compileSketch({ inputs: [["x", "collection"]], rules: [{ when: [[operator, expression]] }] });
    expect([["a"], [], null].map((x) => rowsOf(table.evaluate({ x })).length)).toEqual([1, 1, 1]);
  });

  it("matches any fact if its cell is missing or null", () => {
    const rules = [
      { o1: "A" },
      { o1: "B", i1_operator: null, i1_expression: null, i1_expressionLanguage: null },
      { o1: "C", i1_operator: "==" },
    ];
    const table = compileSketch({ inputs: [["x", "string"]], data: { rules } });
    expect(rowsOf(table.evaluate({ x: "a" }))).toEqual([{ verdict: "A" }, { verdict: "B" }, { verdict: "C" }]);
  });

  it("must hold with all others for a rule to match", () => {
    const table = compileSketch({
      inputs: [
        ["x", "number"],
        ["y", "boolean"],
      ],
      rules: [
        {
          when: [
            [">", "1"],
            ["==", "true"],
          ],
        },
      ],
    });
    const matches = (facts: Facts) => rowsOf(table.evaluate(facts)).length;
    expect([matches({ x: 2, y: true }), matches({ x: 2, y: false }), matches({ x: 1, y: true })]).toEqual([1, 0, 0]);
  });
});

describe("a date", () => {
  it.each([
    ["1970-01-01", 0],
    ["2025-03-01", Date.UTC(2025, 2, 1)],
    ["2000-02-29", Date.UTC(2000, 1, 29)],
    ["0050-01-01", Date.parse("0050-01-01T00:00:00Z")],
    ["2025-03-01T10:20:30Z", Date.UTC(2025, 2, 1, 10, 20, 30)],
    ["2025-03-01t10:20:30.1z", Date.UTC(2025, 2, 1, 10, 20, 30, 100)],
    ["2025-03-01T10:20:30.123999Z", Date.UTC(2025, 2, 1, 10, 20, 30, 123)],
    ["2025-03-01T00:20:30.05+05:30", Date.UTC(2025, 1, 28, 18, 50, 30, 50)],
    ["2025-03-01T23:20:30-01:00", Date.UTC(2025, 2, 2, 0, 20, 30)],
  ])("%s is an instant", (text, instant) => {
    expect(readInstant(text)).toBe(instant);
  });

  it.each([
    "2025-02-29",
    "1900-02-29",
    "2025-04-31",
    "2025-00-10",
    "2025-13-10",
    "2025-01-00",
    "2025-1-1",
    "25-01-01",
    "2025-01-01T10:20Z",
    "2025-01-01T10:20:30",
    "2025-01-01T24:00:00Z",
    "2025-01-01T10:60:00Z",
    "2025-01-01T10:20:60Z",
    "2025-01-01T10:20:30+24:00",
    "2025-01-01T10:20:30+01:60",
    "2025-01-01 10:20:30Z",
    "2025-01-01\n",
    "",
  ])("%j is rejected", (text) => {
    expect(readInstant(text)).toBe(undefined);
  });
});
