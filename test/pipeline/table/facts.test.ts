/** The identity of facts, and facts of a wrong type. */
import { describe, expect, it } from "vitest";
import { FactError } from "../../../subgraphs/pipeline/table/fact.ts";
import type { Fact, Facts } from "../../../subgraphs/pipeline/table/table.ts";
import { compileSketch } from "../../support/table-sketches.ts";

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
    const table = compileSketch({ inputs: [["x", "collection"]], rules: [{ when: [["ANY OF", '"a"']] }] });
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
          ["ANY OF", `"${limit}"`],
        ],
      })),
    });
    expect(table.identity({ x: 1, y: 1, z: ["1"] })).toHaveLength((3 + 7) * 8);
    expect(
      new Set(limits.map(Number).map((limit) => table.identity({ x: limit + 0.5, y: limit, z: [String(limit)] }))).size,
    ).toBe(70);
    expect(table.evaluate({ x: 68.5, y: 67, z: ["66", "67", "68", "69", "99"] })).toHaveProperty("rules", [68, 69]);
    expect(table.evaluate({ x: 69.5, y: 69, z: ["69"] })).toHaveProperty("rules", [70]);
    expect(table.evaluate({ x: 0, y: 0, z: ["0"] })).toHaveProperty("rules", []);
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
    ["date", 1_700_000_000_000, "a date (YYYY-MM-DD)", "a number"],
    ["date", new Date(0), "a date (YYYY-MM-DD)", "an object"],
    ["date", "2025-02-30", "a date (YYYY-MM-DD)", "a string that is no date"],
    ["date", "2025-02-28T10:00:00", "a date (YYYY-MM-DD)", "a string that is no date"],
    ["date", "2025-02-28T00:00:00Z", "a date (YYYY-MM-DD)", "a string that is no date"],
    ["date", " 2025-02-28", "a date (YYYY-MM-DD)", "a string that is no date"],
    ["collection", "a", "a collection of strings", "a string"],
    ["collection", { 0: "a" }, "a collection of strings", "an object"],
    ["collection", ["a", null], "a collection of strings", "a collection of something else"],
    ["collection", ["a", 7], "a collection of strings", "a collection of something else"],
    ["collection", [Number.NaN], "a collection of strings", "a collection of something else"],
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

describe("a text that OpenText would read as a list", () => {
  const TEXTS = ["a, b", ",", '"a"', "'a'", '"', '"a","b"'];
  const refusal = {
    name: "FactError",
    message:
      'Cannot evaluate sketch: input "x" (string): expected a string, got a string with a comma or in quotes, which the ' +
      "list of a rule would be compared with as a list",
  };

  it.each(["IS IN", "IS NOT IN"])("is rejected where a rule tests its input with %s", (operator) => {
    const table = compileSketch({
      inputs: [["x", "string"]],
      rules: [{ when: [["==", "a, b"]] }, { when: [[operator, '"a"']] }],
    });
    for (const x of TEXTS) {
      for (const ask of ["evaluate", "identity", "requireFacts"] as const) {
        expect(() => table[ask]({ x })).toThrow(expect.objectContaining(refusal));
      }
    }
    for (const x of ["a", "", "a b", 'say "a"', "'a", "it's"]) expect(() => table.requireFacts({ x })).not.toThrow();
  });

  it("is a text where no rule tests its input with a list operator", () => {
    const table = compileSketch({
      inputs: [
        ["x", "string"],
        ["y", "string"],
      ],
      rules: [
        {
          when: [
            ["==", "a, b"],
            ["IS IN", "a, b"],
          ],
        },
        { when: [["IS IN", "-"]] },
      ],
    });
    expect(table.evaluate({ x: "a, b", y: "a" })).toHaveProperty("rules", [1, 2]);
    for (const x of TEXTS) expect(() => table.requireFacts({ x, y: "a" })).not.toThrow();
  });

  it("is one item of a collection", () => {
    const table = compileSketch({ inputs: [["x", "collection"]], rules: [{ when: [["ANY OF", '"a, b"']] }] });
    expect(table.evaluate({ x: ["a, b"] })).toHaveProperty("rules", [1]);
    expect(table.evaluate({ x: ["a", "b", '"a"'] })).toHaveProperty("rules", []);
  });
});
