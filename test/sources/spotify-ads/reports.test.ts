/** Reports and categories. */
import { describe, expect, it } from "vitest";
import { byId } from "../../../subgraphs/platform/items.ts";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import { world, ids, UNKNOWN, DRAFTS, connect, saying, messagesOf } from "../../support/spotify-ads-client.ts";

describe("reports", () => {
  it("cost a request for each fifty campaigns, and one for the currency", async () => {
    const { ads, calls } = await connect();
    const reports = requireAll(await ads.reports([...ids, UNKNOWN, ...ids]));
    expect(reports.map((report) => report?.campaignId ?? null)).toEqual(
      [...ids, UNKNOWN, ...ids].map((id) => (ids.includes(id) && !DRAFTS.includes(id) ? id : null)),
    );
    expect(await calls()).toEqual({ token: 1, aggregate_reports: 2, sandbox: 1 });
    await ads.reports(ids, await ads.currency());
    expect(await calls()).toEqual({ aggregate_reports: 2, sandbox: 1 });
  });

  it("have spend in units, not in micros, and null for withheld figures", async () => {
    const { ads } = await connect();
    expect(await ads.reports(ids.slice(5, 6))).toEqual([
      {
        campaignId: "6bf7452a-975f-4efa-a937-faa1ef8cd586",
        impressions: 613_543,
        clicks: 1293,
        completionRate: 0.7357,
        reach: 147_408,
        frequency: 4.1622,
        listeners: null,
        streams: null,
        spend: { amount: 6544.5, currency: "EUR" },
      },
    ]);
    expect(world.reports[5]?.stats).toMatchObject({ LISTENERS: -5, STREAMS: -5 });
  });

  it("are zero before a campaign starts", async () => {
    const { ads } = await connect();
    const pending = world.campaigns.filter(({ status }) => status === "PENDING_ADVERTISER_REVIEW").map(({ id }) => id);
    const figures = requireAll(await ads.reports(pending)).map((report) => [report?.impressions, report?.spend]);
    expect(figures).toEqual([
      [0, { amount: 0, currency: "EUR" }],
      [0, { amount: 0, currency: "EUR" }],
    ]);
  });

  it("are read to the last page", async () => {
    const { ads, calls } = await connect({ reportRows: 20 });
    const reports = requireAll(await ads.reports(ids.slice(0, 50)));
    expect(reports.filter((report) => report !== null)).toHaveLength(48);
    expect(await calls()).toEqual({ token: 1, aggregate_reports: 3, sandbox: 1 });
  });

  it("are an error if the pages never end", async () => {
    const { ads, calls } = await saying({
      "/ad_accounts/sandbox/aggregate_reports": { rows: [], continuation_token: "again" },
      "/ad_accounts/sandbox": { currency_code: "USD" },
    });
    const endless = "Cannot ask spotify-ads: its report on 3 campaigns does not end";
    expect(messagesOf(await ads.reports(ids.slice(0, 3)))).toEqual([endless, endless, endless]);
    expect(await calls()).toMatchObject({ aggregate_reports: 3 });
  });
});

describe("categories", () => {
  it("have their name and their parent", async () => {
    const { ads } = await connect();
    const codes = byId(await ads.categories(), ({ code }) => code);
    expect([codes.get("ADV_16_144"), codes.get("ADV_16_0"), codes.get("ADV_99_0")]).toEqual([
      { code: "ADV_16_144", name: "Casinos and Gambling", parentName: "Gambling" },
      { code: "ADV_16_0", name: "Gambling", parentName: null },
      undefined,
    ]);
  });

  it("are read again after a failure", async () => {
    const { ads, fault } = await connect();
    await fault({ status: 500 });
    await expect(ads.categories()).rejects.toMatchObject({ status: 500 });
    await fault({});
    expect(requireAll(await ads.categories()).find(({ code }) => code === "ADV_12_101")).toMatchObject({
      name: "Banking",
    });
  });
});
