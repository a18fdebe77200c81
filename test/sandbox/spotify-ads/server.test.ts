/**
 * The sandbox of Spotify Ads, and the world of campaigns. Over 200 lines, because both are tested with the same world.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Sandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { createSpotifyAdsSandbox } from "../../../subgraphs/sandbox/spotify-ads/server.ts";
import { BRANDS, CATEGORIES, COUNTRIES, FOR_EVERYBODY, slugOf } from "../../../subgraphs/sandbox/world/brands.ts";
import { createCampaigns } from "../../../subgraphs/sandbox/world/campaigns.ts";
import { whole } from "../../support/whole.ts";

const NOW = new Date("2026-03-10T15:30:00Z");
const world = whole(createCampaigns({ scale: 1, now: NOW }));
const large = whole(createCampaigns({ scale: 3, now: NOW }));
const ids = world.campaigns.map(({ id }) => id);
const UNKNOWN = "00000000-0000-4000-8000-000000000000";

describe("the sandbox of Spotify Ads", () => {
  let sandbox: Sandbox;
  let authorization: string;
  const account = "/ads/v3/ad_accounts/sandbox";

  beforeEach(async () => {
    sandbox = createSpotifyAdsSandbox({ world, limits: { requests: 20, reports: 2 }, now: () => 0 });
    const { access_token } = (await token({ grant_type: "refresh_token", refresh_token: "sandbox" })).json();
    authorization = `Bearer ${access_token}`;
  });

  afterEach(() => sandbox.close());

  const token = (form: Record<string, string>, secret = "sandbox") =>
    sandbox.app.inject({
      method: "POST",
      url: "/api/token",
      headers: {
        authorization: `Basic ${btoa(`sandbox:${secret}`)}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      payload: new URLSearchParams(form).toString(),
    });
  const get = (url: string) => sandbox.app.inject({ url, headers: { authorization } });

  it("issues access tokens for an hour", async () => {
    const bought = await token({ grant_type: "refresh_token", refresh_token: "sandbox" });
    expect(bought.json()).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 3600,
      scope: "",
    });
  });

  it.each([
    [{ grant_type: "refresh_token", refresh_token: "old" }, "sandbox", "invalid_grant"],
    [{ grant_type: "client_credentials" }, "sandbox", "unsupported_grant_type"],
    [{ grant_type: "refresh_token", refresh_token: "sandbox" }, "guess", "invalid_client"],
  ])("refuses %o with the secret %s as %s", async (form, secret, error) => {
    const refused = await token(form, secret);
    expect([refused.statusCode, refused.json().error]).toEqual([400, error]);
  });

  it.each([
    [401, "UNAUTHORIZED", `${account}/campaigns`, "Bearer guess"],
    [403, "FORBIDDEN", "/ads/v3/ad_accounts/another/campaigns", undefined],
    [404, "NOT_FOUND", `${account}/campaigns/${UNKNOWN}`, undefined],
    [404, "NOT_FOUND", `${account}/nothing`, undefined],
    [400, "INVALID_REQUEST", `${account}/campaigns?limit=51`, undefined],
    [400, "INVALID_REQUEST", `${account}/ad_sets?campaign_ids=7`, undefined],
  ])("answers %i %s with a trace, messages and codes to %s", async (status, code, url, header) => {
    const answer = await sandbox.app.inject({ url, headers: { authorization: header ?? authorization } });
    expect([answer.statusCode, answer.json()]).toEqual([
      status,
      {
        sp_trace_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        messages: [expect.any(String)],
        error_codes: [{ code, definition: expect.any(String) }],
      },
    ]);
  });

  it.each([
    [401, "UNAUTHORIZED", "/ads/v3/ad_categories", "Bearer guess"],
    [403, "FORBIDDEN", "/ads/v3/ad_accounts/another/aggregate_reports", undefined],
    [400, "INVALID_REQUEST", `${account}/aggregate_reports?entity_type=CAMPAIGN`, undefined],
  ])("answers %i %s in the other error format to %s", async (status, code, url, header) => {
    const answer = await sandbox.app.inject({ url, headers: { authorization: header ?? authorization } });
    expect([answer.statusCode, answer.json()]).toEqual([
      status,
      { errorCodes: [code], messages: [expect.any(String)] },
    ]);
  });

  it("filters and sorts its lists", async () => {
    const found = await get(
      `${account}/campaigns?name=BANK&statuses=ACTIVE&sort_field=NAME&sort_direction=ASC&limit=2`,
    );
    const banks = world.campaigns.filter(({ name, status }) => /bank/i.test(name) && status === "ACTIVE");
    expect(found.json()).toEqual({
      paging: { page_size: 2, total_results: banks.length, offset: 0, current_page: 1 },
      campaigns: banks.toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, 2),
    });
  });

  it("reports on at most fifty campaigns", async () => {
    const report = `${account}/aggregate_reports?entity_type=CAMPAIGN&fields=SPEND&entity_ids_type=CAMPAIGN`;
    const of = (count: number): string => ids.slice(0, count).reduce((url, id) => `${url}&entity_ids=${id}`, report);
    expect([(await get(of(50))).statusCode, (await get(of(51))).statusCode]).toEqual([200, 400]);
  });

  it("ignores other parameters beside a continuation token, and warns of them", async () => {
    const report = `${account}/aggregate_reports`;
    const first = (await get(`${report}?entity_type=CAMPAIGN&fields=CLICKS&limit=50`)).json();
    const rest = (await get(`${report}?continuation_token=${first.continuation_token}&fields=SPEND`)).json();
    expect([first.rows.length, first.warnings, rest.rows.length, rest.continuation_token]).toEqual([50, [], 8, ""]);
    expect([rest.rows[0].stats[0].field_type, rest.warnings]).toEqual([
      "CLICKS",
      ["continuation_token: all else was ignored"],
    ]);
  });

  it("counts the remaining requests, those of reports separately, and refuses requests above the limit", async () => {
    const limits = async (url: string) => {
      const { statusCode, headers } = await get(url);
      return [statusCode, ...["limit", "remaining", "reset"].map((what) => headers[`x-ratelimit-${what}`])].map(Number);
    };
    expect(await limits("/ads/v3/ad_categories")).toEqual([200, 20, 19, 30]);
    const report = `${account}/aggregate_reports?entity_type=CAMPAIGN&fields=SPEND`;
    expect([await limits(report), await limits(report), await limits(report)]).toEqual([
      [200, 2, 1, 30],
      [200, 2, 0, 30],
      [429, 2, 0, 30],
    ]);
    expect((await get(report)).headers["retry-after"]).toBe("30");
    expect(await limits("/ads/v3/ad_categories")).toEqual([200, 20, 18, 30]);
  });
});

describe("the world of campaigns", () => {
  it("is the same for the same day", () => {
    expect(whole(createCampaigns({ scale: 1, now: new Date("2026-03-10T23:59:59Z") }))).toEqual(world);
    expect(whole(createCampaigns({ scale: 1, now: new Date("2026-03-11T00:00:00Z") }))).not.toEqual(world);
  });

  it("has 60 campaigns at scale 1, which a larger scale contains", () => {
    expect([world.campaigns.length, large.campaigns.length]).toEqual([60, 180]);
    expect(large.campaigns.slice(0, 60)).toEqual(world.campaigns);
    expect(large.adSets.slice(0, world.adSets.length)).toEqual(world.adSets);
    expect(new Set([...large.campaigns, ...large.adSets, ...large.ads].map(({ id }) => id)).size).toBe(
      large.campaigns.length + large.adSets.length + large.ads.length,
    );
  });

  it.each([0, 1.5, Number.NaN, -1])("refuses scale %d", (scale) => {
    expect(() => createCampaigns({ scale, now: NOW })).toThrow(
      new RangeError(`scale is a whole number from 1, but got ${scale}`),
    );
  });

  it("has campaigns of every status and goal, in twelve countries and more than twenty categories", () => {
    expect(new Set(world.campaigns.map(({ status }) => status)).size).toBe(8);
    expect(new Set(world.campaigns.map(({ delivery_goal_group }) => delivery_goal_group)).size).toBe(6);
    expect(new Set(world.adSets.map(({ targets }) => targets.geo_targets?.country_code))).toEqual(
      new Set([...COUNTRIES.keys(), undefined]),
    );
    const used = new Set(world.adSets.flatMap(({ category }) => category ?? []));
    expect(used).toEqual(new Set(CATEGORIES.map(({ code }) => code)));
    expect([COUNTRIES.size, used.size]).toEqual([12, 23]);
    expect(new Set(world.profiles.map(({ tier }) => tier)).size).toBe(3);
  });

  it("has one to three ad sets for each campaign, seven to ten in unrestricted categories, none for a draft", () => {
    const setsOf = Map.groupBy(world.adSets, (adSet) => adSet.campaign_id);
    const counts = world.campaigns.map(({ id, status }) => [status === "UNSET", setsOf.get(id)?.length ?? 0]);
    expect(new Set(counts.map(([draft, count]) => `${draft}: ${count}`))).toEqual(
      new Set(["true: 0", ...[1, 2, 3, 7, 8, 9, 10].map((count) => `false: ${count}`)]),
    );
    const isForEverybody = new Map(CATEGORIES.map(({ code, name }) => [code, FOR_EVERYBODY.has(name)]));
    const wide = [...setsOf.values()].filter((sets) => sets.length > 3).flat();
    expect(wide.map(({ category = "" }) => isForEverybody.get(category))).toEqual(wide.map(() => true));
  });

  it("has one or two ads for each ad set, and some ad sets without a category or a country", () => {
    const adsOf = Map.groupBy(world.ads, (ad) => ad.ad_set_id);
    expect(new Set(world.adSets.map(({ id }) => adsOf.get(id)?.length))).toEqual(new Set([1, 2]));
    expect(world.adSets.filter(({ category }) => category === undefined)).toHaveLength(5);
    expect(world.adSets.filter(({ targets }) => targets.geo_targets === undefined)).toHaveLength(1);
  });

  it("targets alcohol and gambling to adults, except for two advertisers without a minimum age", () => {
    const adult = new Set(CATEGORIES.filter(({ adults }) => adults !== undefined).map(({ code }) => code));
    const ages = world.adSets.flatMap(({ category = "", targets }) =>
      adult.has(category) ? [targets.age_ranges[0]?.min ?? 0] : [],
    );
    expect(new Set(ages)).toEqual(new Set([0, 18, 20, 21]));
    const careless = world.adSets.filter(
      ({ category = "", targets }) => adult.has(category) && targets.age_ranges.length === 0,
    );
    expect(new Set(careless.map(({ name }) => name.replace(/ [A-Z]{2} \d$/, "")))).toEqual(
      new Set(["Blackthorn & Rye", "Gol de Letra Apostas"]),
    );
  });

  it("has a report for each campaign except drafts, some with withheld figures", () => {
    expect(world.reports.map(({ campaignId }) => campaignId)).toEqual(
      world.campaigns.filter(({ status }) => status !== "UNSET").map(({ id }) => id),
    );
    expect(world.reports.filter(({ stats }) => stats.LISTENERS === -5)).toHaveLength(10);
  });

  it("has the competitors of each campaign by their slugs", () => {
    expect(world.profiles.map(({ campaignId }) => campaignId)).toEqual(ids);
    expect(world.profiles[0]).toEqual({
      campaignId: ids[0],
      tier: "STANDARD",
      competitors: ["domaine-clairval", "destileria-agavida", "blackthorn-rye"],
    });
    const rivals = world.profiles.flatMap(({ competitors }) => competitors);
    expect(rivals.filter((slug) => !world.advertisers.includes(slug))).toEqual([]);
  });

  it("has advertisers with valid names and unique slugs", () => {
    expect(BRANDS.filter(({ name }) => name.length < 2 || name.length > 25)).toEqual([]);
    expect(new Set(world.advertisers).size).toBe(BRANDS.length);
    expect(world.advertisers.filter((slug) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug))).toEqual([]);
    expect(slugOf("Blackthorn & Rye — Été!")).toBe("blackthorn-rye-ete");
  });
});
