/** Hit policies: which rows are the answer. */
import { describe, expect, it } from "vitest";
import { policy } from "../../support/table-sketches.ts";

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
    expect(policy("FIRST", undefined, verdicts)(3, 4)).toEqual({ rows: [{ verdict: "ALLOW" }], rules: [3] });
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
  });

  it.each([
    ["SUM", 5.5],
    ["MIN", -1.5],
    ["MAX", 3.5],
    ["COUNT", 3],
  ])("COLLECT with %s gives one row", (collectOperator, score) => {
    const rows = [["3.5"], ["-1.5"], ["3.5"], [""]];
    const evaluate = policy("COLLECT", [["score", "number"]], rows, { collectOperator });
    expect(evaluate(1, 2, 3, 4)).toEqual({ rows: [{ score }], rules: [1, 2, 3] });
    expect(evaluate()).toEqual(none);
    expect(evaluate(4)).toEqual(none);
  });

  it.each([
    ["COLLECT", ""],
    ["COLLECT", null],
    ["RULE ORDER", "SUM"],
    ["RULE ORDER", "AVG"],
    ["RULE ORDER", 7],
  ])("%s does not use the collectOperator %j", (hitIndicator, collectOperator) => {
    const evaluate = policy(hitIndicator, undefined, verdicts, { collectOperator });
    expect(evaluate(1, 3)).toEqual({ rows: [{ verdict: "ALLOW" }, { verdict: "ALLOW" }], rules: [1, 3] });
  });
});
