/** What the campaigns subgraph knows of campaigns: from whom, and what is left of it where somebody does not answer. */
// Before any decorator runs.
import "reflect-metadata";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { campaignActivationFacts } from "../../../subgraphs/campaigns/decisions/marketing-activation.ts";
import type { Campaign } from "../../../subgraphs/campaigns/campaign/campaign.ts";
import { placementFacts } from "../../../subgraphs/campaigns/decisions/placement-review.ts";
import { targetingFacts } from "../../../subgraphs/campaigns/decisions/campaign-targeting.ts";
import type { EpisodeFacts } from "../../../subgraphs/campaigns/external/episode.ts";
import { campaignServices, campaigns as definition } from "../../../subgraphs/campaigns/index.ts";
import { toCampaign } from "../../../subgraphs/campaigns/services.ts";
import type { CampaignServices, CampaignSources } from "../../../subgraphs/campaigns/services.ts";
import type { CaseRecord } from "../../../subgraphs/records/campaigns/types.ts";
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
import { unused } from "../../support/unused.ts";
import { results } from "../../../subgraphs/platform/results.ts";
import { createSubgraph } from "../../../subgraphs/server/subgraph.ts";
import { adsAt } from "../../support/audience.ts";
import { NOW, ask } from "../../support/decibel.ts";

const world = createCampaigns({ scale: 1, now: new Date(NOW) });
const tables = await loadTables(join(projectRoot(), "subgraphs", "campaigns"));
const log = pino({ enabled: false });

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

/** The subgraph's services over a Spotify Ads; where a test says nothing else, nothing first-party is written down. */
async function over(sandbox: Sandbox, sources: Partial<CampaignSources> = {}): Promise<CampaignServices> {
  open.push(sandbox);
  const ads = adsAt(await sandbox.listen(), () => NOW);
  open.push(ads);
  return campaignServices({
    ads,
    records: { ...NO_REQUESTS, profiles: async (ids) => ids.map(() => undefined) },
    cases: caseRecordsOf([]),
    sponsorships: sponsorshipRecordsOf([]),
    decide: () => Promise.reject(new Error("nothing is decided here")),
    recall: unused(),
    now: () => NOW,
    ...sources,
  });
}

/** The world's Spotify Ads, save that it answers 500 wherever this is asked for. */
function failingAt(isAsked: (url: string) => boolean): Sandbox {
  const sandbox = createSpotifyAdsSandbox({ world, now: () => NOW });
  sandbox.app.addHook("onRequest", async ({ url }, reply) => (isAsked(url) ? reply.code(500).send({}) : undefined));
  return sandbox;
}

function contextOf(): Context {
  return { requestId: "test", caller: "test", log };
}

async function sixty({ ads }: CampaignServices): Promise<readonly Campaign[]> {
  return (await ads.campaigns({ limit: 60, offset: 0 })).campaigns.map(toCampaign);
}

function messagesOf(settled: readonly unknown[]): readonly (string | null)[] {
  return settled.map((one) => (one instanceof Error ? one.message : null));
}
const AWAY = "Cannot ask spotify-ads: it answered 500";

describe("where Spotify Ads cannot be asked about some campaigns", () => {
  /** In the order of the list, fifty are asked for at once. */
  const lastTen = Array.from({ length: 60 }, (_none, index) => (index < 50 ? null : AWAY));

  it("the facts, ad sets and ads of all others are known", async () => {
    const at = { id: "" };
    const services = await over(failingAt((url) => url.includes("/ad_sets?") && at.id !== "" && url.includes(at.id)));
    const all = await sixty(services);
    at.id = all[55]?.adsId ?? "";
    const load = services.load(contextOf());
    expect(messagesOf(await results(all.map((one) => load.facts.load(one))))).toEqual(lastTen);
    expect(messagesOf(await results(all.map(({ adsId }) => load.adSets.load(adsId))))).toEqual(lastTen);
    expect(messagesOf(await results(all.map(({ adsId }) => load.ads.load(adsId))))).toEqual(lastTen);
  });

  it("all others are there", async () => {
    const at = { id: "" };
    const services = await over(failingAt((url) => at.id !== "" && url.includes(at.id)));
    const all = await sixty(services);
    at.id = all[55]?.adsId ?? "";
    const load = services.load(contextOf());
    expect(messagesOf(await results(all.map(({ adsId }) => load.campaign.load(adsId))))).toEqual(lastTen);
    expect(messagesOf(await results(all.map(({ adsId }) => load.report.load(adsId))))).toEqual(lastTen);
  });

  it("no alternative is found among the rest, which would be another one than there is", async () => {
    const wanted = { category: "apps", countries: ["SE", "AU"], adsId: "" };
    const at = { id: "" };
    const services = await over(failingAt((url) => url.includes("/ad_sets?") && at.id !== "" && url.includes(at.id)));
    at.id = world.campaigns.find(({ status }) => status === "ACTIVE")?.id ?? "";
    await expect(services.alternatives.find(wanted)).rejects.toThrow(AWAY);
    at.id = "";
    expect(await services.alternatives.find(wanted)).toMatchObject({ name: expect.stringContaining("Bibbo Games") });
  });
});

describe("where what we know ourselves cannot be looked up", () => {
  const away = () => Promise.reject(new Error("the database is away"));
  const known: CaseRecord = {
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

  it("a case about no campaign can still be routed", async () => {
    const services = await over(createSpotifyAdsSandbox({ world }), { records: { ...NO_REQUESTS, profiles: away } });
    const load = services.load(contextOf());
    const about = { ...known, id: "2", campaignId: world.campaigns[0]?.id ?? "" };
    const routed = await results([about, known].map((one) => load.routing.load(one)));
    expect(messagesOf(routed)).toEqual(["the database is away", null]);
    expect(routed[1]).toMatchObject({ tier: "NONE", hours_open: 0 });
  });

  it("a list of which another part was looked up is there", async () => {
    const cases = caseRecordsOf([{ ...known, campaignId: "a" }]);
    const services = await over(createSpotifyAdsSandbox({ world }), {
      cases: { ...cases, lists: (ids, part) => (part.limit === 2 ? away() : cases.lists(ids, part)) },
    });
    const { list } = services.load(contextOf()).cases;
    const keys = [1, 2].map((limit) => ({ ownerId: "a", window: { limit, after: undefined } }));
    const found = await results(keys.map((key) => list.load(key)));
    expect(messagesOf(found)).toEqual([null, "the database is away"]);
    expect(found[0]).toMatchObject([{ id: "1" }]);
  });
});

describe("what is decided about a campaign", () => {
  interface Change {
    readonly category: string | undefined;
    /** Of the world's where nothing is said. */
    readonly country?: null;
    /** From 30 on where nothing is said. */
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
  };

  const [known] = world.adSets;
  const country = known?.targets.geo_targets?.country_code ?? "";

  /** A Spotify Ads where only one campaign, that of a strategic partner, has ad sets: these, one created after the other. */
  function having(changes: readonly Change[]): Promise<CampaignServices> {
    if (!known) throw new RangeError("the world has ad sets");
    const { category: _category, ...same } = known;
    const { age_ranges: _ages, geo_targets: _place, audience_ids: _audiences, ...addressed } = known.targets;
    const adSets = changes.map((change, index) => ({
      ...same,
      ...(change.category !== undefined && { category: change.category }),
      id: uuid("ad set of a test", index),
      created_at: `2026-01-0${index + 1}T00:00:00Z`,
      targets: {
        ...addressed,
        ...(change.ages !== null && { age_ranges: [{ min: 30, max: 60 }] }),
        ...(change.country !== null && { geo_targets: { country_code: country } }),
      },
    }));
    return over(createSpotifyAdsSandbox({ world: { ...world, adSets } }), {
      records: {
        ...NO_REQUESTS,
        profiles: async (ids) => ids.map((campaignId) => ({ campaignId, tier: "STRATEGIC", competitors: [] })),
      },
    });
  }

  /** What the tables say of the campaign that has such ad sets: which rules match. */
  async function codesOf(...changes: readonly Change[]) {
    const load = (await having(changes)).load(contextOf());
    const campaign = await load.campaign.load(known?.campaign_id ?? "");
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

  it("heeds every category that one of its ad sets is in, whichever comes first", async () => {
    const books = { category: BOOKS };
    const drinks = { category: ALCOHOL, ages: null };
    const [last, first] = [await codesOf(books, drinks), await codesOf(drinks, books)];
    expect(last).toEqual(first);
    expect(first).toEqual(each("ALCOHOL_UNDER_18", "UNDER_18", "AGE_UNKNOWN_RESTRICTED"));
    expect(first.targeting).toContain("ADULTS_ONLY");
  });

  it("holds what is offered to an unrestricted category back where an ad set is in a restricted one", async () => {
    const [all, some] = [
      await codesOf({ category: BOOKS }, { category: FOOD }),
      await codesOf({ category: BOOKS }, { category: ALCOHOL }),
    ];
    expect([all, some].map(({ targeting }) => targeting.includes("STRATEGIC_PARTNER"))).toEqual([true, false]);
  });

  it("does not know the category of an ad set that names none, or one that Spotify does not list", async () => {
    const asked = [[{ category: BOOKS }, { category: undefined }], [{ category: "ADV_99_1" }, { category: BOOKS }], []];
    for (const sets of asked) expect(await codesOf(...sets)).toEqual(each("CATEGORY_UNKNOWN"));
    expect(Object.values(await codesOf({ category: BOOKS })).flat()).not.toContain("CATEGORY_UNKNOWN");
  });

  it("does not know the market of an ad set that names no country", async () => {
    const [here, anywhere] = [{ category: BOOKS }, { category: BOOKS, country: null }];
    for (const sets of [[here, anywhere], [anywhere]]) expect(await codesOf(...sets)).toEqual(each("MARKET_UNSET"));
    const codes = Object.values(await codesOf(here)).flat();
    expect(codes.filter((code) => String(code).startsWith("MARKET"))).toEqual([]);
  });

  it("is not to send somebody else to it, where it is for something else too", async () => {
    const find = async (...categories: readonly (string | undefined)[]) => {
      const { alternatives } = await having(categories.map((category) => ({ category })));
      return alternatives.find({ category: "food", countries: [country], adsId: "" });
    };
    expect(await find(FOOD, FOOD)).toMatchObject({ id: known?.campaign_id });
    expect(await find(FOOD, ALCOHOL)).toBeNull();
    expect(await find(FOOD, undefined)).toBeNull();
  });
});

describe("a placement in an episode of which nothing is known", () => {
  const EPISODE = "episode_p_e";
  const placement = async (representation: object, campaign: string) => {
    const subgraph = await createSubgraph(
      definition,
      { ...(await over(createSpotifyAdsSandbox({ world }))), commands: unused() },
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
  const some = `campaign_${world.campaigns[0]?.id ?? ""}`;

  it.each([
    ["because it has gone", { facts: null }],
    ["because nobody was asked", {}],
  ])("%s is an error: no decision is no permission", async (_why, representation) => {
    expect(await placement(representation, some)).toEqual({
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

  it("of what is no campaign's id is the client's mistake all the same", async () => {
    expect(await placement({}, "campaign")).toMatchObject({
      errors: [{ extensions: { code: "BAD_USER_INPUT", argument: "campaignId" } }],
    });
  });
});

describe("the list of campaigns", () => {
  it("ends where Spotify has nothing more to show, however many it counts", async () => {
    const sandbox = createSandbox({
      name: "spotify-ads",
      problem: () => ({}),
      routes(app) {
        app.addContentTypeParser("application/x-www-form-urlencoded", (_request, _body, done) => done(null, {}));
        app.post("/api/token", () => ({ access_token: "t", expires_in: 3600 }));
        app.get("/ads/v3/ad_accounts/sandbox/campaigns", () => ({ paging: { total_results: 60 }, campaigns: [] }));
      },
    });
    const subgraph = await createSubgraph(definition, { ...(await over(sandbox)), commands: unused() }, { log });
    open.push(subgraph);
    const page = "{ campaigns { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }";
    expect(await ask(await subgraph.listen(), page)).toEqual({
      data: { campaigns: { totalCount: 60, nodes: [], pageInfo: { hasNextPage: false, endCursor: null } } },
      errors: [],
    });
  });
});
