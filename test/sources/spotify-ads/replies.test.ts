/** Unexpected replies: unknown values, and errors that name the field. */
import { describe, expect, it } from "vitest";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import { ids, UNKNOWN, messagesOf, saying } from "../../support/spotify-ads-client.ts";

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
    const [[found], [set], [ad]] = [
      requireAll(await ads.campaignsById(ids.slice(0, 1))),
      requireAll(requireAll(await ads.adSets(ids.slice(0, 1))).flat()),
      requireAll(requireAll(await ads.ads(ids.slice(0, 1))).flat()),
    ];
    expect(found).toMatchObject({ status: "RESTRICTED", goal: "UNSET" });
    expect(set).toMatchObject({ status: "UNRECOGNIZED", budget: null, category: null, startsAt: null, endsAt: null });
    expect(set?.targets).toEqual({
      notKnown: ["sensitive_topic_exclusions", "audience_ids"],
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
    expect(ad).toEqual({ id: UNKNOWN, adSetId: UNKNOWN, advertiserName: null });
  });

  it.each([
    [
      "another type",
      { ...campaign, status: 3 },
      `campaign ${ids[0]}: status: Invalid input: expected string, received number`,
    ],
    ["no id", { ...campaign, id: null }, "campaign #0: id: Invalid input: expected string, received null"],
  ])("costs the item for %s, by name", async (_title, record, state) => {
    const { ads } = await saying({
      [`${account}/campaigns`]: { paging: { total_results: 2 }, campaigns: [record, { ...campaign, id: ids[1] }] },
    });
    const { campaigns } = await ads.campaigns({ limit: 2, offset: 0 });
    expect(messagesOf(campaigns)).toEqual([`Cannot ask spotify-ads: it answered unexpectedly: ${state}`, null]);
  });

  it("shows a campaign that has nothing but its id", async () => {
    const { ads } = await saying({ [`${account}/campaigns`]: { paging, campaigns: [{ id: ids[0] }] } });
    expect(await ads.campaignsById(ids.slice(0, 1))).toEqual([
      { id: ids[0], name: null, status: "RESTRICTED", goal: "UNSET" },
    ]);
  });

  it("without a total is read to its end", async () => {
    const many = ids.slice(0, 52).map((id) => ({ id }));
    const { ads, calls } = await saying({
      [`${account}/campaigns`]: ({ query }: { query: { offset: string } }) => ({
        paging: {},
        campaigns: many.slice(Number(query.offset), Number(query.offset) + 50),
      }),
    });
    const { total, campaigns } = await ads.campaigns({ limit: 51, offset: 0 });
    expect([total, campaigns.length, await calls()]).toMatchObject([52, 51, { campaigns: 3 }]);
  });
});
