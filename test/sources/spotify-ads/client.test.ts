import { setImmediate as tick } from "node:timers/promises";
import { array, assert, asyncProperty, constantFrom, oneof, string, uuid } from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import type { Sandbox, Faults } from "../../../subgraphs/sandbox/sandbox.ts";
import { createSpotifyAdsSandbox } from "../../../subgraphs/sandbox/spotify-ads/server.ts";
import type { SpotifyAdsSandboxOptions } from "../../../subgraphs/sandbox/spotify-ads/server.ts";
import { CATEGORIES } from "../../../subgraphs/sandbox/world/brands.ts";
import { createCampaigns } from "../../../subgraphs/sandbox/world/campaigns.ts";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import type { SpotifyAds } from "../../../subgraphs/sources/spotify-ads/client.ts";
import type { SpotifyAdsOptions } from "../../../subgraphs/sources/spotify-ads/connection.ts";
import { misbehave } from "../../support/sandbox-control.ts";
import { adsAt } from "../../support/audience.ts";

const NOW = new Date("2026-03-10T15:30:00Z");
const world = createCampaigns({ scale: 1, now: NOW });
const large = createCampaigns({ scale: 3, now: NOW });
const ids = world.campaigns.map(({ id }) => id);
const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const DRAFTS = world.campaigns.filter(({ status }) => status === "UNSET").map(({ id }) => id);

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

interface Connected {
  readonly ads: SpotifyAds;
  readonly sandbox: Sandbox;
  /** The number of requests by the last segment of their path, since the last call of this. */
  readonly calls: () => Promise<Readonly<Record<string, number>>>;
  readonly fault: (faults: Faults) => Promise<void>;
}

async function connectTo(sandbox: Sandbox, options: Partial<SpotifyAdsOptions> = {}): Promise<Connected> {
  const origin = await sandbox.listen();
  const ads = adsAt(origin, options);
  open.push(sandbox, ads);
  return {
    ads,
    sandbox,
    async calls() {
      const log = Calls.parse((await sandbox.app.inject("/sandbox/calls")).json());
      await sandbox.app.inject({ method: "DELETE", url: "/sandbox/calls" });
      const names = log.recent.map(({ path }) => new URL(path, "http://host").pathname.split("/").at(-1) ?? "");
      return Object.fromEntries(names.map((name) => [name, names.filter((other) => other === name).length]));
    },
    async fault(faults) {
      await misbehave(sandbox, faults);
    },
  };
}

const Calls = z.object({ recent: z.array(z.object({ path: z.string() })) });

function connect(
  sandbox: Partial<SpotifyAdsSandboxOptions> = {},
  options: Partial<SpotifyAdsOptions> = {},
): Promise<Connected> {
  return connectTo(createSpotifyAdsSandbox({ world, ...sandbox }), options);
}

/** A Spotify Ads with these replies, by path; a function is called for each request. */
function saying(replies: Readonly<Record<string, unknown>>): Promise<Connected> {
  return connectTo(
    createSandbox({
      name: "spotify-ads",
      problem: () => ({}),
      routes(app) {
        app.addContentTypeParser("application/x-www-form-urlencoded", (_request, _body, done) => done(null, {}));
        app.post("/api/token", () => ({ access_token: "t", expires_in: 3600 }));
        for (const [path, reply] of Object.entries(replies)) {
          app.get(`/ads/v3${path}`, () => (typeof reply === "function" ? reply() : reply));
        }
      },
    }),
  );
}

/** The sandbox, except that it answers 500 to every request whose URL has this id. */
function failingAt(id: string): Promise<Connected> {
  const sandbox = createSpotifyAdsSandbox({ world });
  sandbox.app.addHook("onRequest", async ({ url }, reply) => (url.includes(id) ? reply.code(500).send({}) : undefined));
  return connectTo(sandbox);
}

/** The error of each result; null for a value. */
function messagesOf(list: readonly unknown[]): readonly (string | null)[] {
  return list.map((item) => (item instanceof Error ? item.message : null));
}

describe("a page of campaigns", () => {
  it("is one request, newest first, with the total", async () => {
    const { ads, calls } = await connect();
    const { total, campaigns } = await ads.campaigns({ limit: 10, offset: 0 });
    const newest = world.campaigns.toSorted((a, b) => (a.created_at < b.created_at ? 1 : -1)).slice(0, 10);
    expect([total, campaigns.map(({ id }) => id)]).toEqual([60, newest.map(({ id }) => id)]);
    expect(await calls()).toEqual({ token: 1, campaigns: 1 });
  });

  it("continues after the one before, and ends with the list", async () => {
    const { ads, calls } = await connect();
    const pages = await Promise.all([0, 25, 50, 75].map((offset) => ads.campaigns({ limit: 25, offset })));
    expect(pages.map(({ campaigns }) => campaigns.length)).toEqual([25, 25, 10, 0]);
    expect(new Set(pages.flatMap(({ campaigns }) => campaigns.map(({ id }) => id))).size).toBe(60);
    expect(await calls()).toEqual({ token: 1, campaigns: 4 });
  });

  it("may exceed Spotify's size, at one request for fifty", async () => {
    const { ads, calls } = await connect({ world: large });
    expect((await ads.campaigns({ limit: 120, offset: 0 })).campaigns).toHaveLength(120);
    expect(await calls()).toEqual({ token: 1, campaigns: 3 });
    expect((await ads.campaigns({ limit: 100, offset: 0 })).campaigns).toHaveLength(100);
    expect(await calls()).toEqual({ campaigns: 2 });
    expect((await ads.campaigns({ limit: 500, offset: 170 })).campaigns).toHaveLength(10);
    expect(await calls()).toEqual({ campaigns: 1 });
  });

  it("can be filtered by our statuses", async () => {
    const { ads, calls } = await connect();
    const counts: Record<string, number> = {};
    for (const status of ["DRAFT", "PENDING", "ACTIVE", "PAUSED", "ARCHIVED", "RESTRICTED"] as const) {
      const { total, campaigns } = await ads.campaigns({ limit: 50, offset: 0, statuses: [status] });
      expect(new Set(campaigns.map((campaign) => campaign.status))).toEqual(new Set([status]));
      counts[status] = total;
    }
    expect(counts).toEqual({ DRAFT: 2, PENDING: 2, ACTIVE: 49, PAUSED: 3, ARCHIVED: 2, RESTRICTED: 2 });
    expect((await ads.campaigns({ limit: 1, offset: 0, statuses: [] })).total).toBe(60);
    expect(await calls()).toEqual({ token: 1, campaigns: 7 });
  });

  it("is rejected without a request for invalid bounds", async () => {
    const { ads, calls } = await connect();
    await expect(ads.campaigns({ limit: 0, offset: 0 })).rejects.toThrow(
      new RangeError("limit is a whole number from 1, but got 0"),
    );
    await expect(ads.campaigns({ limit: 1, offset: -1 })).rejects.toThrow(
      new RangeError("offset is a whole number from 0, but got -1"),
    );
    expect(await calls()).toEqual({});
  });
});

describe("campaigns by id", () => {
  it("are aligned with the ids, with unknown, repeated and malformed ones, each read once", async () => {
    const { ads, calls } = await connect();
    const [first = "", second = ""] = ids;
    const asked = [second, UNKNOWN, first, "no-id", second, "", first.toUpperCase()];
    const found = requireAll(await ads.campaignsById(asked));
    expect(found.map((campaign) => campaign?.id ?? null)).toEqual([second, null, first, null, second, null, null]);
    expect(await calls()).toEqual({ token: 1, campaigns: 1 });
  });

  it("have Spotify's values in our terms", async () => {
    const { ads } = await connect();
    expect(await ads.campaignsById(ids.slice(0, 1))).toEqual([
      {
        id: "48af2cc1-3a43-40d6-8097-d053d761ae44",
        name: "Nordhavn Brygghus | Early Bird | 2025-001",
        status: "ACTIVE",
        goal: "AWARENESS",
        purchaseOrder: "PO-49422",
        createdAt: new Date("2025-12-29T14:31:13Z"),
        updatedAt: new Date("2026-01-05T14:31:13Z"),
      },
    ]);
  });

  it("cost nothing without ids", async () => {
    const { ads, calls } = await connect();
    const nothing = await Promise.all([
      ads.campaignsById([]),
      ads.adSets([]),
      ads.ads([]),
      ads.reports([]),
      ads.reports(["no-id"]),
      ads.ads(["no-id"]),
    ]);
    expect(nothing).toEqual([[], [], [], [], [null], [[]]]);
    expect(await calls()).toEqual({});
  });

  it("cost one request for fifty distinct ids", async () => {
    const { ads, calls } = await connect({ limits: { requests: 10_000, reports: 0 } });
    await ads.campaigns({ limit: 1, offset: 0 });
    await calls();
    const id = oneof(constantFrom(...ids), uuid(), string());
    await assert(
      asyncProperty(array(id, { maxLength: 160 }), async (asked) => {
        const found = requireAll(await ads.campaignsById(asked));
        expect(found.map((campaign) => campaign?.id)).toEqual(asked.map((one) => ids.find((known) => known === one)));
        const possible = new Set(asked.filter((one) => z.guid().safeParse(one).success));
        const requests = Math.ceil(possible.size / 50);
        expect(await calls()).toEqual(requests === 0 ? {} : { campaigns: requests });
      }),
      { numRuns: 20 },
    );
  });

  it("have at most eight requests in flight", async () => {
    let inFlight = 0;
    let most = 0;
    let release = (): void => {};
    const eight = new Promise<void>((resolve) => (release = resolve));
    const { ads, calls } = await saying({
      "/ad_accounts/sandbox/campaigns": async () => {
        most = Math.max(most, (inFlight += 1));
        if (inFlight === 8) {
          for (let turn = 0; turn < 20; turn += 1) await tick();
          release();
        }
        await eight;
        inFlight -= 1;
        return { paging: { total_results: 0 }, campaigns: [] };
      },
    });
    const many = Array.from({ length: 1000 }, (_none, index) => UNKNOWN.slice(0, -4) + String(index).padStart(4, "0"));
    await ads.campaignsById(many);
    expect([most, await calls()]).toEqual([8, { token: 1, campaigns: 20 }]);
  });
});

describe("ad sets and ads", () => {
  it("cost a request for fifty campaigns, and one for each further page", async () => {
    const { ads, calls } = await connect();
    const sets = requireAll(await ads.adSets(ids));
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
    const [sets, found] = [requireAll(await ads.adSets(asked)), requireAll(await ads.ads(asked))];
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
    const [sets = []] = requireAll(await ads.adSets(ids.slice(0, 1)));
    expect(sets.find(({ targets }) => targets.country === "SE")).toEqual({
      id: "bea2a499-7105-4949-8a48-ee95a089e1bb",
      campaignId: "48af2cc1-3a43-40d6-8097-d053d761ae44",
      name: "Nordhavn Brygghus SE 1",
      status: "ACTIVE",
      isPaused: false,
      startsAt: new Date("2026-01-16T00:00:00Z"),
      endsAt: new Date("2026-03-30T00:00:00Z"),
      budget: { amount: 9650, currency: "EUR", type: "LIFETIME" },
      category: "ADV_15_139",
      targets: {
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
    expect(ad).toMatchObject({
      status: "ACTIVE",
      advertiserName: "Royal Meridian Casino",
      clickthroughUrl: "https://www.royal-meridian-casino.example/",
    });
  });
});

describe("reports", () => {
  it("cost a request for each fifty campaigns, and one for the currency", async () => {
    const { ads, calls } = await connect();
    const reports = requireAll(await ads.reports([...ids, UNKNOWN, ...ids]));
    expect(reports.map((report) => report?.campaignId ?? null)).toEqual(
      [...ids, UNKNOWN, ...ids].map((id) => (ids.includes(id) && !DRAFTS.includes(id) ? id : null)),
    );
    expect(await calls()).toEqual({ token: 1, aggregate_reports: 2, sandbox: 1 });
    await ads.reports(ids);
    expect(await calls()).toEqual({ aggregate_reports: 2 });
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
  it("are cached for an hour", async () => {
    let now = 0;
    const { ads, calls } = await connect({}, { now: () => now });
    const [codes, same] = await Promise.all([ads.categories(), ads.categories()]);
    now = 3_599_999;
    expect([same === codes, (await ads.categories()) === codes]).toEqual([true, true]);
    now = 3_600_000;
    await ads.categories();
    expect(await calls()).toEqual({ token: 2, ad_categories: 2 });
  });

  it("have their name and their parent", async () => {
    const { ads } = await connect();
    const codes = await ads.categories();
    expect([codes.get("ADV_16_144"), codes.get("ADV_16_0"), codes.size]).toEqual([
      { code: "ADV_16_144", name: "Casinos and Gambling", parentName: "Gambling" },
      { code: "ADV_16_0", name: "Gambling", parentName: null },
      34 + CATEGORIES.length,
    ]);
  });

  it("are read again after a failure", async () => {
    const { ads, fault } = await connect();
    await fault({ status: 500 });
    await expect(ads.categories()).rejects.toMatchObject({ status: 500 });
    await fault({});
    expect((await ads.categories()).get("ADV_12_101")?.name).toBe("Banking");
  });
});

describe("a failed request", () => {
  it("is retried after 429", async () => {
    const draws = [1, 0, 1];
    const { ads, fault, calls } = await connect({ random: () => draws.shift() ?? 1 });
    await fault({ status: 429, share: 0.5 });
    expect((await ads.campaigns({ limit: 1, offset: 0 })).total).toBe(60);
    expect(await calls()).toEqual({ token: 1, campaigns: 2 });
  });

  it("is not retried before Retry-After", async () => {
    const { ads, calls } = await connect({ limits: { requests: 1, reports: 1 }, now: () => 0 });
    await ads.campaigns({ limit: 1, offset: 0 });
    await expect(ads.campaigns({ limit: 1, offset: 0 })).rejects.toMatchObject({
      message: "Cannot ask spotify-ads: it answered 429: RATE_LIMITED: Too many requests",
      retryAfterMs: 30_000,
      retryable: true,
    });
    expect(await calls()).toEqual({ token: 1, campaigns: 2 });
  });

  it("with an expired token is repeated with a new one", async () => {
    let now = 0;
    const { ads, calls } = await connect({ now: () => now }, { now: () => 0 });
    await ads.campaigns({ limit: 1, offset: 0 });
    now = 3_600_000;
    expect((await ads.campaigns({ limit: 1, offset: 0 })).total).toBe(60);
    expect(await calls()).toEqual({ token: 2, campaigns: 3 });
  });

  it.each([
    ["refreshToken", "400: invalid_grant: Invalid refresh token"],
    ["clientSecret", "400: invalid_client: Invalid client"],
  ])("is a wrong %s: the error names the accounts service", async (option, state) => {
    const { ads, calls } = await connect({}, { [option]: "wrong" });
    await expect(ads.categories()).rejects.toThrow(`Cannot ask spotify-accounts: it answered ${state}`);
    expect(await calls()).toEqual({ token: 1 });
  });

  it("uses a refresh token that Spotify replaced", async () => {
    const used: unknown[] = [];
    let now = 0;
    const sandbox = createSandbox({
      name: "spotify-ads",
      problem: () => ({}),
      routes(app) {
        app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) => {
          used.push(new URLSearchParams(String(body)).get("refresh_token"));
          done(null, {});
        });
        app.post("/api/token", () => ({ access_token: "t", expires_in: 60, refresh_token: `next-${used.length}` }));
        app.get("/ads/v3/ad_accounts/sandbox/campaigns", () => ({ paging: { total_results: 0 }, campaigns: [] }));
      },
    });
    const { ads } = await connectTo(sandbox, { now: () => now });
    for (now of [0, 60_000, 120_000]) await ads.campaigns({ limit: 1, offset: 0 });
    expect(used).toEqual(["sandbox", "next-1", "next-2"]);
  });

  it("has Spotify's message in either format", async () => {
    const { ads } = await connect({}, { accountId: "another" });
    await expect(ads.campaigns({ limit: 1, offset: 0 })).rejects.toMatchObject({
      message: "Cannot ask spotify-ads: it answered 403: FORBIDDEN: The caller has no access to this ad account",
      upstream: "spotify-ads",
      failure: "STATUS",
      retryable: false,
    });
    await expect(ads.reports(ids)).rejects.toThrow(
      "Cannot ask spotify-ads: it answered 403: FORBIDDEN: The caller has no access to this ad account",
    );
    expect(messagesOf(await ads.adSets(ids.slice(0, 1)))).toEqual([
      "Cannot ask spotify-ads: it answered 403: FORBIDDEN: The caller has no access to this ad account",
    ]);
  });

  it.each([
    [{ status: 500 }, { failure: "STATUS", status: 500, retryable: true }, 1],
    [{ status: 503 }, { failure: "STATUS", status: 503, retryable: true }, 3],
    [{ body: "malformed" as const }, { failure: "UNEXPECTED", retryable: false }, 1],
  ])("is an UpstreamError after %o", async (faults, error, requests) => {
    const { ads, fault, calls } = await connect();
    await ads.categories();
    await calls();
    await fault(faults);
    const failed = expect.objectContaining({ name: "UpstreamError", ...error });
    expect(await ads.campaignsById(ids.slice(0, 3))).toEqual([failed, failed, failed]);
    expect(await calls()).toEqual({ campaigns: requests });
  });

  it("fails its own fifty campaigns, and no others", async () => {
    const { ads, calls } = await failingAt(ids[55] ?? "");
    await ads.categories();
    const asked = ["no-id", ...ids, ...ids.slice(0, 1)];
    const isOf = (index: number): boolean => index > 50 && index <= 60;
    const [found, sets, reports, own] = [
      await ads.campaignsById(asked),
      await ads.adSets(asked),
      await ads.reports(asked),
      await ads.ads(asked),
    ];
    const failed = "Cannot ask spotify-ads: it answered 500";
    for (const list of [found, sets, reports, own]) {
      expect(messagesOf(list)).toEqual(asked.map((_id, index) => (isOf(index) ? failed : null)));
    }
    const { ads: well } = await connect();
    const rest = asked.map((id, index) => (isOf(index) ? "no-id" : id));
    const withoutErrors = <T>(list: readonly T[]): readonly T[] => list.filter((item) => !(item instanceof Error));
    const kept = <T>(list: readonly T[]): readonly T[] => list.filter((_item, index) => !isOf(index));
    expect(withoutErrors(found)).toEqual(kept(await well.campaignsById(rest)));
    expect(withoutErrors(sets)).toEqual(kept(await well.adSets(rest)));
    expect(withoutErrors(reports)).toEqual(kept(await well.reports(rest)));
    expect(withoutErrors(own)).toEqual(kept(await well.ads(rest)));
    expect(await calls()).toMatchObject({ campaigns: 2, aggregate_reports: 2 });
  });

  it("fails the campaigns of its ad sets", async () => {
    const sets = requireAll(await (await connect()).ads.adSets(ids));
    const adSetIds = sets.flat().map(({ id }) => id);
    const { ads } = await failingAt(adSetIds[60] ?? "");
    const befallen = new Set(adSetIds.slice(50, 100));
    expect(messagesOf(await ads.ads(ids, sets))).toEqual(
      sets.map((own) => (own.some(({ id }) => befallen.has(id)) ? "Cannot ask spotify-ads: it answered 500" : null)),
    );
  });
});

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
