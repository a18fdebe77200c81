/** placement_review: does the audience of an episode, as far as it is known, fit the campaign? */
import "reflect-metadata";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CampaignFacts } from "../../../subgraphs/campaigns/decisions/campaign-facts.ts";
import { placementFacts, placementReview } from "../../../subgraphs/campaigns/decisions/placement-review.ts";
import type { EpisodeFacts } from "../../../subgraphs/campaigns/external/episode.ts";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import { judge } from "../../../subgraphs/pipeline/verdict.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { tableNamed } from "../../support/tables.ts";

const table = tableNamed(await loadTables(join(projectRoot(), "subgraphs", "campaigns")), "placement_review");

const TARGETS: CampaignFacts["targets"] = {
  countries: ["DE"],
  minAge: 18,
  maxAge: 34,
  genders: [],
  placements: ["PODCAST"],
  topics: ["food-and-drink"],
  sensitiveTopicExclusions: [],
  audienceIds: [],
};
const CAMPAIGN: Omit<CampaignFacts, "targets"> = {
  goal: "AWARENESS",
  categories: ["food"],
  countries: ["DE"],
  languages: ["de"],
  profile: { tier: "STANDARD", competitors: [] },
};
const EPISODE: EpisodeFacts = {
  topics: ["food-and-drink"],
  sensitiveTopics: [],
  explicit: false,
  languages: ["de"],
  transcript: true,
  sponsors: [],
  status: "PUBLISHED",
  markets: ["DE", "FR"],
  adultsOnly: false,
};

function reviewed(targets: Partial<CampaignFacts["targets"]>, episode: Partial<EpisodeFacts>) {
  const campaign = { ...CAMPAIGN, targets: Object.assign({}, TARGETS, targets) };
  const evaluation = table.evaluate(placementFacts(campaign, Object.assign({}, EPISODE, episode)));
  if ("failed" in evaluation) return expect.fail("the evaluation failed");
  const { verdict, reasons, answer } = judge(placementReview, evaluation.rows);
  return [verdict, reasons[0]?.code, answer.queue];
}

describe("a placement", () => {
  it.each<[string, Parameters<typeof reviewed>, readonly [string, string, string | null]]>([
    ["in an episode for its audience", [{}, {}], ["ALLOW", "CLEAR", null]],
    [
      "in an episode for other countries",
      [{}, { markets: ["US", "CA"] }],
      ["REVIEW", "MARKET_MISMATCH", "audience-planning"],
    ],
    ["in an episode for unknown countries, but on its topics", [{}, { markets: [] }], ["ALLOW", "CLEAR", null]],
    ["in an episode on other topics, but for its countries", [{}, { topics: ["sports"] }], ["ALLOW", "CLEAR", null]],
    [
      "in an episode on other topics and for unknown countries",
      [{}, { topics: ["sports"], markets: [] }],
      ["REVIEW", "AUDIENCE_DOUBTFUL", "audience-planning"],
    ],
    [
      "of a campaign without topics, in an episode for unknown countries",
      [{ topics: [] }, { markets: [] }],
      ["ALLOW", "CLEAR", null],
    ],
    [
      "of a campaign for all ages, in an episode for adults",
      [{ maxAge: null }, { adultsOnly: true }],
      ["ALLOW", "CLEAR", null],
    ],
    [
      "of a campaign for the young, in an episode for adults",
      [{ maxAge: 24 }, { adultsOnly: true }],
      ["REVIEW", "YOUNG_BESIDE_ADULT_CONTENT", "brand-safety"],
    ],
    [
      "of a campaign for minors, in an episode for adults",
      [{ minAge: 13, maxAge: 17 }, { adultsOnly: true }],
      ["DENY", "MINORS_BESIDE_ADULT_CONTENT", null],
    ],
    [
      "of a campaign for minors, in an episode for everybody",
      [{ minAge: 13, maxAge: 17 }, {}],
      ["ALLOW", "CLEAR", null],
    ],
  ])("%s", (_placement, [targets, episode], expected) => {
    expect(reviewed(targets, episode)).toEqual(expected);
  });
});
