/** lead_routing: which route and queue a lead gets, and that one rule says both. */
import "reflect-metadata";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { leadRouting } from "../../../subgraphs/listeners/decisions/lead-routing.ts";
import type { FactsOf } from "../../../subgraphs/pipeline/decision.ts";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import type { Row } from "../../../subgraphs/pipeline/table/table.ts";
import { judge } from "../../../subgraphs/pipeline/verdict.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { createRandom } from "../../support/random.ts";
import { tableNamed } from "../../support/tables.ts";

type Facts = FactsOf<typeof leadRouting.inputs>;

const table = tableNamed(await loadTables(join(projectRoot(), "subgraphs", "listeners")), "lead_routing");

function rowsOf(facts: Facts): readonly Row[] {
  const evaluation = table.evaluate(facts);
  return "failed" in evaluation ? expect.fail("the evaluation failed") : evaluation.rows;
}

function routed(facts: Facts) {
  const { verdict, answer } = judge(leadRouting, rowsOf(facts));
  return [verdict, answer.score, answer.route, answer.queue];
}

const COLD: Facts = {
  consent: true,
  engagement: 0,
  cta_clicks: 0,
  industry: "education",
  country: "IT",
  product_interest: "unknown",
  customer_value: "LOW",
};
const WARM: Facts = { ...COLD, engagement: 55, cta_clicks: 1 };
const HOT: Facts = { ...WARM, engagement: 85 };

describe("a lead", () => {
  it.each<[string, Facts, readonly [string, number, string, string | null]]>([
    [
      "of a hotel that clicked",
      { ...WARM, industry: "hospitality", product_interest: "branded-playlists", customer_value: "HIGH" },
      ["ALLOW", 72, "SALES", "sales-in-store"],
    ],
    ["that is warm in Italy", WARM, ["ALLOW", 70, "SALES", "sales-emea"]],
    ["that is warm in Japan", { ...WARM, country: "JP" }, ["ALLOW", 70, "SALES", "sales-apac"]],
    ["that is warm in Mexico", { ...WARM, country: "MX" }, ["ALLOW", 70, "SALES", "sales-americas"]],
    [
      "that is warm and interested in a product without a sales desk",
      { ...WARM, product_interest: "audio-ads" },
      ["ALLOW", 70, "SALES", "sales-emea"],
    ],
    ["that is hot in Australia", { ...HOT, country: "AU" }, ["ALLOW", 90, "SALES", "sales-apac"]],
    ["that is hot and valuable", { ...HOT, customer_value: "HIGH" }, ["ALLOW", 98, "SALES", "sales-strategic"]],
    ["that is warm and valuable", { ...WARM, customer_value: "HIGH" }, ["ALLOW", 70, "SALES", "sales-strategic"]],
    ["that is engaged", { ...WARM, cta_clicks: 0 }, ["ALLOW", 50, "NURTURE", "nurture-engaged"]],
    [
      "that is engaged and interested in a product",
      { ...WARM, cta_clicks: 0, product_interest: "in-store-music" },
      ["ALLOW", 50, "NURTURE", "nurture-product"],
    ],
    [
      "that only clicked a link about a product",
      { ...COLD, cta_clicks: 1, product_interest: "audio-ads" },
      ["ALLOW", 55, "NURTURE", "nurture-product"],
    ],
    [
      "that is interested in a product and did not click lately",
      { ...COLD, product_interest: "audio-ads" },
      ["ALLOW", 35, "NURTURE", "nurture-product"],
    ],
    ["that only clicked", { ...COLD, cta_clicks: 1 }, ["ALLOW", 40, "NURTURE", "nurture-clicked"]],
    ["of which nothing is known", COLD, ["ALLOW", 10, "NURTURE", "nurture-general"]],
    ["with more clicks than a person's", { ...COLD, cta_clicks: 51 }, ["REVIEW", 5, "NURTURE", "fraud"]],
    ["of a bank", { ...WARM, industry: "finance" }, ["REVIEW", 60, "SALES", "compliance"]],
    ["without consent", { ...HOT, consent: false }, ["DENY", 0, "SUPPRESS", null]],
  ])("%s", (_lead, facts, expected) => {
    expect(routed(facts)).toEqual(expected);
  });

  it("gets the route and the queue of one rule, whatever the facts", () => {
    const random = createRandom(17);
    const valuesOf = (input: string) => table.table.inputs.find(({ name }) => name === input)?.entries ?? [];
    for (let round = 0; round < 2000; round++) {
      const facts: Facts = {
        consent: random.isLucky(0.9),
        engagement: random.integer(0, 100),
        cta_clicks: random.isLucky(0.1) ? random.integer(50, 60) : random.integer(0, 3),
        industry: random.pick([...valuesOf("industry"), "farming"]),
        country: random.pick([...valuesOf("country"), "CA"]),
        product_interest: random.pick(valuesOf("product_interest")),
        customer_value: random.pick(valuesOf("customer_value")),
      };
      const { route, queue } = judge(leadRouting, rowsOf(facts)).answer;
      const said = rowsOf(facts).map((row) => ({ route: row["route"], queue: row["queue"] ?? null }));
      expect({ facts, said }).toEqual({ facts, said: expect.arrayContaining([{ route, queue }]) });
      // Nobody gets a lead that is suppressed, and somebody gets each of the others.
      expect({ facts, hasQueue: queue !== null }).toEqual({ facts, hasQueue: route !== "SUPPRESS" });
    }
  });
});
