import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { join } from "node:path";
import type { Origin } from "../../schema/verdict.ts";
import { explain } from "../../subgraphs/pipeline/explain.ts";
import type { CompiledTable } from "../../subgraphs/pipeline/table/compile.ts";
import { loadTables } from "../../subgraphs/pipeline/table/load.ts";
import type { Facts, Row } from "../../subgraphs/pipeline/table/table.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { loanTable } from "../support/loans.ts";
import { compiled } from "../support/otdt.ts";

const table = loanTable();
const LARGE = { verdict: "REVIEW", reason_code: "LARGE", reason: "A large loan", queue: "desk" };
const CLEAR = { verdict: "ALLOW", reason_code: "CLEAR", reason: "Nothing objects" };
const facts = { amount: 2000, country: "DE" };

interface Explained {
  readonly rows?: readonly Row[];
  readonly version?: string;
  readonly origin?: Origin;
  readonly facts?: Facts;
  readonly by?: CompiledTable | undefined;
  readonly isTableHere?: boolean;
}
/** `1*` is a reconstructed rule. */
const rules = (given: Explained = {}): string => {
  const { rows = [LARGE, CLEAR], version = "1", origin = "SERVICE", isTableHere = true } = given;
  const by = "by" in given ? given.by : table;
  const outcome = { rows, model: { key: "loan", version }, origin };
  return explain(by, given.facts ?? facts, outcome, () => isTableHere)
    .map(({ rule, reconstructed }) => `${rule}${reconstructed ? "*" : ""}`)
    .join(" ");
};

describe("the rule behind each row", () => {
  it("is the one that gives this row in the local table", () => {
    expect(rules()).toBe("1* 3*");
  });

  it("does not depend on the number of the version, nor on the order of the rows", () => {
    expect([rules({ version: "2" }), rules({ version: "unknown" }), rules({ rows: [CLEAR, LARGE] })]).toEqual([
      "1* 3*",
      "1* 3*",
      "3* 1*",
    ]);
  });

  it.each(["SERVICE", "CACHE", "EQUIVALENT", "STALE"] as const)("is reconstructed if the origin is %s", (origin) => {
    expect(rules({ origin })).toBe("1* 3*");
  });

  it("is known if the local table decided", () => {
    expect(rules({ origin: "LOCAL" })).toBe("1 3");
  });

  it.each([
    ["the service is known to run another table", { isTableHere: false }],
    ["there is no local table", { by: undefined }],
    ["the facts match other rules", { facts: { amount: 2000, country: "XX" } }],
    ["an output of a row differs", { rows: [{ ...LARGE, queue: "board" }, CLEAR] }],
    ["a row has one more output", { rows: [LARGE, { ...CLEAR, queue: "desk" }] }],
    ["the facts are of a wrong type", { facts: { amount: "much", country: "DE" } }],
  ])("is null if %s", (_where, given: Explained) => {
    expect(rules(given)).toBe("null null");
  });

  it("is null if a row is missing, or there is one too many", () => {
    expect([rules({ rows: [CLEAR] }), rules({ rows: [LARGE, CLEAR, CLEAR] })]).toEqual(["null", "null null null"]);
  });

  it("does not depend on the order of the outputs of a row", () => {
    expect(rules({ rows: [Object.fromEntries(Object.entries(LARGE).toReversed()), CLEAR] })).toBe("1* 3*");
  });

  it("is null for an aggregate of several rules", () => {
    const sum = compiled({
      key: "loan",
      hitPolicy: "COLLECT",
      collectOperator: "SUM",
      inputs: { amount: "number" },
      outputs: { points: "number" },
      rules: [{ points: "1" }, { amount: [">", "10"], points: "2" }],
    });
    expect(rules({ by: sum, rows: [{ points: 3 }], facts: { amount: 20 } })).toBe("null");
  });
});

describe("a reason in the graph", () => {
  let graph: TestDecibel;
  beforeAll(async () => {
    graph = await startTestDecibel();
  });
  afterAll(() => graph.stop());

  it("names the rule that has its code, and what that rule says by itself", async () => {
    const { data, errors } = await graph.query<{
      campaigns: {
        nodes: { targeting: { reasons: { code: string; verdict: string; rule: number; reconstructed: boolean }[] } }[];
      };
    }>("{ campaigns(first: 30) { nodes { targeting { reasons { code verdict rule reconstructed } } } } }");
    expect(errors).toEqual([]);
    const tables = await loadTables(join(projectRoot(), "subgraphs/campaigns"));
    const rules = tables.find(({ table: { key } }) => key === "campaign_targeting")?.table.rules;
    const said = rules?.map(({ row }) => [row["reason_code"], row["verdict"]]);
    const reasons = data.campaigns.nodes.flatMap(({ targeting }) => targeting.reasons);
    expect(reasons.length).toBeGreaterThan(30);
    expect(reasons.map(({ rule }) => said?.[rule - 1])).toEqual(reasons.map(({ code, verdict }) => [code, verdict]));
    expect(new Set(reasons.map(({ verdict }) => verdict)).size).toBeGreaterThan(1);
    expect(reasons.every(({ reconstructed }) => reconstructed)).toBe(true);
  });

  it("names the rule whatever number the running version has", async () => {
    const { origin } = graph.sandbox("opentext");
    await fetch(`${origin}/sandbox/tables/campaign_targeting/version`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ version: 99 }),
    });
    await graph.decibel.pipeline.versions.refresh();
    const { data } = await graph.query<{ campaigns: { nodes: { targeting: { reasons: object[] } }[] } }>(
      "{ campaigns(first: 1) { nodes { targeting { reasons { rule reconstructed } } } } }",
    );
    const reasons = data.campaigns.nodes.flatMap(({ targeting }) => targeting.reasons);
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason).toEqual({ rule: expect.any(Number), reconstructed: true });
  });
});
