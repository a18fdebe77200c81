/** Unexpected replies: unknown values, and errors that name the field. */
import { describe, expect, it } from "vitest";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import { ids, UNKNOWN, saying } from "../../support/spotify-ads-client.ts";

describe("an unexpected reply", () => {
  const campaign = { id: ids[0], name: "New", created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z" };
  const paging = { total_results: 1 };
  const account = "/ad_accounts/sandbox";

  it("may have unknown enum values", async () => {
    const { ads } = await saying({
      [`${account}/campaigns`]: {
        paging,
        campaigns: [{ ...campaign, status: "ON_THE_MOON", delivery_goal_group: "FAME", purchase_order: null }],
      },
      [`${account}/ad_sets`]: {
        paging,
        ad_sets: [
          {
            id: UNKNOWN,
            campaign_id: ids[0],
            name: "New",
            status: "DREAMING",
            budget: { micro_amount: 12_500_000, type: "HOURLY", currency: "EUR" },
            targets: { placements: ["MUSIC", "AUDIOBOOK"], age_ranges: [{ min: 21 }, {}] },
          },
        ],
      },
      [`${account}/ads`]: { paging, ads: [{ id: UNKNOWN, ad_set_id: UNKNOWN, name: "New", status: "SINGING" }] },
    });
    const [[found], [[set] = []], [[ad] = []]] = [
      requireAll(await ads.campaignsById(ids.slice(0, 1))),
      requireAll(await ads.adSets(ids.slice(0, 1))),
      requireAll(await ads.ads(ids.slice(0, 1))),
    ];
    expect(found).toMatchObject({ status: "RESTRICTED", goal: "UNSET", purchaseOrder: null });
    expect(set).toMatchObject({ status: "UNRECOGNIZED", budget: null, category: null, startsAt: null, endsAt: null });
    expect(set?.targets).toEqual({
      ageRanges: [
        { min: 21, max: 99 },
        { min: 13, max: 99 },
      ],
      country: null,
      genders: [],
      placements: ["MUSIC", "AUDIOBOOK"],
      topics: [],
      language: null,
      sensitiveTopicExclusions: [],
      audienceIds: [],
      excludedAudienceIds: [],
    });
    expect(ad).toEqual({
      id: UNKNOWN,
      adSetId: UNKNOWN,
      name: "New",
      status: "UNRECOGNIZED",
      advertiserName: null,
      tagline: null,
      clickthroughUrl: null,
    });
  });

  it.each([
    ["a missing field", { ...campaign }, "campaigns.0.status: Invalid input: expected string, received undefined"],
    ["another type", { ...campaign, status: 3 }, "campaigns.0.status: Invalid input: expected string, received number"],
    ["no date", { ...campaign, status: "ACTIVE", created_at: "soon" }, "campaigns.0.created_at: Invalid ISO datetime"],
  ])("is refused for %s, by name", async (_title, record, state) => {
    const { ads } = await saying({ [`${account}/campaigns`]: { paging, campaigns: [record] } });
    await expect(ads.campaigns({ limit: 1, offset: 0 })).rejects.toThrow(
      `Cannot ask spotify-ads: it answered unexpectedly: ${state}`,
    );
  });
});
