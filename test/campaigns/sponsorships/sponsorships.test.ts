// Before any decorator runs.
import "reflect-metadata";
import { composeServices as composeWithApollo } from "@apollo/composition";
import { assertCompositionSuccess, composeServices } from "@theguild/federation-composition";
import { parse } from "graphql";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chooseEngine, javaScriptEngine } from "../../../gateway/engine/engine.ts";
import { episodeId } from "../../../schema/id.ts";
import { RequestStatus } from "../../../schema/request-status.ts";
import type { SponsorshipRecord } from "../../../subgraphs/records/campaigns/types.ts";
import { createCampaigns } from "../../../subgraphs/sandbox/world/campaigns.ts";
import { createEpisodes } from "../../../subgraphs/sandbox/world/episodes.ts";
import { createSponsorships } from "../../../subgraphs/sandbox/world/sponsorships.ts";
import { NOW, ask } from "../../support/decibel.ts";
import { MISSING_ID } from "../../support/mutations.ts";
import { allNodes, startCampaignsGraph } from "../../support/campaigns-graph.ts";
import type { CampaignsGraph, ListPage } from "../../support/campaigns-graph.ts";
import { whole } from "../../support/whole.ts";

type Page = ListPage<{ readonly id: string; readonly decision: Decision | null }>;
interface Decision {
  readonly verdict: string;
  readonly queue: string | null;
  readonly reasons: readonly { readonly code: string }[];
  readonly origin: string;
}

const PAGE_INFO = "pageInfo { hasNextPage hasPreviousPage endCursor }";
const FACTS = {
  topics: ["travel"],
  sensitiveTopics: [],
  explicit: false,
  languages: ["en"],
  transcript: true,
  sponsors: [],
  status: "PUBLISHED",
  markets: [],
  adultsOnly: false,
};
/** The ids of a sponsorship whose episode, and of one whose campaign, no longer exists upstream. */
const [MISSING_EPISODE, MISSING_CAMPAIGN] = ["missing-episode", "missing-campaign"];
/** Of one whose episode no longer exists either, but whose decision is recorded. */
const RECORDED = "recorded";
const RECORDED_DECISION = { verdict: "DENY", queue: null, reasons: [] };

let clock = NOW;
let graph: CampaignsGraph;
beforeAll(async () => {
  graph = await startCampaignsGraph({
    now: () => clock,
    sponsorships: ([first, ...others]) =>
      first
        ? [
            first,
            ...others,
            { ...first, id: MISSING_EPISODE, episodeId: { ...first.episodeId, episodeId: MISSING_ID } },
            { ...first, id: MISSING_CAMPAIGN, campaignId: MISSING_ID },
            {
              ...first,
              id: RECORDED,
              episodeId: { ...first.episodeId, episodeId: MISSING_ID },
              evaluationId: "evaluation_1",
            },
          ]
        : [],
    recall: async () => RECORDED_DECISION as never,
  });
});
afterAll(() => graph.stop());
afterEach(() => graph.misbehave());

const idOf = ({ id }: Pick<SponsorshipRecord, "id">): string => `sponsorship_${id}`;
function worldSponsorship(index: number): SponsorshipRecord {
  const record = graph.sponsorships[index];
  if (!record) throw new RangeError(`the world has no sponsorship ${index}`);
  return record;
}
function episodeOf({ episodeId: id }: SponsorshipRecord): string {
  return episodeId.encode(id.podcastId, id.episodeId);
}

describe("a sponsorship", () => {
  it("shows its record, campaign and episode", async () => {
    const { brand, productCategory, competitors, status, requestedBy, requestedAt } = worldSponsorship(2);
    const { data, errors } = await graph.query(
      `query ($id: ID!) { sponsorship(id: $id) {
        id brand productCategory competitors status requestedBy requestedAt episode { id } campaign { id tier }
      } }`,
      { id: idOf(worldSponsorship(2)) },
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({
      sponsorship: {
        id: idOf(worldSponsorship(2)),
        brand,
        productCategory,
        competitors,
        status,
        requestedBy,
        requestedAt: requestedAt.toISOString(),
        episode: { id: episodeOf(worldSponsorship(2)) },
        campaign: { id: `campaign_${worldSponsorship(2).campaignId}`, tier: expect.any(String) },
      },
    });
  });

  it("is null if it does not exist", async () => {
    const { data, errors } = await graph.query(`{ sponsorship(id: "sponsorship_${MISSING_ID}") { id } }`);
    expect([data, errors]).toEqual([{ sponsorship: null }, []]);
  });

  it.each(["", "sponsorship_", `case_${MISSING_ID}`, "sponsorship_a_b"])('refuses the id "%s"', async (id) => {
    const { data, errors } = await graph.query("query ($id: ID!) { sponsorship(id: $id) { id } }", { id });
    expect(data).toEqual({ sponsorship: null });
    expect(errors).toMatchObject([
      {
        message: `Cannot read id: ${JSON.stringify(id)} is no sponsorship id`,
        extensions: { code: "BAD_USER_INPUT", argument: "id" },
      },
    ]);
  });

  it("is null with an error if Spotify no longer has its campaign", async () => {
    const { data, errors } = await graph.query("query ($id: ID!) { sponsorship(id: $id) { campaign { id } } }", {
      id: idOf({ id: MISSING_CAMPAIGN }),
    });
    expect(data).toEqual({ sponsorship: null });
    expect(errors).toMatchObject([
      {
        message: `Cannot find its campaign: there is no campaign campaign_${MISSING_ID}`,
        path: ["sponsorship", "campaign"],
        extensions: { code: "NOT_FOUND" },
      },
    ]);
  });
});

describe("a reference to a sponsorship", () => {
  const refer = (...representations: object[]) =>
    graph.query(
      `query ($representations: [_Any!]!) {
        _entities(representations: $representations) { ... on Sponsorship { brand decision { verdict } } }
      }`,
      { representations: representations.map((one) => Object.assign({ __typename: "Sponsorship" }, one)) },
    );

  it("is decided from the facts of its episode", async () => {
    const { data, errors } = await refer({ id: idOf(worldSponsorship(2)), episodeFacts: FACTS });
    expect(errors).toEqual([]);
    expect(data).toEqual({
      _entities: [
        { brand: worldSponsorship(2).brand, decision: { verdict: expect.stringMatching(/^(ALLOW|REVIEW|DENY)$/) } },
      ],
    });
  });

  it("gets the facts of its episode from the episodes subgraph", async () => {
    const { url = "" } = graph.subgraphs.find(({ name }) => name === "episodes") ?? {};
    const of = (id: string, episode: string | null) => ({ __typename: "Sponsorship", id, episodeId: episode });
    const { data, errors } = await ask(
      url,
      "query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Sponsorship { id episodeFacts { status } } } }",
      {
        representations: [
          of("sponsorship_1", episodeOf(worldSponsorship(2))),
          of("sponsorship_2", `episode_${MISSING_ID}_${MISSING_ID}`),
          of("sponsorship_3", "episode"),
          of("4", episodeOf(worldSponsorship(2))),
          of("sponsorship_5", null),
        ],
      },
    );
    expect(data).toEqual({
      _entities: [
        { id: "sponsorship_1", episodeFacts: { status: "PUBLISHED" } },
        { id: "sponsorship_2", episodeFacts: null },
        null,
        null,
        { id: "sponsorship_5", episodeFacts: null },
      ],
    });
    expect(errors).toMatchObject([
      { path: ["_entities", 2], extensions: { code: "BAD_USER_INPUT", argument: "episodeId" } },
      { path: ["_entities", 3], extensions: { code: "BAD_USER_INPUT", argument: "id" } },
    ]);
  });

  it.each([
    ["without facts", {}],
    ["with facts that are null", { episodeFacts: null }],
  ])("%s has no decision, and an error", async (_what, more) => {
    const { data, errors } = await refer({ id: idOf(worldSponsorship(2)), ...more });
    expect(data).toEqual({ _entities: [{ brand: worldSponsorship(2).brand, decision: null }] });
    expect(errors).toEqual([
      {
        message: "Cannot decide placement_review: the facts of the episode are not known",
        path: ["_entities", 0, "decision"],
        extensions: { code: "DECISION_UNAVAILABLE", decision: "placement_review", retryable: true },
      },
    ]);
  });

  it("does not fail the others if it is malformed", async () => {
    const { data, errors } = await refer(
      { id: idOf(worldSponsorship(2)), episodeFacts: FACTS },
      { id: "sponsorship", episodeFacts: FACTS },
      { id: idOf(worldSponsorship(2)), episodeFacts: { ...FACTS, topics: "travel" } },
      { id: `sponsorship_${MISSING_ID}`, episodeFacts: FACTS },
      { id: idOf({ id: MISSING_CAMPAIGN }), episodeFacts: FACTS },
    );
    expect(data).toEqual({
      _entities: [
        { brand: worldSponsorship(2).brand, decision: { verdict: expect.any(String) } },
        null,
        null,
        null,
        { brand: worldSponsorship(0).brand, decision: null },
      ],
    });
    expect(errors.toSorted((left, right) => Number(left.path?.[1]) - Number(right.path?.[1]))).toMatchObject([
      { path: ["_entities", 1], extensions: { code: "BAD_USER_INPUT", argument: "id" } },
      {
        path: ["_entities", 2],
        message: "Cannot resolve Sponsorship: its representation's episodeFacts.topics is malformed",
      },
      {
        path: ["_entities", 4, "decision"],
        message: `Cannot decide placement_review: there is no campaign campaign_${MISSING_ID}`,
        extensions: { code: "NOT_FOUND" },
      },
    ]);
  });

  it("is decided with the competitors that only the request names", async () => {
    const [withCompetitor, without] = [{ ...FACTS, sponsors: ["acme-rivals"] }, FACTS];
    const other = await startCampaignsGraph({
      sponsorships: (world) => world.map((one) => ({ ...one, competitors: ["acme-rivals"] })),
    });
    try {
      const { data } = await other.query<{ _entities: { decision: Decision }[] }>(
        "query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Sponsorship { decision { reasons { code } } } } }",
        {
          representations: [withCompetitor, without].map((facts) => ({
            __typename: "Sponsorship",
            id: idOf(worldSponsorship(2)),
            episodeFacts: facts,
          })),
        },
      );
      const codes = data._entities.map(({ decision }) => decision.reasons.map(({ code }) => code));
      expect(codes.map((found) => found.includes("COMPETITOR_PRESENT"))).toEqual([true, false]);
    } finally {
      await other.stop();
    }
  });
});

describe("the sponsorships of a campaign", () => {
  it("are all of its sponsorships, newest first", async () => {
    const { data } = await graph.query<{ campaigns: { nodes: { id: string; sponsorships: Page }[] } }>(
      `{ campaigns(first: 200) { nodes { id sponsorships { totalCount nodes { id } ${PAGE_INFO} } } } }`,
    );
    const found = data.campaigns.nodes.map(({ id, sponsorships: { totalCount, nodes } }) => ({
      id,
      totalCount,
      nodes,
    }));
    const expected = data.campaigns.nodes.map(({ id }) => {
      const records = newestOf(id);
      return { id, totalCount: records.length, nodes: records.map((one) => ({ id: idOf(one) })) };
    });
    expect(found).toEqual(expected);
    expect(found.flatMap(({ nodes }) => nodes)).toHaveLength(42);
  });

  it("are one query for all campaigns, and counted only if totalCount is selected", async () => {
    graph.recordCalls();
    await graph.query("{ campaigns(first: 60) { nodes { sponsorships { nodes { id } } } } }");
    expect(graph.recordCalls()).toEqual(["sponsorships.lists of 60"]);
    await graph.query("{ campaigns(first: 60) { nodes { sponsorships { totalCount } } } }");
    expect(graph.recordCalls().toSorted()).toEqual(["sponsorships.counts of 60", "sponsorships.lists of 60"]);
  });

  it.each([1, 2, 5])("lose no sponsorship with %d a page", async (first) => {
    const [campaign = "", records = []] =
      [...Map.groupBy(graph.sponsorships, ({ campaignId }) => campaignId)].find(([, records]) => records.length > 5) ??
      [];
    const nodes = await allNodes(async (after) => {
      const { data } = await graph.query<{ campaign: { sponsorships: Page } }>(
        `query ($id: ID!, $first: Int, $after: String) {
          campaign(id: $id) { sponsorships(first: $first, after: $after) { nodes { id } ${PAGE_INFO} } }
        }`,
        { id: `campaign_${campaign}`, first, after },
      );
      expect(data.campaign.sponsorships.nodes.length).toBeLessThanOrEqual(first);
      return data.campaign.sponsorships;
    });
    expect(records.length).toBeGreaterThan(5);
    expect(nodes.map(({ id }) => id)).toEqual(newestOf(`campaign_${campaign}`).map(idOf));
  });

  function newestOf(campaign: string): readonly SponsorshipRecord[] {
    return graph.sponsorships
      .filter(({ campaignId }) => `campaign_${campaignId}` === campaign)
      .toSorted((left, right) => Number(right.requestedAt) - Number(left.requestedAt) || (left.id < right.id ? 1 : -1));
  }
});

const rust = await chooseEngine(pino({ enabled: false }));
const javascript = javaScriptEngine();

describe("the decision about a sponsorship, through a gateway", () => {
  const guild = (): string => {
    const composed = composeServices(services());
    assertCompositionSuccess(composed);
    return composed.supergraphSdl;
  };
  const apollo = (): string => {
    const composed = composeWithApollo(services());
    expect(composed.errors).toBeUndefined();
    return composed.supergraphSdl ?? "";
  };
  const services = () => graph.subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) }));
  const DECISION = "query ($id: ID!) { sponsorship(id: $id) { brand decision { verdict } } }";

  describe.each([
    ["@theguild/federation-composition", guild, rust],
    ["@theguild/federation-composition", guild, javascript],
    ["@apollo/composition", apollo, rust],
    ["@apollo/composition", apollo, javascript],
  ])("composed by %s", (_composer, compose, engine) => {
    let url: string;
    beforeAll(async () => {
      url = await graph.gateway(compose(), engine);
    });
    beforeEach(() => {
      // Earlier decisions are no longer fresh.
      clock += 3_600_000;
    });

    it.each([
      "brand decision { ...placement } episode { title placement(campaignId: $campaignId) { ...placement } }",
      "episode { placement(campaignId: $campaignId) { ...placement } title } decision { ...placement } brand",
    ])(`is made from its campaign and its episode, planned in ${engine.name}: %s`, async (selection) => {
      const one = worldSponsorship(2);
      const { data, errors } = await ask<{ sponsorship: { decision: Decision; episode: { placement: Decision } } }>(
        url,
        `query ($id: ID!, $campaignId: ID!) { sponsorship(id: $id) { ${selection} } }
         fragment placement on PlacementDecision { verdict queue reasons { code } }`,
        { id: idOf(one), campaignId: `campaign_${one.campaignId}` },
      );
      expect(errors).toEqual([]);
      expect(data).toMatchObject({ sponsorship: { brand: one.brand, episode: { title: expect.any(String) } } });
      expect(data.sponsorship.decision).toEqual(data.sponsorship.episode.placement);
      expect(data.sponsorship.decision.reasons.length).toBeGreaterThan(0);
    });

    it(`is one batch for all sponsorships, planned in ${engine.name}`, async () => {
      graph.batches();
      const { data, errors } = await ask<{ campaigns: { nodes: { sponsorships: Page }[] } }>(
        url,
        "{ campaigns(first: 200) { nodes { sponsorships { nodes { id decision { verdict } } } } } }",
      );
      const nodes = data.campaigns.nodes.flatMap(({ sponsorships }) => sponsorships.nodes);
      const missing = nodes.filter(({ id }) => id === idOf({ id: MISSING_EPISODE }));
      const verdicts = nodes.filter((one) => !missing.includes(one)).map(({ decision }) => decision?.verdict);
      expect(missing).toMatchObject([{ decision: null }]);
      expect(verdicts).toHaveLength(41);
      expect(new Set(verdicts)).toEqual(new Set(["ALLOW", "REVIEW", "DENY"]));
      expect(errors).toMatchObject([{ extensions: { code: "DECISION_UNAVAILABLE" } }]);
      expect(graph.batches()).toHaveLength(1);
    });

    it(`is null with an error if its episode no longer exists, planned in ${engine.name}`, async () => {
      const { data, errors } = await ask(url, DECISION, { id: idOf({ id: MISSING_EPISODE }) });
      expect(data).toEqual({ sponsorship: { brand: worldSponsorship(0).brand, decision: null } });
      expect(errors).toMatchObject([
        {
          message: "Cannot decide placement_review: the facts of the episode are not known",
          path: ["sponsorship", "decision"],
          extensions: { code: "DECISION_UNAVAILABLE", decision: "placement_review", retryable: true },
        },
      ]);
    });

    it(`is the recorded one whatever became of its episode, planned in ${engine.name}`, async () => {
      const { data, errors } = await ask(url, DECISION, { id: idOf({ id: RECORDED }) });
      expect(errors).toEqual([]);
      expect(data).toEqual({
        sponsorship: { brand: worldSponsorship(0).brand, decision: { verdict: RECORDED_DECISION.verdict } },
      });
    });

    it(`is null with an error if there is no decision, planned in ${engine.name}`, async () => {
      await graph.misbehave({ rows: "empty" });
      const { data, errors } = await ask(url, DECISION, { id: idOf(worldSponsorship(2)) });
      expect(data).toEqual({ sponsorship: { brand: worldSponsorship(2).brand, decision: null } });
      expect(errors).toMatchObject([
        {
          message: "Cannot decide placement_review: no rule matched, or the evaluation failed",
          path: ["sponsorship", "decision"],
          extensions: { code: "DECISION_UNDETERMINED", decision: "placement_review", retryable: false },
        },
      ]);
    });
  });
});

describe("the world's sponsorships", () => {
  const world = (scale: number) => {
    const now = new Date("2026-03-10T13:45:00Z");
    const campaigns = whole(createCampaigns({ scale, now }));
    const { episodes } = whole(createEpisodes({ scale, now, advertisers: campaigns.advertisers }));
    return {
      now,
      campaigns,
      episodes,
      sponsorships: whole(createSponsorships({ scale, now, profiles: campaigns.profiles, episodes })),
    };
  };
  const { now, campaigns, episodes, sponsorships } = world(1);

  it("are 40, of every status but UNDECIDED, of campaigns that are not drafts, in existing episodes", () => {
    const drafts = campaigns.campaigns.filter(({ status }) => status === "UNSET").map(({ id }) => id);
    const names = new Map(campaigns.campaigns.map(({ id, name }) => [id, name]));
    const shows = new Map(episodes.map(({ id, podcastId }) => [id, podcastId]));
    expect(sponsorships).toHaveLength(40);
    expect(new Set(sponsorships.map(({ id }) => id)).size).toBe(40);
    // An undecided one would have an effect in the outbox that decides it.
    const every = Object.values(RequestStatus).filter((status) => status !== "UNDECIDED");
    expect(new Set(sponsorships.map(({ status }) => status))).toEqual(new Set(every));
    for (const { campaignId, episodeId: id, brand, requestedAt } of sponsorships) {
      expect(drafts).not.toContain(campaignId);
      expect(names.get(campaignId)?.startsWith(`${brand} | `)).toBe(true);
      expect(shows.get(id.episodeId)).toBe(id.podcastId);
      expect(Number(requestedAt)).toBeLessThan(Number(now));
    }
  });

  it("grow with the scale, and contain the smaller world", () => {
    const triple = world(3).sponsorships;
    expect(triple).toHaveLength(120);
    expect(triple.slice(0, 40)).toEqual(sponsorships);
    expect(new Set(triple.map(({ id }) => id)).size).toBe(120);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuse a scale of %d", (scale) => {
    expect(() => createSponsorships({ scale, now, profiles: campaigns.profiles, episodes })).toThrow(
      new RangeError(`scale is a whole number from 1, but got ${scale}`),
    );
  });
});
