/**
 * Campaigns: partial failures of Spotify Ads and records, the facts of decisions, and the list. Over 200 lines, because
 * failures and facts share one set-up of Spotify Ads.
 */
// Before any decorator runs.
import "reflect-metadata";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import { campaignActivationFacts } from "../../../subgraphs/campaigns/decisions/marketing-activation.ts";
import type { Campaign } from "../../../subgraphs/campaigns/campaign/campaign.ts";
import { placementFacts } from "../../../subgraphs/campaigns/decisions/placement-review.ts";
import { targetingFacts } from "../../../subgraphs/campaigns/decisions/campaign-targeting.ts";
import type { EpisodeFacts } from "../../../subgraphs/campaigns/external/episode.ts";
import { campaignServices, campaigns as definition } from "../../../subgraphs/campaigns/index.ts";
import { toCampaign } from "../../../subgraphs/campaigns/campaign/to-campaign.ts";
import type { CampaignServices, CampaignSources } from "../../../subgraphs/campaigns/services.ts";
import type { CaseRecord } from "../../../subgraphs/records/campaigns/types.ts";
import { backgroundContext } from "../../../subgraphs/platform/context.ts";
import type { Context } from "../../../subgraphs/platform/context.ts";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import type { Facts } from "../../../subgraphs/pipeline/table/table.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import type { Sandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { createSpotifyAdsSandbox } from "../../../subgraphs/sandbox/spotify-ads/server.ts";
import { CATEGORIES } from "../../../subgraphs/sandbox/world/brands.ts";
import { createCampaigns } from "../../../subgraphs/sandbox/world/campaigns.ts";
import { uuid } from "../../../subgraphs/sandbox/world/random.ts";
import { NO_REQUESTS, caseRecordsOf, sponsorshipRecordsOf } from "../../support/memory-records.ts";
import { UNFILTERED, unused } from "../../support/unused.ts";
import { results } from "../../../subgraphs/platform/results.ts";
import { createSubgraph } from "../../../subgraphs/server/subgraph.ts";
import { createAdsFacts } from "../../../subgraphs/sources/spotify-ads/facts.ts";
import { adsAt } from "../../support/audience.ts";
import { unkeptFacts } from "../../support/facts.ts";
import { NOW, ask } from "../../support/decibel.ts";
import { whole } from "../../support/whole.ts";

const world = whole(createCampaigns({ scale: 1, now: new Date(NOW) }));
const tables = await loadTables(join(projectRoot(), "subgraphs", "campaigns"));
const log = pino({ enabled: false });

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

/** The subgraph's services over a sandbox of Spotify Ads; by default without records. */
async function servicesOver(sandbox: Sandbox, sources: Partial<CampaignSources> = {}): Promise<CampaignServices> {
  open.push(sandbox);
  const ads = createAdsFacts(adsAt(await sandbox.listen(), { now: () => NOW }), unkeptFacts().of("spotify-ads", {}));
  open.push(ads);
  return campaignServices({
    ...UNFILTERED,
    ads,
    register: unused(),
    records: { ...NO_REQUESTS, profiles: async (ids) => ids.map(() => undefined) },
    cases: caseRecordsOf([]),
    sponsorships: sponsorshipRecordsOf([]),
    decide: () => Promise.reject(new Error("unexpected decision")),
    recall: unused(),
    now: () => NOW,
    ...sources,
  });
}

/** The sandbox world, but the requests that match are answered 500. */
function failingAt(matches: (url: string) => boolean): Sandbox {
  const sandbox = createSpotifyAdsSandbox({ world, now: () => NOW });
  sandbox.app.addHook("onRequest", async ({ url }, reply) => (matches(url) ? reply.code(500).send({}) : undefined));
  return sandbox;
}

function contextOf(): Context {
  return backgroundContext(log, "test");
}

async function firstSixty({ ads }: CampaignServices): Promise<readonly Campaign[]> {
  return requireAll((await ads.campaigns(contextOf(), { limit: 60, offset: 0 })).campaigns).map(({ value, asOf }) =>
    toCampaign(value, asOf),
  );
}

function messagesOf(values: readonly unknown[]): readonly (string | null)[] {
  return values.map((value) => (value instanceof Error ? value.message : null));
}
const UNAVAILABLE = "Cannot ask spotify-ads: it answered 500";

describe("a failure of Spotify Ads for some campaigns", () => {
  /** A request is for fifty ids, in the order of the list. */
  const lastTen = Array.from({ length: 60 }, (_none, index) => (index < 50 ? null : UNAVAILABLE));

  it("fails the facts, ad sets and ads of their batch alone", async () => {
    const failing = { id: "" };
    const services = await servicesOver(
      failingAt((url) => url.includes("/ad_sets?") && failing.id !== "" && url.includes(failing.id)),
    );
    const all = await firstSixty(services);
    failing.id = all[55]?.adsId ?? "";
    const load = services.load(contextOf());
    expect(messagesOf(await results(all.map((one) => load.facts.load(one))))).toEqual(lastTen);
    expect(messagesOf(await results(all.map(({ adsId }) => load.adSets.load(adsId))))).toEqual(lastTen);
    expect(messagesOf(await results(all.map(({ adsId }) => load.ads.load(adsId))))).toEqual(lastTen);
  });

  it("fails the campaigns and reports of their batch alone", async () => {
    const failing = { id: "" };
    const services = await servicesOver(failingAt((url) => failing.id !== "" && url.includes(failing.id)));
    const all = await firstSixty(services);
    failing.id = all[55]?.adsId ?? "";
    const load = services.load(contextOf());
    expect(messagesOf(await results(all.map(({ adsId }) => load.campaign.load(adsId))))).toEqual(lastTen);
    expect(messagesOf(await results(all.map(({ adsId }) => load.report.load(adsId))))).toEqual(lastTen);
  });

  it("fails the search for an alternative, because the rest might hold another one", async () => {
    const query = { category: "apps", countries: ["SE", "AU"], adsId: "" };
    const failing = { id: "" };
    const services = await servicesOver(
      failingAt((url) => url.includes("/ad_sets?") && failing.id !== "" && url.includes(failing.id)),
    );
    failing.id = world.campaigns.find(({ status }) => status === "ACTIVE")?.id ?? "";
    await expect(services.alternatives.find(contextOf(), query)).rejects.toThrow(UNAVAILABLE);
    failing.id = "";
    expect(await services.alternatives.find(contextOf(), query)).toMatchObject({
      name: expect.stringContaining("Bibbo Games"),
    });
  });
});

describe("a failure of the records", () => {
  const unavailable = () => Promise.reject(new Error("the database is unavailable"));
  const openCase: CaseRecord = {
    id: "1",
    campaignId: null,
    account: "An account",
    customerValue: "LOW",
    country: "SE",
    issue: "OTHER",
    severity: "LOW",
    description: "",
    status: "OPEN",
    openedAt: new Date(NOW),
  };

  it("does not fail the routing of a case without a campaign", async () => {
    const services = await servicesOver(createSpotifyAdsSandbox({ world }), {
      records: { ...NO_REQUESTS, profiles: unavailable },
    });
    const load = services.load(contextOf());
    const about = { ...openCase, id: "2", campaignId: world.campaigns[0]?.id ?? "" };
    const routed = await results([about, openCase].map((one) => load.routing.load(one)));
    expect(messagesOf(routed)).toEqual(["the database is unavailable", null]);
    expect(routed[1]).toMatchObject({ tier: "NONE", hours_open: 0 });
  });

  it("does not fail the same list with another window", async () => {
    const cases = caseRecordsOf([{ ...openCase, campaignId: "a" }]);
    const services = await servicesOver(createSpotifyAdsSandbox({ world }), {
      cases: { ...cases, lists: (ids, part) => (part.limit === 2 ? unavailable() : cases.lists(ids, part)) },
    });
    const { list } = services.load(contextOf()).cases;
    const keys = [1, 2].map((limit) => ({ ownerId: "a", window: { limit, after: undefined } }));
    const found = await results(keys.map((key) => list.load(key)));
    expect(messagesOf(found)).toEqual([null, "the database is unavailable"]);
    expect(found[0]).toMatchObject([{ id: "1" }]);
  });
});

describe("the decisions about a campaign", () => {
  interface Change {
    readonly category: string | undefined;
    /** Default: the country in the world. */
    readonly country?: null;
    /** Default: 30 to 60. */
    readonly ages?: null;
  }
  const [BOOKS, FOOD, ALCOHOL] = ["Books and Literature", "Food", "Alcoholic Beverages"].map(
    (name) => CATEGORIES.find((category) => category.name === name)?.code,
  );
  const EPISODE: EpisodeFacts = {
    topics: ["travel"],
    sensitiveTopics: [],
    explicit: false,
    languages: ["sv"],
    transcript: true,
    sponsors: [],
    status: "PUBLISHED",
    markets: [],
    adultsOnly: false,
  };

  const [adSet] = world.adSets;
  const country = adSet?.targets.geo_targets?.country_code ?? "";

  /** Services over a Spotify Ads in which only one campaign, of a strategic partner, has ad sets, created in this order. */
  function servicesWith(changes: readonly Change[]): Promise<CampaignServices> {
    if (!adSet) throw new RangeError("the world has ad sets");
    const { category: _category, ...rest } = adSet;
    const { age_ranges: _ages, geo_targets: _countries, audience_ids: _audiences, ...otherTargets } = adSet.targets;
    const adSets = changes.map((change, index) => ({
      ...rest,
      ...(change.category !== undefined && { category: change.category }),
      id: uuid("ad set of a test", index),
      created_at: `2026-01-0${index + 1}T00:00:00Z`,
      targets: {
        ...otherTargets,
        age_ranges: change.ages === null ? [] : [{ min: 30, max: 60 }],
        audience_ids: [],
        ...(change.country !== null && { geo_targets: { country_code: country } }),
      },
    }));
    return servicesOver(createSpotifyAdsSandbox({ world: { ...world, adSets } }), {
      records: {
        ...NO_REQUESTS,
        profiles: async (ids) => ids.map((campaignId) => ({ campaignId, tier: "STRATEGIC", competitors: [] })),
      },
    });
  }

  /** The reason codes of the rules that match the campaign with these ad sets. */
  async function codesOf(...changes: readonly Change[]) {
    const load = (await servicesWith(changes)).load(contextOf());
    const campaign = await load.campaign.load(adSet?.campaign_id ?? "");
    if (!campaign) throw new RangeError("the world has campaigns");
    const facts = await load.facts.load(campaign);
    return {
      placement: codesBy("placement_review", placementFacts(facts, EPISODE)),
      targeting: codesBy("campaign_targeting", targetingFacts(facts)),
      activation: codesBy("marketing_activation", campaignActivationFacts(campaign.status, facts)),
    };
  }

  function codesBy(key: string, facts: Facts): readonly unknown[] {
    const evaluation = tables.find(({ table }) => table.key === key)?.evaluate(facts);
    return evaluation && "rows" in evaluation ? evaluation.rows.map((row) => row["reason_code"]) : [];
  }
  const each = (placement: string, targeting = placement, activation = placement) => ({
    placement: expect.arrayContaining([placement]),
    targeting: expect.arrayContaining([targeting]),
    activation: expect.arrayContaining([activation]),
  });

  it("use the categories of all ad sets, in any order", async () => {
    const books = { category: BOOKS };
    const drinks = { category: ALCOHOL, ages: null };
    const [last, first] = [await codesOf(books, drinks), await codesOf(drinks, books)];
    expect(last).toEqual(first);
    expect(first).toEqual(each("ALCOHOL_UNDER_18", "UNDER_18", "AGE_UNKNOWN_RESTRICTED"));
    expect(first.targeting).toContain("ADULTS_ONLY");
  });

  it("withhold an offer of an unrestricted category if an ad set is in a restricted one", async () => {
    const [all, some] = [
      await codesOf({ category: BOOKS }, { category: FOOD }),
      await codesOf({ category: BOOKS }, { category: ALCOHOL }),
    ];
    expect([all, some].map(({ targeting }) => targeting.includes("STRATEGIC_PARTNER"))).toEqual([true, false]);
  });

  it("treat a missing or unlisted category of an ad set as unknown", async () => {
    const changes = [
      [{ category: BOOKS }, { category: undefined }],
      [{ category: "ADV_99_1" }, { category: BOOKS }],
      [],
    ];
    for (const sets of changes) expect(await codesOf(...sets)).toEqual(each("CATEGORY_UNKNOWN"));
    expect(Object.values(await codesOf({ category: BOOKS })).flat()).not.toContain("CATEGORY_UNKNOWN");
  });

  it("treat a missing country of an ad set as an unset market", async () => {
    const [oneCountry, anyCountry] = [{ category: BOOKS }, { category: BOOKS, country: null }];
    for (const sets of [[oneCountry, anyCountry], [anyCountry]])
      expect(await codesOf(...sets)).toEqual(each("MARKET_UNSET"));
    const codes = Object.values(await codesOf(oneCountry)).flat();
    expect(codes.filter((code) => String(code).startsWith("MARKET"))).toEqual([]);
  });

  it("offer it as an alternative only if all its ad sets are in the category", async () => {
    const find = async (...categories: readonly (string | undefined)[]) => {
      const { alternatives } = await servicesWith(categories.map((category) => ({ category })));
      return alternatives.find(contextOf(), { category: "food", countries: [country], adsId: "" });
    };
    expect(await find(FOOD, FOOD)).toMatchObject({ adsId: adSet?.campaign_id });
    expect(await find(FOOD, ALCOHOL)).toBeNull();
    expect(await find(FOOD, undefined)).toBeNull();
  });
});

describe("a placement in an episode without facts", () => {
  const EPISODE = "episode_p_e";
  const placement = async (representation: object, campaign: string) => {
    const subgraph = await createSubgraph(
      definition,
      { ...(await servicesOver(createSpotifyAdsSandbox({ world }))), commands: unused(), worklist: unused() },
      { log },
    );
    open.push(subgraph);
    return ask(
      await subgraph.listen(),
      `query ($of: [_Any!]!) { _entities(representations: $of) {
        ... on Episode { id placement(campaignId: ${JSON.stringify(campaign)}) { verdict } }
      } }`,
      { of: [{ __typename: "Episode", id: EPISODE, ...representation }] },
    );
  };
  const someCampaign = `campaign_${world.campaigns[0]?.id ?? ""}`;

  it.each([
    ["because it no longer exists", { facts: null }],
    ["because they were not requested", {}],
  ])("%s is null with an error", async (_why, representation) => {
    expect(await placement(representation, someCampaign)).toEqual({
      data: { _entities: [{ id: EPISODE, placement: null }] },
      errors: [
        {
          message: "Cannot decide placement_review: the facts of the episode are not known",
          path: ["_entities", 0, "placement"],
          extensions: { code: "DECISION_UNAVAILABLE", decision: "placement_review", retryable: true },
        },
      ],
    });
  });

  it("refuses an id that is not a campaign's", async () => {
    expect(await placement({}, "campaign")).toMatchObject({
      errors: [{ extensions: { code: "BAD_USER_INPUT", argument: "campaignId" } }],
    });
  });
});

describe("the list of campaigns", () => {
  it("ends at an empty page, even if Spotify counts more", async () => {
    const sandbox = createSandbox({
      name: "spotify-ads",
      problem: () => ({}),
      routes(app) {
        app.addContentTypeParser("application/x-www-form-urlencoded", (_request, _body, done) => done(null, {}));
        app.post("/api/token", () => ({ access_token: "t", expires_in: 3600 }));
        app.get("/ads/v3/ad_accounts/sandbox/campaigns", () => ({ paging: { total_results: 60 }, campaigns: [] }));
      },
    });
    const subgraph = await createSubgraph(
      definition,
      { ...(await servicesOver(sandbox)), commands: unused(), worklist: unused() },
      { log },
    );
    open.push(subgraph);
    const page = "{ campaigns { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }";
    expect(await ask(await subgraph.listen(), page)).toEqual({
      data: { campaigns: { totalCount: 60, nodes: [], pageInfo: { hasNextPage: false, endCursor: null } } },
      errors: [],
    });
  });
});
