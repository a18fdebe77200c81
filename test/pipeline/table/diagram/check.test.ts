import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { compile } from "../../../../subgraphs/pipeline/table/compile.ts";
import type { CompiledTable } from "../../../../subgraphs/pipeline/table/compile.ts";
import { check } from "../../../../subgraphs/pipeline/table/diagram/check.ts";
import { LIMITS, TooLargeError } from "../../../../subgraphs/pipeline/table/diagram/diagram.ts";
import { createExplainer } from "../../../../subgraphs/pipeline/table/diagram/explanation.ts";
import { loadTables } from "../../../../subgraphs/pipeline/table/load.ts";
import { projectRoot } from "../../../../subgraphs/platform/environment.ts";
import { subgraphs } from "../../../../subgraphs/registry.ts";
import { CONVENTION, compiled } from "../../../support/otdt.ts";
import type { TableDraft } from "../../../support/otdt.ts";

const RULE = { reason: "because" };
const ANY_AGE = { age_known: "boolean", age: "number" } as const;

function table(rules: TableDraft["rules"], inputs: TableDraft["inputs"] = ANY_AGE) {
  const numbered = rules.map((rule, index) => ({ ...RULE, reason_code: `R${index + 1}`, ...rule }));
  return compiled({ key: "sketch", inputs, outputs: { ...CONVENTION, queue: "string" }, rules: numbered }).table;
}

describe("the check of a table", () => {
  it("names facts for which no rule gives a row", () => {
    const gap = table([
      { age: ["<", "18"], verdict: "DENY" },
      { age: [">", "18"], verdict: "ALLOW" },
    ]);
    expect(check(gap).gaps).toEqual([{ witness: { age_known: false, age: 18 } }]);
  });

  it("finds no gap where a constraint leaves no facts", () => {
    const gap = table([
      { age: ["<=", "17"], verdict: "DENY" },
      { age: [">=", "18"], verdict: "ALLOW" },
    ]);
    expect(check(gap).gaps).toEqual([{ witness: { age_known: false, age: 17.5 } }]);
    expect(check(gap, { constraints: [{ number: "age", whole: true }] }).gaps).toEqual([]);
  });

  it("uses what inputs imply of each other", () => {
    const rules = table([{ age_known: ["==", "false"], age: [">", "0"], verdict: "DENY" }, { verdict: "ALLOW" }]);
    expect(check(rules).neverMatch).toEqual([]);
    const constraints = [{ where: { age_known: false }, means: { age: 0 } }];
    expect(check(rules, { constraints }).neverMatch).toEqual([1]);
  });

  it("names rules that never decide, that contradict each other, and that are there twice", () => {
    const rules = table([
      { age: ["<", "18"], verdict: "DENY" },
      { age: ["<", "13"], verdict: "REVIEW" },
      { age: ["<", "18"], verdict: "DENY" },
      { verdict: "ALLOW" },
    ]);
    expect(check(rules)).toMatchObject({
      neverMatch: [],
      neverDecide: [2],
      contradictions: [
        { rules: [1, 2], witness: { age: 0 } },
        { rules: [2, 3], witness: { age: 0 } },
      ],
      duplicates: [{ rules: [1, 3] }],
    });
  });

  it("names inputs that lead to ALLOW where they are unknown", () => {
    const rules = table([
      { age: ["<", "18"], verdict: "DENY" },
      { age_known: ["!=", "true"], verdict: "DENY" },
      { verdict: "ALLOW" },
    ]);
    expect(check(rules).missing).toEqual([{ input: "age", witness: { age_known: true, age: null } }]);
  });

  it("refuses a table that is none of a decision, and names the rule", () => {
    expect(() => check(table([{ verdict: "MAYBE" }]))).toThrow(
      new RangeError('Cannot analyse sketch: rule 1: expected a verdict ALLOW, REVIEW or DENY, got "MAYBE"'),
    );
  });

  it("refuses a table that is too large with its size, and does not hang", () => {
    const pairs = Array.from({ length: 25 }, (_, index) => index);
    const names = [...pairs.map((index) => `x${index}`), ...pairs.map((index) => `y${index}`)];
    const large = table(
      [
        ...pairs.map(
          (index) => ({ [`x${index}`]: ["==", "true"], [`y${index}`]: ["==", "true"], verdict: "DENY" }) as const,
        ),
        { verdict: "ALLOW" },
      ],
      Object.fromEntries(names.map((name) => [name, "boolean" as const])),
    );
    const limits = { ...LIMITS, nodes: 3_000 };
    expect(() => check(large, { limits })).toThrow(
      new TooLargeError(
        "Cannot analyse sketch (26 rules, 50 inputs): it has 50 levels and 1125899906842624 cells, " +
          "and its diagrams take more than 3000 nodes",
      ),
    );
    const rules = Array.from({ length: 300 }, (_none, x) => ({ x: ["==", String(x)], verdict: "DENY" }) as const);
    expect(() => check(table([...rules, { verdict: "ALLOW" }], { x: "number" }))).toThrow(
      new TooLargeError("Cannot check sketch: it has 301 rules, expected at most 300"),
    );
  });
});

describe("the tables of the repository", () => {
  // As docs/governance.md says.
  const unneeded: Readonly<Record<string, readonly string[]>> = {
    campaign_targeting: ["tier"],
    location_playback: ["offline_zones", "open_now"],
    audience_segment: ["follows", "playlist_adds", "customer_value", "products", "days_since_last"],
    lead_routing: ["product_interest", "customer_value"],
  };
  const tables = new Map<string, CompiledTable>();
  const declared = new Map(subgraphs.flatMap(({ decisions }) => decisions.map((each) => [each.key, each] as const)));
  beforeAll(async () => {
    for (const { name } of subgraphs) {
      for (const each of await loadTables(join(projectRoot(), "subgraphs", name))) tables.set(each.table.key, each);
    }
  });

  it.each([...declared.keys()])("%s decides all facts, by rules that all matter", (key) => {
    const { table: own } = tables.get(key) ?? expect.fail(`there is no table ${key}`);
    expect(createExplainer(own, { constraints: declared.get(key)?.constraints }).unneeded).toEqual(unneeded[key] ?? []);
    const found = check(own, { constraints: declared.get(key)?.constraints });
    expect(found).toMatchObject({ key, gaps: [], neverMatch: [], neverDecide: [], duplicates: [] });
    for (const { rules, witness } of found.contradictions) {
      const evaluated = compile(own).evaluate(witness);
      expect("rules" in evaluated && rules.every((rule) => evaluated.rules.includes(rule))).toBe(true);
    }
  });
});
