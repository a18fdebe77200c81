/** campaign_targeting: in which journey who reacted to a campaign is followed up. */
import "reflect-metadata";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { campaignTargeting } from "../../../subgraphs/campaigns/decisions/campaign-targeting.ts";
import type { FactsOf } from "../../../subgraphs/pipeline/decision.ts";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import { judge } from "../../../subgraphs/pipeline/verdict.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { tableNamed } from "../../support/tables.ts";

type Facts = FactsOf<typeof campaignTargeting.inputs>;

const table = tableNamed(await loadTables(join(projectRoot(), "subgraphs", "campaigns")), "campaign_targeting");
const FACTS: Facts = {
  goal: "LEAD_GEN",
  categories: ["apps"],
  tier: "STANDARD",
  countries: ["US"],
  placements: ["MUSIC"],
  minimum_age: 25,
  maximum_age: 54,
};

function followed(change: Partial<Facts>) {
  const evaluation = table.evaluate({ ...FACTS, ...change });
  if ("failed" in evaluation) return expect.fail("the evaluation failed");
  const { verdict, answer } = judge(campaignTargeting, evaluation.rows);
  return [verdict, answer.offer, answer.journey];
}

describe("who reacted to a campaign", () => {
  it.each<[Partial<Facts>, readonly [string, string | null, string | null]]>([
    [{}, ["ALLOW", "expert-callback", "lead-follow-up"]],
    [{ goal: "APP_PROMOTION" }, ["ALLOW", "install-bonus", "install-reminder"]],
    [{ goal: "WEBSITE_TRAFFIC", categories: ["food"] }, ["ALLOW", "free-shipping", "visit-reminder"]],
    [{ goal: "WEBSITE_TRAFFIC" }, ["ALLOW", null, "visit-reminder"]],
    [{ goal: "ENGAGEMENT_ON_SPOTIFY" }, ["ALLOW", "branded-playlist", "playlist-follow-up"]],
    [{ goal: "AWARENESS" }, ["ALLOW", null, null]],
    // Nobody is drawn to these by a bonus, or reminded of them.
    [{ goal: "APP_PROMOTION", categories: ["apps", "sports-betting"] }, ["ALLOW", null, null]],
    [{ goal: "WEBSITE_TRAFFIC", categories: ["food", "alcoholic-beverages"] }, ["ALLOW", "free-shipping", null]],
    [{ categories: ["pharmaceuticals"] }, ["ALLOW", "expert-callback", null]],
    // Not before it is reviewed.
    [{ goal: "LEAD_GEN", categories: ["banking"], countries: ["GB"] }, ["REVIEW", null, null]],
  ])("%j", (change, expected) => {
    expect(followed(change)).toEqual(expected);
  });
});
