/** Ad sets and ads. */
import { describe, expect, it } from "vitest";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import { world, ids, UNKNOWN, DRAFTS, connect } from "../../support/spotify-ads-client.ts";

describe("ad sets and ads", () => {
  it("cost a request for fifty campaigns, and one for each further page", async () => {
    const { ads, calls } = await connect();
    const sets = requireAll(await ads.adSets(ids)).map(requireAll);
    expect(sets.map((list) => new Set(list.map(({ campaignId }) => campaignId)))).toEqual(
      ids.map((id) => new Set(DRAFTS.includes(id) ? [] : [id])),
    );
    expect(sets.flat()).toHaveLength(198);
    // 50 campaigns have 175 ad sets, four pages; the other 10 have 23, one page.
    expect(await calls()).toEqual({ token: 1, ad_sets: 5 });

    const found = requireAll(await ads.ads(ids, sets));
    expect(found.flat()).toHaveLength(world.ads.length);
    // 198 ad sets in four chunks, the ads of each of which fill a second page.
    expect(await calls()).toEqual({ ads: 8 });
    expect(await ads.ads(ids)).toEqual(found);
    expect(await calls()).toEqual({ ad_sets: 5, ads: 8 });
  });

  it("are aligned with the campaigns", async () => {
    const { ads } = await connect();
    const [first = "", second = ""] = ids;
    const asked = [second, ...DRAFTS, first, UNKNOWN, "no-id", second];
    const [sets, found] = [
      requireAll(await ads.adSets(asked)).map(requireAll),
      requireAll(await ads.ads(asked)).map(requireAll),
    ];
    const setsOf = (id: string): string[] =>
      world.adSets.filter((adSet) => adSet.campaign_id === id).map((adSet) => adSet.id);
    expect(sets.map((list) => list.map(({ id }) => id).toSorted())).toEqual(asked.map((id) => setsOf(id).toSorted()));
    expect(found.map((list) => list.map(({ id }) => id).toSorted())).toEqual(
      asked.map((id) =>
        world.ads
          .filter((ad) => setsOf(id).includes(ad.ad_set_id))
          .map((ad) => ad.id)
          .toSorted(),
      ),
    );
  });

  it("have budgets in units of the currency, and targets", async () => {
    const { ads } = await connect();
    const sets = requireAll(requireAll(await ads.adSets(ids.slice(0, 1))).flat());
    expect(sets.find(({ targets }) => targets.country === "SE")).toEqual({
      id: "bea2a499-7105-4949-8a48-ee95a089e1bb",
      campaignId: "48af2cc1-3a43-40d6-8097-d053d761ae44",
      status: "ACTIVE",
      startsAt: new Date("2026-01-16T00:00:00Z"),
      endsAt: new Date("2026-03-30T00:00:00Z"),
      budget: { amount: 9650, currency: "EUR", type: "LIFETIME" },
      category: "ADV_15_139",
      targets: {
        notKnown: [],
        ageRanges: [{ min: 18, max: 99 }],
        country: "SE",
        genders: ["MALE"],
        placements: ["PODCAST"],
        topics: ["food-and-drink", "sports", "music-and-audio"],
        language: "sv",
        // One filter for all topics excludes all of them.
        sensitiveTopicExclusions: [
          "alcohol",
          "crime-violence",
          "drugs",
          "gambling",
          "hate-speech",
          "pornography",
          "terrorism",
          "tobacco",
          "weapons",
        ],
        audienceIds: ["35ebc45c-4a15-46b0-b35d-eddb434092f4"],
        excludedAudienceIds: ["55cb1129-2177-42cb-88f5-905a3dcfdbb3"],
      },
    });
    expect(sets.find(({ targets }) => targets.country === "ES")?.targets.sensitiveTopicExclusions).toEqual([
      "gambling",
      "hate-speech",
      "terrorism",
      "tobacco",
    ]);
  });

  it("have the advertiser's name", async () => {
    const { ads } = await connect();
    const [[ad] = []] = requireAll(await ads.ads(ids.slice(5, 6)));
    expect(ad).toMatchObject({ advertiserName: "Royal Meridian Casino" });
  });
});
