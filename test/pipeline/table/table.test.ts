import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compile } from "../../../subgraphs/pipeline/table/compile.ts";
import { FactError } from "../../../subgraphs/pipeline/table/fact.ts";
import type { Evaluation } from "../../../subgraphs/pipeline/table/hit-policy.ts";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import { readInstant } from "../../../subgraphs/pipeline/table/literal.ts";
import { MAX_CHARACTERS, MAX_RULES, readTable } from "../../../subgraphs/pipeline/table/otdt.ts";
import { TableError } from "../../../subgraphs/pipeline/table/problem.ts";
import type { Fact, Facts } from "../../../subgraphs/pipeline/table/table.ts";
import { otdt, SCHEMA, type Sketch } from "../../tables/sketch.ts";

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
        { test: { kind: "in", values: ["goods"] }, holds: true },
        { test: { kind: ">", values: [1000] }, holds: true },
        null,
      ],
      row: { step: "sign" },
    });
  });
});

// Type, operator, expression; facts that match; facts that do not. null is a fact too.
const OPERATORS: readonly [string, string, string, readonly Fact[], readonly Fact[]][] = [
  ["string", "==", "US", ["US"], ["us", "US ", "", null]],
  ["string", "==", "a, b", ["a, b"], ["a", "b", null]],
  ["string", "!=", "US", ["us", "", null], ["US"]],
  ["string", "IS IN", "US, CA", ["US", "CA"], ["US, CA", "DE", "", null]],
  ["string", "IS IN", '"New York, NY","a", b ', ["New York, NY", "a", "b"], ["New York", '"a"', null]],
  ["string", "IS IN", '"",x', ["", "x"], ["y", null]],
  ["string", "IS IN", "1, 2", ["1", "2"], ["3", null]],
  ["string", "IS NOT IN", "US, CA", ["DE", null], ["US", "CA"]],
  ["number", "==", "18", [18, 18.0], [17, 18.5, null]],
  ["number", "==", "-0", [0, -0], [1, null]],
  ["number", "!=", "18", [17, null], [18]],
  ["number", "<", "18", [17.999, -5], [18, 19, null]],
  ["number", "<=", "18", [17, 18], [18.001, null]],
  ["number", ">", "18", [18.001, 1e300], [18, 17, null]],
  ["number", ">=", "1.5e1", [15, 16], [14.999, null]],
  ["number", "IS IN", '1, "2", -3.5', [1, 2, -3.5], [0, 1.5, 3.5, null]],
  ["number", "IS NOT IN", "1, 2", [3, 1.5, null], [1, 2]],
  ["boolean", "==", "true", [true], [false, null]],
  ["boolean", "==", "false", [false], [true, null]],
  ["boolean", "!=", "true", [false, null], [true]],
  [
    "date",
    "==",
    "2025-03-01",
    ["2025-03-01", "2025-03-01T00:00:00Z", "2025-03-01T02:00:00+02:00"],
    ["2025-03-02", null],
  ],
  ["date", "!=", "2025-03-01", ["2025-03-02", null], ["2025-02-28T19:00:00-05:00"]],
  ["date", "<", "2025-03-01", ["2025-02-28T23:59:59.999Z", "0099-01-01"], ["2025-03-01", "2025-03-01T00:30:00Z", null]],
  [
    "date",
    "<=",
    "2025-03-01T12:00:00.5Z",
    ["2025-03-01T12:00:00.500Z", "2025-03-01"],
    ["2025-03-01T12:00:00.501Z", null],
  ],
  ["date", ">", "2024-02-29", ["2024-02-29T00:00:00.001Z"], ["2024-02-29t00:00:00.0009z", "2024-02-29", null]],
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
  [
    "collection",
    "==",
    "a, b",
    [
      ["a", "b"],
      ["b", "a", "b"],
    ],
    [["a"], ["a", "b", "c"], [], null],
  ],
  ["collection", "!=", "a, b", [["a"], ["a", "b", "c"], [], null], [["b", "a"]]],
  ["collection", "ANY OF", '1, "2", "x, y"', [[1], ["2"], ["x, y"]], [["1"], [2], ["x", "y"], null]],
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

  it("is read with its operator in any case and with any blanks", () => {
    const table = compileSketch({
      inputs: [["x", "string"]],
      rules: [{ when: [["  is  not In ", "a"]] }, { when: [["-- na --", "-"]] }],
    });
    expect(table.evaluate({ x: "a" })).toEqual({ rows: [{ verdict: "ALLOW" }], rules: [2] });
  });

  it.each([
    ["-- NA --", "-"],
    ["-- NA --", ""],
    ["==", "-"],
    ["ANY OF", " - "],
    ["", ""],
    ["", "-"],
  ])("matches any fact: operator %j, expression %j", (operator, expression) => {
    const table = compileSketch({ inputs: [["x", "collection"]], rules: [{ when: [[operator, expression]] }] });
    expect([["a"], [], null].map((x) => rowsOf(table.evaluate({ x })).length)).toEqual([1, 1, 1]);
  });

  it("matches any fact if its cell is missing or null", () => {
    const rules = [{ o1: "A" }, { o1: "B", i1_operator: null, i1_expression: null, i1_expressionLanguage: null }];
    const table = compileSketch({ inputs: [["x", "number"]], data: { rules } });
    expect(rowsOf(table.evaluate({ x: 1 }))).toEqual([{ verdict: "A" }, { verdict: "B" }]);
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

describe("a hit policy", () => {
  const verdicts: readonly string[][] = [["ALLOW"], ["DENY"], ["ALLOW"], ["REVIEW"]];
  const ranked = [["verdict", "string", "DENY", "REVIEW", "ALLOW"]] as const;
  const none = { rows: [], rules: [] };

  it("is FIRST by default", () => {
    const evaluate = policy(undefined, undefined, verdicts);
    expect(evaluate(2, 3)).toEqual({ rows: [{ verdict: "DENY" }], rules: [2] });
    expect(evaluate()).toEqual(none);
  });

  it("FIRST gives the first rule that matches", () => {
    expect(policy("first", undefined, verdicts)(3, 4)).toEqual({ rows: [{ verdict: "ALLOW" }], rules: [3] });
  });

  it("UNIQUE gives the one rule that matches, and fails if there are more", () => {
    const evaluate = policy("UNIQUE", undefined, verdicts);
    expect(evaluate(4)).toEqual({ rows: [{ verdict: "REVIEW" }], rules: [4] });
    expect(evaluate()).toEqual(none);
    expect(evaluate(1, 3)).toEqual({
      failed: "Cannot evaluate sketch: hit policy UNIQUE: expected at most one rule to match, got rules 1, 3",
    });
  });

  it("ANY gives one row of all matching rules, and fails if they differ", () => {
    const evaluate = policy("ANY", undefined, verdicts);
    expect(evaluate(1, 3)).toEqual({ rows: [{ verdict: "ALLOW" }], rules: [1] });
    expect(evaluate()).toEqual(none);
    expect(evaluate(1, 2, 3)).toEqual({
      failed: "Cannot evaluate sketch: hit policy ANY: expected matching rules to agree, got rules 1, 2, 3",
    });
  });

  it("ANY treats a missing output as different", () => {
    expect(policy("ANY", undefined, [["ALLOW"], [""]])(1, 2)).toHaveProperty("failed");
  });

  it("PRIORITY gives the rule whose output ranks first among the entries, and the first of equals", () => {
    const evaluate = policy("PRIORITY", ranked, verdicts);
    expect(evaluate(1, 2, 3, 4)).toEqual({ rows: [{ verdict: "DENY" }], rules: [2] });
    expect(evaluate(1, 3)).toEqual({ rows: [{ verdict: "ALLOW" }], rules: [1] });
    expect(evaluate()).toEqual(none);
  });

  it("OUTPUT ORDER gives all rules, ordered by the entries of the outputs and then by rule", () => {
    expect(policy("OUTPUT ORDER", ranked, verdicts)(1, 2, 3, 4)).toEqual({
      rows: [{ verdict: "DENY" }, { verdict: "REVIEW" }, { verdict: "ALLOW" }, { verdict: "ALLOW" }],
      rules: [2, 4, 1, 3],
    });
  });

  it("ranks by several outputs in their order, except those without entries", () => {
    const evaluate = policy(
      "OUTPUT ORDER",
      [
        ["reason", "string"],
        ["verdict", "string", "DENY", "ALLOW"],
        ["level", "number", "2", "1.0"],
      ],
      [
        ["a", "ALLOW", "1"],
        ["b", "DENY", "1"],
        ["c", "ALLOW", "2"],
        ["d", "DENY", "1"],
      ],
    );
    expect(evaluate(1, 2, 3, 4)).toHaveProperty("rules", [2, 4, 3, 1]);
  });

  it("RULE ORDER and COLLECT give all rules in their order", () => {
    const all = { rows: [{ verdict: "ALLOW" }, { verdict: "DENY" }, { verdict: "REVIEW" }], rules: [1, 2, 4] };
    expect(policy("RULE ORDER", undefined, verdicts)(1, 2, 4)).toEqual(all);
    expect(policy("COLLECT", undefined, verdicts)(1, 2, 4)).toEqual(all);
    expect(policy("C", undefined, verdicts)(1, 2, 4)).toEqual(all);
  });

  it.each([
    ["SUM", "+", 5.5],
    ["MIN", "<", -1.5],
    ["MAX", ">", 3.5],
    ["COUNT", "#", 3],
  ])("COLLECT %s gives one row, in every notation", (name, sign, score) => {
    const rows = [["3.5"], ["-1.5"], ["3.5"], ["-"]];
    const answer = { rows: [{ score }], rules: [1, 2, 3] };
    const spellings = [`COLLECT ${name}`, `collect (${name})`, `COLLECT${sign}`, `COLLECT ${sign}`, `C${sign}`];
    for (const hitIndicator of spellings) {
      const evaluate = policy(hitIndicator, [["score", "number"]], rows);
      expect(evaluate(1, 2, 3, 4)).toEqual(answer);
      expect(evaluate()).toEqual(none);
      expect(evaluate(4)).toEqual(none);
    }
    expect(policy("COLLECT", [["score", "number"]], rows, { collectOperator: name })(1, 2, 3)).toEqual(answer);
  });

  it("COLLECT COUNT counts outputs of any type", () => {
    expect(policy("COLLECT COUNT", undefined, verdicts)(1, 2, 3)).toEqual({ rows: [{ verdict: 3 }], rules: [1, 2, 3] });
  });
});

describe("the identity of facts", () => {
  it("is equal for facts that match the same rules", () => {
    const table = compileSketch({
      inputs: [
        ["listens", "number"],
        ["country", "string"],
      ],
      rules: [
        {
          when: [
            [">", "100"],
            ["IS IN", "US,CA"],
          ],
        },
        {
          when: [
            [">", "500"],
            ["IS NOT IN", "CA, US"],
          ],
        },
      ],
    });
    const identity = (listens: Fact, country: Fact) => table.identity({ listens, country });
    expect(identity(137, "US")).toBe(identity(500, "CA"));
    expect(identity(137, "DE")).toBe(identity(101, "FR"));
    expect(new Set([identity(100, "US"), identity(137, "US"), identity(501, "DE")]).size).toBe(3);
  });

  it("depends only on the rules that match, not on other tests", () => {
    const table = compileSketch({
      inputs: [["x", "string"]],
      rules: [{ when: [["==", "a"]] }, { when: [["IS IN", "a, b"]] }, { when: [["IS NOT IN", "c, d"]] }],
    });
    const identity = (x: Fact) => table.identity({ x });
    expect(identity("c")).toBe(identity("d"));
    expect(new Set([identity("a"), identity("b"), identity("c"), identity("e")]).size).toBe(4);
  });

  it("differs for an unknown fact and a fact that meets no condition", () => {
    const table = compileSketch({ inputs: [["x", "collection"]], rules: [{ when: [["ANY OF", "a"]] }] });
    expect(table.identity({ x: [] })).toBe(table.identity({ x: ["b"] }));
    expect(table.identity({ x: [] })).not.toBe(table.identity({ x: null }));
  });

  it("ignores inputs without conditions, and facts that are not inputs", () => {
    const table = compileSketch({
      inputs: [
        ["x", "number"],
        ["y", "string"],
      ],
      rules: [
        {
          when: [
            [">", "1"],
            ["-- NA --", "-"],
          ],
        },
      ],
    });
    expect(table.identity({ x: 2, y: "a", z: true })).toBe(table.identity({ x: 3, y: null }));
    expect(table.evaluate({ x: 2, z: true })).toEqual({ rows: [{ verdict: "ALLOW" }], rules: [1] });
  });

  it("spans as many words as the tests need", () => {
    const limits = Array.from({ length: 70 }, (_, index) => String(index));
    const table = compileSketch({
      inputs: [
        ["x", "number"],
        ["y", "number"],
        ["z", "collection"],
      ],
      rules: limits.map((limit) => ({
        when: [
          [">", limit],
          ["<=", limit],
          ["ANY OF", limit],
        ],
      })),
    });
    expect(table.identity({ x: 1, y: 1, z: [1] })).toHaveLength((3 + 7) * 8);
    expect(
      new Set(limits.map(Number).map((limit) => table.identity({ x: limit + 0.5, y: limit, z: [limit] }))).size,
    ).toBe(70);
    expect(table.evaluate({ x: 68.5, y: 67, z: [66, 67, 68, 69, 99] })).toHaveProperty("rules", [68, 69]);
    expect(table.evaluate({ x: 69.5, y: 69, z: [69] })).toHaveProperty("rules", [70]);
    expect(table.evaluate({ x: 0, y: 0, z: [0] })).toHaveProperty("rules", []);
  });
});

describe("a fact of the wrong type", () => {
  it.each([
    ["string", 5, "a string", "a number"],
    ["string", true, "a string", "a boolean"],
    ["string", ["a"], "a string", "a collection"],
    ["number", "5", "a finite number", "a string"],
    ["number", Number.NaN, "a finite number", "a number that is not finite"],
    ["number", Number.POSITIVE_INFINITY, "a finite number", "a number that is not finite"],
    ["number", Symbol("five"), "a finite number", "a symbol"],
    ["boolean", "true", "a boolean", "a string"],
    ["boolean", 1, "a boolean", "a number"],
    ["date", 1_700_000_000_000, "a date (YYYY-MM-DD or RFC 3339)", "a number"],
    ["date", new Date(0), "a date (YYYY-MM-DD or RFC 3339)", "an object"],
    ["date", "2025-02-30", "a date (YYYY-MM-DD or RFC 3339)", "a string that is no date"],
    ["date", "2025-02-28T10:00:00", "a date (YYYY-MM-DD or RFC 3339)", "a string that is no date"],
    ["date", "2025-02-28T24:00:00Z", "a date (YYYY-MM-DD or RFC 3339)", "a string that is no date"],
    ["date", "2025-02-28T23:59:59+24:00", "a date (YYYY-MM-DD or RFC 3339)", "a string that is no date"],
    ["collection", "a", "a collection of strings and finite numbers", "a string"],
    ["collection", { 0: "a" }, "a collection of strings and finite numbers", "an object"],
    ["collection", ["a", null], "a collection of strings and finite numbers", "a collection of something else"],
    ["collection", [Number.NaN], "a collection of strings and finite numbers", "a collection of something else"],
  ])("is rejected by an error without its value: %s, %j", (type, x, expected, got) => {
    const table = compileSketch({ inputs: [["x", type]] });
    const facts: Facts = Object.assign(JSON.parse("{}"), { x });
    const message = `Cannot evaluate sketch: input "x" (${type}): expected ${expected}, got ${got}`;
    for (const ask of [() => table.evaluate(facts), () => table.identity(facts)]) {
      expect(ask).toThrow(FactError);
      expect(ask).toThrow(expect.objectContaining({ name: "FactError", message, input: "x" }));
    }
  });

  it("does not affect the facts evaluated next", () => {
    const table = compileSketch({
      inputs: [
        ["x", "number"],
        ["y", "number"],
      ],
      rules: [{ when: [[">", "1"]] }],
    });
    const before = table.identity({ x: 0, y: 0 });
    expect(() => table.identity({ x: 5, y: "5" })).toThrow(FactError);
    expect(table.identity({ x: 0, y: 0 })).toBe(before);
  });
});

describe("a file that is rejected", () => {
  it.each<[string, Sketch, ...string[]]>([
    // cells of inputs
    ["a text for a number", cell("number", ">", "abc"), 'rule 2, input "x" (number): expected a number, got "abc"'],
    [
      "a number with a comma",
      cell("number", ">", "1,000"),
      'rule 2, input "x" (number): expected a number, got "1,000"',
    ],
    ["a hexadecimal", cell("number", "==", "0x10"), 'rule 2, input "x" (number): expected a number, got "0x10"'],
    [
      "a number too large to be exact",
      cell("number", "==", "9007199254740993"),
      'rule 2, input "x" (number): expected a number between ±9007199254740991, got "9007199254740993"',
    ],
    [
      "a number too large to be finite",
      cell("number", "<", "1e999"),
      'rule 2, input "x" (number): expected a number between ±9007199254740991, got "1e999"',
    ],
    [
      "a boolean in capitals",
      cell("boolean", "==", "TRUE"),
      'rule 2, input "x" (boolean): expected true or false, got "TRUE"',
    ],
    [
      "a day that does not exist",
      cell("date", "<", "2025-02-30"),
      'rule 2, input "x" (date): expected a date (YYYY-MM-DD or RFC 3339), got "2025-02-30"',
    ],
    [
      "a date and time without offset",
      cell("date", "<", "2025-02-03T10:00:00"),
      'rule 2, input "x" (date): expected a date (YYYY-MM-DD or RFC 3339), got "2025-02-03T10:00:00"',
    ],
    [
      "a text in quotes",
      cell("string", "==", '"US"'),
      'rule 2, input "x" (string): expected a text without quotes around it, got "\\"US\\""',
    ],
    [
      "a text in single quotes",
      cell("string", "!=", "'US'"),
      `rule 2, input "x" (string): expected a text without quotes around it, got "'US'"`,
    ],
    [
      "a text with blanks around it",
      cell("string", "==", " US"),
      'rule 2, input "x" (string): expected a text without blanks around it, got " US"',
    ],
    [
      "an empty list item",
      cell("string", "IS IN", "US,,CA"),
      'rule 2, input "x" (string): expected a list without empty items, got "US,,CA"',
    ],
    [
      "a comma at the end of a list",
      cell("collection", "ANY OF", "1,2,"),
      'rule 2, input "x" (collection): expected a list without empty items, got "1,2,"',
    ],
    [
      "a quote that is never closed",
      cell("string", "IS IN", 'US,"CA'),
      'rule 2, input "x" (string): expected a list with every quote closed, got "US,\\"CA"',
    ],
    [
      "quotes inside an item",
      cell("string", "IS IN", 'a"b"c'),
      'rule 2, input "x" (string): expected a list with quotes only around whole items, got "a\\"b\\"c"',
    ],
    [
      "a list in single quotes",
      cell("string", "IS IN", "'US','CA'"),
      `rule 2, input "x" (string): expected a list with double quotes, got "'US','CA'"`,
    ],
    [
      "a list with another type",
      cell("number", "IS IN", "1, x"),
      'rule 2, input "x" (number): expected a number, got "x"',
    ],
    [
      "an unknown operator",
      cell("number", "=>", "5"),
      'rule 2, input "x" (number): expected one of ==, !=, <, >, <=, >=, IS IN, IS NOT IN, got "=>"',
    ],
    [
      "an operator of another type",
      cell("string", ">", "5"),
      'rule 2, input "x" (string): expected one of ==, !=, IS IN, IS NOT IN, got ">"',
    ],
    [
      "an operator with a reserved name",
      cell("boolean", "constructor", "true"),
      'rule 2, input "x" (boolean): expected one of ==, !=, got "constructor"',
    ],
    [
      "an operator of another type before a dash",
      cell("collection", "IS IN", "-"),
      'rule 2, input "x" (collection): expected one of ==, !=, ANY OF, NONE OF, ALL OF, NOT ALL OF, got "IS IN"',
    ],
    [
      "an expression that does not apply",
      cell("number", "-- NA --", "5"),
      'rule 2, input "x" (number): expected no expression beside -- NA --, got "5"',
    ],
    [
      "an operator without an expression",
      cell("number", ">", " "),
      'rule 2, input "x" (number): expected an expression after >, or "-" for any fact, got nothing',
    ],
    [
      "an expression without an operator",
      cell("number", "", "5"),
      'rule 2, input "x" (number): expected an operator before "5", got nothing',
    ],
    [
      "JUEL in an expression",
      cell("string", "==", "a ${b}"),
      'rule 2, input "x" (string): expected a literal, got the expression "a ${b}"',
    ],
    [
      "JUEL in an operator",
      cell("string", "#{op}", "a"),
      'rule 2, input "x" (string): expected a literal, got the expression "#{op}"',
    ],

    // cells of outputs
    [
      "an output of another type",
      output("number", "many"),
      'rule 1, output "y" (number): expected a number, got "many"',
    ],
    [
      "a boolean output of another type",
      output("boolean", "yes"),
      'rule 1, output "y" (boolean): expected true or false, got "yes"',
    ],
    [
      "a date output of another type",
      output("date", "today"),
      'rule 1, output "y" (date): expected a date (YYYY-MM-DD or RFC 3339), got "today"',
    ],
    [
      "an output in quotes",
      output("string", '"ALLOW"'),
      'rule 1, output "y" (string): expected a text without quotes around it, got "\\"ALLOW\\""',
    ],
    [
      "a collection as an output",
      output("collection", "a,b"),
      'rule 1, output "y" (collection): expected an output of type string, number, boolean or date, got a collection',
    ],
    [
      "JUEL in an output",
      output("string", "${listens * 2}"),
      'rule 1, output "y" (string): expected a literal, got the expression "${listens * 2}"',
    ],

    // rules
    [
      "a cell without a column",
      data({ rules: [{ o1: "A", i9_operator: "==" }] }),
      'rule 1: expected cells of this table\'s columns, got "i9_operator"',
    ],
    [
      "a cell with a reserved name",
      data({ rules: [JSON.parse('{"__proto__":"a"}')] }),
      'rule 1: expected cells of this table\'s columns, got "__proto__"',
    ],
    [
      "a cell that is not text",
      data({ rules: [{ o1: 5 }] }),
      'rule 1, output "verdict" (string): expected text, got 5',
    ],
    [
      "an expression language",
      data({ rules: [{ o1: "A", o1_expressionLanguage: "juel" }] }),
      'rule 1, output "verdict" (string): expected no expression language, got "juel"',
    ],
    ["a rule that is a list", data({ rules: [["A"]] }), "rule 1: expected an object, got a list"],
    [
      "too many rules",
      data({ rules: Array.from({ length: MAX_RULES + 1 }, () => ({})) }),
      "rules: expected at most 2000 rules, got 2001",
    ],

    // columns
    [
      "an unknown type",
      column({ type: "integer" }),
      'input 1, type: expected one of string, number, boolean, date, collection, got "integer"',
    ],
    [
      "a type with a reserved name",
      column({ type: "constructor" }),
      'input 1, type: expected one of string, number, boolean, date, collection, got "constructor"',
    ],
    ["no name", column({ variableId: undefined }), "input 1, variableId: expected text, got nothing"],
    [
      "a name that is an expression",
      column({ variableId: "user.age" }),
      'input 1, variableId: expected a name of letters, digits and _, got "user.age"',
    ],
    [
      "a reserved name",
      column({ variableId: "constructor" }),
      'input 1, variableId: expected a name that is not reserved, got "constructor"',
    ],
    [
      "the name of the prototype",
      column({ variableId: "__proto__" }),
      'input 1, variableId: expected a name that is not reserved, got "__proto__"',
    ],
    ["a reserved id", column({ id: "toString" }), 'input 1, id: expected an id that is not reserved, got "toString"'],
    ["an empty id", column({ id: "" }), 'input 1, id: expected an id, got ""'],
    ["entries that are not texts", column({ entries: ["1", 2] }), "input 1, entries, 2: expected text, got 2"],
    [
      "a column of computed cells",
      column({ complexExpression: true }),
      "input 1, complexExpression: expected false, got true",
    ],
    [
      "two inputs with one name",
      {
        inputs: [
          ["x", "string"],
          ["x", "number"],
        ],
      },
      'input "x" (number): expected a name of its own, got "x" twice',
    ],
    [
      "two outputs with one name",
      {
        outputs: [
          ["y", "string"],
          ["y", "string"],
        ],
      },
      'output "y" (string): expected a name of its own, got "y" twice',
    ],
    ["two columns with one id", column({ id: "o1" }), 'output "verdict" (string): expected an id of its own, got "o1"'],
    [
      "two columns with one cell",
      {
        inputs: [["x", "string"]],
        data: { outputExpressions: [{ id: "i1_operator", type: "string", variableId: "y" }] },
      },
      'output "y" (string): expected an id of its own, got "i1_operator"',
    ],
    ["no outputs", { outputs: [] }, "outputExpressions: expected at least one output, got 0"],

    // the hit policy
    [
      "an unknown hit policy",
      data({ hitIndicator: "LAST" }),
      'hitIndicator: expected one of FIRST, ANY, UNIQUE, PRIORITY, RULE ORDER, OUTPUT ORDER, COLLECT, got "LAST"',
    ],
    ["a hit policy that is not text", data({ hitIndicator: null }), "hitIndicator: expected text, got null"],
    [
      "an unknown aggregator",
      data({ hitIndicator: "COLLECT", collectOperator: "AVG" }),
      'hitIndicator: expected one of SUM, MIN, MAX, COUNT, got "AVG"',
    ],
    [
      "an aggregator without COLLECT",
      data({ collectOperator: "SUM" }),
      'hitIndicator: expected an aggregator that suits hit policy "RULE ORDER", got "SUM"',
    ],
    [
      "two aggregators",
      { outputs: [["n", "number"]], data: { hitIndicator: "C+", collectOperator: "MIN" } },
      'hitIndicator: expected an aggregator that suits hit policy "C+", got "MIN"',
    ],
    [
      "an aggregate of texts",
      data({ hitIndicator: "COLLECT SUM" }),
      'hitIndicator: expected one output, a number, for COLLECT SUM, got "verdict" (string)',
    ],
    [
      "an aggregate of two outputs",
      {
        outputs: [
          ["a", "number"],
          ["b", "number"],
        ],
        data: { hitIndicator: "C>" },
      },
      'hitIndicator: expected one output, a number, for COLLECT MAX, got "a" (number), "b" (number)',
    ],
    [
      "a count of two outputs",
      {
        outputs: [
          ["a", "string"],
          ["b", "number"],
        ],
        data: { hitIndicator: "C#" },
      },
      'hitIndicator: expected one output for COLLECT COUNT, got "a" (string), "b" (number)',
    ],
    [
      "PRIORITY without entries",
      data({ hitIndicator: "PRIORITY" }),
      "hitIndicator: expected an output with entries for PRIORITY, got none",
    ],
    [
      "OUTPUT ORDER without entries",
      data({ hitIndicator: "OUTPUT ORDER" }),
      "hitIndicator: expected an output with entries for OUTPUT ORDER, got none",
    ],
    [
      "an output outside the entries that rank it, or empty",
      {
        outputs: [["y", "string", "A", "B"]],
        rules: [{ gives: ["C"] }, { gives: ["A"] }, { gives: ["-"] }],
        data: { hitIndicator: "PRIORITY" },
      },
      'rule 1, output "y" (string): expected one of the entries "A", "B", got "C"',
      'rule 3, output "y" (string): expected one of the entries "A", "B", got nothing',
    ],
    [
      "entries that are not of their output's type",
      { outputs: [["y", "number", "1", "two"]], data: { hitIndicator: "OUTPUT ORDER" } },
      'output "y" (number), entries: expected a number, got "two"',
    ],
    [
      "an entry that is not a value",
      { outputs: [["y", "number", "1", "-"]], data: { hitIndicator: "OUTPUT ORDER" } },
      'output "y" (number), entries: expected entries that are values, got "-"',
    ],
    ["DMN 1.1 rules", data({ forceDMN11: true }), "forceDMN11: expected false, got true"],

    // the head
    ["no key", data({ key: undefined }), "key: expected text, got nothing"],
    ["a key with blanks", data({ key: "a b" }), 'key: expected a key without blanks, got "a b"'],
    ["a reserved key", data({ key: "__proto__" }), 'key: expected a key that is not reserved, got "__proto__"'],
    ["no version", data({ version: undefined }), "version: expected a positive whole number, got nothing"],
    ["a version as text", data({ version: "1" }), 'version: expected a positive whole number, got "1"'],
    ["version 0", data({ version: 0 }), "version: expected a positive whole number, got 0"],
    ["a version with a fraction", data({ version: 1.5 }), "version: expected a positive whole number, got 1.5"],
    ["no rules at all", data({ rules: undefined }), "rules: expected a list, got nothing"],
    ["inputs that are not a list", data({ inputExpressions: {} }), "inputExpressions: expected a list, got an object"],
  ])("%s", (_, sketch, ...problems) => {
    expect(problemsOf(otdt(sketch))).toEqual(problems);
  });

  it("is rejected with all of its problems", () => {
    const text = otdt({
      inputs: [
        ["age", "number"],
        ["day", "date"],
      ],
      rules: [
        {
          when: [
            [">", "old"],
            ["<", "soon"],
          ],
          gives: [" ALLOW"],
        },
        {
          when: [
            ["~", "5"],
            ["-- NA --", "-"],
          ],
          gives: ["${x}"],
        },
      ],
      data: { version: -1, hitIndicator: "MOST" },
    });
    expect(problemsOf(text)).toEqual([
      "version: expected a positive whole number, got -1",
      'hitIndicator: expected one of FIRST, ANY, UNIQUE, PRIORITY, RULE ORDER, OUTPUT ORDER, COLLECT, got "MOST"',
      'rule 1, input "age" (number): expected a number, got "old"',
      'rule 1, input "day" (date): expected a date (YYYY-MM-DD or RFC 3339), got "soon"',
      'rule 1, output "verdict" (string): expected a text without blanks around it, got " ALLOW"',
      'rule 2, input "age" (number): expected one of ==, !=, <, >, <=, >=, IS IN, IS NOT IN, got "~"',
      'rule 2, output "verdict" (string): expected a literal, got the expression "${x}"',
    ]);
  });

  it("gets no problems for the cells of a column that cannot be read", () => {
    const text = otdt({ inputs: [["x", "colour"]], rules: [{ when: [["==", "red"]] }] });
    expect(problemsOf(text)).toEqual([
      'input 1, type: expected one of string, number, boolean, date, collection, got "colour"',
    ]);
  });

  it("has long values quoted in part", () => {
    const [problem] = problemsOf(otdt(cell("number", ">", "x".repeat(500))));
    expect(problem).toBe(`rule 2, input "x" (number): expected a number, got "${"x".repeat(77)}..."`);
  });

  it("is rejected if it is not a table at all", () => {
    const schema = `expected "${SCHEMA}"`;
    expect(problemsOf("[]")).toEqual(["expected an object, got a list"]);
    expect(problemsOf("null")).toEqual(["expected an object, got null"]);
    expect(problemsOf("{}")).toEqual([`schemaId: ${schema}, got nothing`, "data: expected an object, got nothing"]);
    expect(problemsOf('{"schemaId":"x","data":[]}')).toEqual([
      `schemaId: ${schema}, got "x"`,
      "data: expected an object, got a list",
    ]);
    expect(problemsOf("")).toEqual(["expected JSON, got SyntaxError: Unexpected end of JSON input"]);
    expect(problemsOf(" ".repeat(MAX_CHARACTERS + 1))).toEqual(["expected at most 5000000 characters, got 5000001"]);
  });
});

describe("a folder of tables", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tables-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const put = (name: string, content: string | Uint8Array) => writeFile(join(folder, name), content);

  it("gives its tables in the order of the file names, and ignores other files and folders", async () => {
    await put("b.otdt", `\uFEFF${otdt({ data: { key: "second" } })}`);
    await put("a.otdt", otdt({ data: { key: "first" } }));
    await put("notes.json", "{");
    await mkdir(join(folder, "old"));
    await put("old/c.otdt", "{");
    expect((await loadTables(folder)).map(({ table }) => table.key)).toEqual(["first", "second"]);
  });

  it("is rejected with every problem of every file", async () => {
    await put("a.otdt", otdt({ data: { version: 0 } }));
    await put("b.otdt", otdt({}));
    await put("c.otdt", otdt({ data: { key: "c d", version: 0 } }));
    await put("d.otdt", otdt({}));
    await put("e.otdt", Uint8Array.of(0x22, 0xff, 0x22));
    await mkdir(join(folder, "f.otdt"));
    const problems = [
      "Cannot read a.otdt: version: expected a positive whole number, got 0",
      'Cannot read c.otdt: key: expected a key without blanks, got "c d"',
      "Cannot read c.otdt: version: expected a positive whole number, got 0",
      'Cannot read d.otdt: key: expected a key of its own, got "sketch" of b.otdt',
      "Cannot read e.otdt: expected UTF-8, got other bytes",
      "Cannot read f.otdt: Error: EISDIR: illegal operation on a directory, read",
    ];
    const error = await loadTables(folder).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TableError);
    expect(error).toMatchObject({ name: "TableError", message: problems.join("\n"), problems });
  });

  it("is rejected if it cannot be read", async () => {
    const missing = join(folder, "missing");
    await expect(loadTables(missing)).rejects.toThrow(
      new TableError([`Cannot read ${missing}: Error: ENOENT: no such file or directory, scandir '${missing}'`]),
    );
  });
});

function compileSketch(sketch: Sketch) {
  return compile(readTable(otdt(sketch), "sketch.otdt"));
}

function rowsOf(evaluation: Evaluation) {
  if ("failed" in evaluation) throw new Error(evaluation.failed);
  return evaluation.rows;
}

/** A table of which rule n matches if n is among the hits. */
function policy(hitIndicator: unknown, outputs: Sketch["outputs"], rows: readonly string[][], data = {}) {
  const table = compileSketch({
    inputs: [["hits", "collection"]],
    ...(outputs ? { outputs } : {}),
    rules: rows.map((gives, index) => ({ when: [["ANY OF", `${index + 1}`]], gives })),
    data: { hitIndicator, ...data },
  });
  return (...hits: number[]) => table.evaluate({ hits });
}

function cell(type: string, operator: string, expression: string): Sketch {
  return { inputs: [["x", type]], rules: [{}, { when: [[operator, expression]] }] };
}

function output(type: string, text: string): Sketch {
  return { outputs: [["y", type]], rules: [{ gives: [text] }] };
}

function data(changes: Record<string, unknown>): Sketch {
  return { data: changes };
}

function column(changes: Record<string, unknown>): Sketch {
  return data({ inputExpressions: [{ id: "i1", type: "string", variableId: "x", label: "X", ...changes }] });
}

/** The problems without the words that all of them begin with. */
function problemsOf(text: string): readonly string[] {
  const start = "Cannot read sketch.otdt: ";
  try {
    readTable(text, "sketch.otdt");
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    return error.problems.map((problem) => (problem.startsWith(start) ? problem.slice(start.length) : problem));
  }
  throw new Error("the file was read");
}
