// Before any decorator runs.
import "reflect-metadata";
import { unifiedGraphHandler } from "@graphql-hive/router-runtime";
import { composeServices as composeWithApollo } from "@apollo/composition";
import { assertCompositionSuccess, composeServices } from "@theguild/federation-composition";
import { parse } from "graphql";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Engine } from "../../../gateway/engine/engine.ts";
import { episodeId } from "../../../schema/id.ts";
import type { SponsorshipRecord } from "../../../subgraphs/records/campaigns/types.ts";
import { createCampaigns } from "../../../subgraphs/sandbox/world/campaigns.ts";
import { createEpisodes } from "../../../subgraphs/sandbox/world/episodes.ts";
import { createSponsorships } from "../../../subgraphs/sandbox/world/sponsorships.ts";
import { NOW, ask } from "../../support/decibel.ts";
import { startDesk, turn } from "../../support/desk.ts";
import type { Desk, ListPage } from "../../support/desk.ts";

type Page = ListPage<{ readonly id: string; readonly decision: Placement | null }>;
interface Placement {
  readonly verdict: string;
  readonly queue: string | null;
  readonly reasons: readonly { readonly code: string }[];
  readonly origin: string;
}

const NOTHING = "00000000-0000-4000-8000-000000000000";
const PAGE_INFO = "pageInfo { hasNextPage hasPreviousPage endCursor }";
const FACTS = {
  topics: ["travel"],
  sensitiveTopics: [],
  explicit: false,
  languages: ["en"],
  transcript: true,
  sponsors: [],
  status: "PUBLISHED",
};
/** Of a sponsorship whose episode has gone from Megaphone, and of one whose campaign Spotify has lost. */
const [LOST_EPISODE, LOST_CAMPAIGN] = ["lost-episode", "lost-campaign"];

let clock = NOW;
let desk: Desk;
beforeAll(async () => {
  desk = await startDesk({
    now: () => clock,
    sponsorships: ([first, ...others]) =>
      first
        ? [
            first,
            ...others,
            { ...first, id: LOST_EPISODE, episodeId: { ...first.episodeId, episodeId: NOTHING } },
            { ...first, id: LOST_CAMPAIGN, campaignId: NOTHING },
          ]
        : [],
  });
});
afterAll(() => desk.stop());
afterEach(() => desk.misbehave());

const idOf = ({ id }: Pick<SponsorshipRecord, "id">): string => `sponsorship_${id}`;
function known(at: number): SponsorshipRecord {
  const one = desk.sponsorships[at];
  if (!one) throw new RangeError(`the world has no sponsorship ${at}`);
  return one;
}
function episodeOf({ episodeId: id }: SponsorshipRecord): string {
  return episodeId.encode(id.podcastId, id.episodeId);
}

describe("a sponsorship", () => {
  it("is what was asked for: a campaign in an episode", async () => {
    const { brand, productCategory, competitors, status, requestedBy, requestedAt } = known(2);
    const { data, errors } = await desk.query(
      `query ($id: ID!) { sponsorship(id: $id) {
        id brand productCategory competitors status requestedBy requestedAt episode { id } campaign { id tier }
      } }`,
      { id: idOf(known(2)) },
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({
      sponsorship: {
        id: idOf(known(2)),
        brand,
        productCategory,
        competitors,
        status,
        requestedBy,
        requestedAt: requestedAt.toISOString(),
        episode: { id: episodeOf(known(2)) },
        campaign: { id: `campaign_${known(2).campaignId}`, tier: expect.any(String) },
      },
    });
  });

  it("that nobody asked for is null", async () => {
    const { data, errors } = await desk.query(`{ sponsorship(id: "sponsorship_${NOTHING}") { id } }`);
    expect([data, errors]).toEqual([{ sponsorship: null }, []]);
  });

  it.each(["", "sponsorship_", `case_${NOTHING}`, "sponsorship_a_b"])('has no id like "%s"', async (id) => {
    const { data, errors } = await desk.query("query ($id: ID!) { sponsorship(id: $id) { id } }", { id });
    expect(data).toEqual({ sponsorship: null });
    expect(errors).toMatchObject([
      {
        message: `Cannot read id: ${JSON.stringify(id)} is no sponsorship id`,
        extensions: { code: "BAD_USER_INPUT", argument: "id" },
      },
    ]);
  });

  it("says so where Spotify has lost its campaign", async () => {
    const { data, errors } = await desk.query("query ($id: ID!) { sponsorship(id: $id) { campaign { id } } }", {
      id: idOf({ id: LOST_CAMPAIGN }),
    });
    expect(data).toEqual({ sponsorship: null });
    expect(errors).toMatchObject([
      {
        message: `Cannot find its campaign: there is no campaign campaign_${NOTHING}`,
        path: ["sponsorship", "campaign"],
        extensions: { code: "NOT_FOUND" },
      },
    ]);
  });
});

describe("a reference to a sponsorship", () => {
  const refer = (...representations: object[]) =>
    desk.query(
      `query ($representations: [_Any!]!) {
        _entities(representations: $representations) { ... on Sponsorship { brand decision { verdict } } }
      }`,
      { representations: representations.map((one) => Object.assign({ __typename: "Sponsorship" }, one)) },
    );

  it("brings the facts of its episode, from which it is decided", async () => {
    const { data, errors } = await refer({ id: idOf(known(2)), episodeFacts: FACTS });
    expect(errors).toEqual([]);
    expect(data).toEqual({
      _entities: [{ brand: known(2).brand, decision: { verdict: expect.stringMatching(/^(ALLOW|REVIEW|DENY)$/) } }],
    });
  });

  it("is told the facts of its episode by the episodes subgraph", async () => {
    const { url = "" } = desk.subgraphs.find(({ name }) => name === "episodes") ?? {};
    const of = (id: string, episode: string) => ({ __typename: "Sponsorship", id, episodeId: episode });
    const { data, errors } = await ask(
      url,
      "query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Sponsorship { id episodeFacts { status } } } }",
      {
        representations: [
          of("sponsorship_1", episodeOf(known(2))),
          of("sponsorship_2", `episode_${NOTHING}_${NOTHING}`),
          of("sponsorship_3", "episode"),
          of("4", episodeOf(known(2))),
        ],
      },
    );
    expect(data).toEqual({
      _entities: [
        { id: "sponsorship_1", episodeFacts: { status: "PUBLISHED" } },
        { id: "sponsorship_2", episodeFacts: null },
        null,
        null,
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
  ])("%s is no decision, and says so", async (_what, more) => {
    const { data, errors } = await refer({ id: idOf(known(2)), ...more });
    expect(data).toEqual({ _entities: [{ brand: known(2).brand, decision: null }] });
    expect(errors).toEqual([
      {
        message: "Cannot decide placement_review: the facts of the episode are not known",
        path: ["_entities", 0, "decision"],
        extensions: { code: "DECISION_UNAVAILABLE", decision: "placement_review", retryable: true },
      },
    ]);
  });

  it("that is malformed does not take its subgraphClient with it", async () => {
    const { data, errors } = await refer(
      { id: idOf(known(2)), episodeFacts: FACTS },
      { id: "sponsorship", episodeFacts: FACTS },
      { id: idOf(known(2)), episodeFacts: { ...FACTS, topics: "travel" } },
      { id: `sponsorship_${NOTHING}`, episodeFacts: FACTS },
      { id: idOf({ id: LOST_CAMPAIGN }), episodeFacts: FACTS },
    );
    expect(data).toEqual({
      _entities: [
        { brand: known(2).brand, decision: { verdict: expect.any(String) } },
        null,
        null,
        null,
        { brand: known(0).brand, decision: null },
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
        message: `Cannot decide placement_review: there is no campaign campaign_${NOTHING}`,
        extensions: { code: "NOT_FOUND" },
      },
    ]);
  });

  it("heeds competitors that only the request names", async () => {
    const [beside, alone] = [{ ...FACTS, sponsors: ["acme-rivals"] }, FACTS];
    const other = await startDesk({
      sponsorships: (world) => world.map((one) => ({ ...one, competitors: ["acme-rivals"] })),
    });
    try {
      const { data } = await other.query<{ _entities: { decision: Placement }[] }>(
        "query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Sponsorship { decision { reasons { code } } } } }",
        {
          representations: [beside, alone].map((facts) => ({
            __typename: "Sponsorship",
            id: idOf(known(2)),
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
  it("are all it asked for, the newest first", async () => {
    const { data } = await desk.query<{ campaigns: { nodes: { id: string; sponsorships: Page }[] } }>(
      `{ campaigns(first: 200) { nodes { id sponsorships { totalCount nodes { id } ${PAGE_INFO} } } } }`,
    );
    const found = data.campaigns.nodes.map(({ id, sponsorships: { totalCount, nodes } }) => ({
      id,
      totalCount,
      nodes,
    }));
    const expected = data.campaigns.nodes.map(({ id }) => {
      const own = newestOf(id);
      return { id, totalCount: own.length, nodes: own.map((one) => ({ id: idOf(one) })) };
    });
    expect(found).toEqual(expected);
    expect(found.flatMap(({ nodes }) => nodes)).toHaveLength(41);
  });

  it("are looked up once for all campaigns, and counted only where a client asks", async () => {
    desk.lookUps();
    await desk.query("{ campaigns(first: 60) { nodes { sponsorships { nodes { id } } } } }");
    expect(desk.lookUps()).toEqual(["sponsorships.lists of 60"]);
    await desk.query("{ campaigns(first: 60) { nodes { sponsorships { totalCount } } } }");
    expect(desk.lookUps().toSorted()).toEqual(["sponsorships.counts of 60", "sponsorships.lists of 60"]);
  });

  it.each([1, 2, 5])("come %d a page without loss", async (first) => {
    const [campaign = "", own = []] =
      [...Map.groupBy(desk.sponsorships, ({ campaignId }) => campaignId)].find(([, asked]) => asked.length > 5) ?? [];
    const nodes = await turn(async (after) => {
      const { data } = await desk.query<{ campaign: { sponsorships: Page } }>(
        `query ($id: ID!, $first: Int, $after: String) {
          campaign(id: $id) { sponsorships(first: $first, after: $after) { nodes { id } ${PAGE_INFO} } }
        }`,
        { id: `campaign_${campaign}`, first, after },
      );
      expect(data.campaign.sponsorships.nodes.length).toBeLessThanOrEqual(first);
      return data.campaign.sponsorships;
    });
    expect(own.length).toBeGreaterThan(5);
    expect(nodes.map(({ id }) => id)).toEqual(newestOf(`campaign_${campaign}`).map(idOf));
  });

  function newestOf(campaign: string): readonly SponsorshipRecord[] {
    return desk.sponsorships
      .filter(({ campaignId }) => `campaign_${campaignId}` === campaign)
      .toSorted((left, right) => Number(right.requestedAt) - Number(left.requestedAt) || (left.id < right.id ? 1 : -1));
  }
});

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
  const services = () => desk.subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) }));
  const DECISION = "query ($id: ID!) { sponsorship(id: $id) { brand decision { verdict } } }";
  const rust: Engine = { name: "rust", handler: unifiedGraphHandler };
  const javascript: Engine = { name: "javascript" };

  describe.each([
    ["@theguild/federation-composition", guild, rust],
    ["@theguild/federation-composition", guild, javascript],
    ["@apollo/composition", apollo, rust],
    ["@apollo/composition", apollo, javascript],
  ])("composed by %s", (_composer, compose, engine) => {
    let url: string;
    beforeAll(async () => {
      url = await desk.gateway(compose(), engine);
    });
    beforeEach(() => {
      // What was decided before is not fresh any more.
      clock += 3_600_000;
    });

    it.each([
      "brand decision { ...placement } episode { title placement(campaignId: $campaignId) { ...placement } }",
      "episode { placement(campaignId: $campaignId) { ...placement } title } decision { ...placement } brand",
    ])(`is made from its campaign and its episode, and planned in ${engine.name}: %s`, async (selection) => {
      const one = known(2);
      const { data, errors } = await ask<{ sponsorship: { decision: Placement; episode: { placement: Placement } } }>(
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

    it(`is asked for in one batch for all, planned in ${engine.name}`, async () => {
      desk.batches();
      const { data, errors } = await ask<{ campaigns: { nodes: { sponsorships: Page }[] } }>(
        url,
        "{ campaigns(first: 200) { nodes { sponsorships { nodes { id decision { verdict } } } } } }",
      );
      const asked = data.campaigns.nodes.flatMap(({ sponsorships }) => sponsorships.nodes);
      const lost = asked.filter(({ id }) => id === idOf({ id: LOST_EPISODE }));
      const verdicts = asked.filter((one) => !lost.includes(one)).map(({ decision }) => decision?.verdict);
      expect(lost).toMatchObject([{ decision: null }]);
      expect(verdicts).toHaveLength(40);
      expect(new Set(verdicts)).toEqual(new Set(["ALLOW", "REVIEW", "DENY"]));
      expect(errors).toMatchObject([{ extensions: { code: "DECISION_UNAVAILABLE" } }]);
      expect(desk.batches()).toHaveLength(1);
    });

    it(`is null with an error where its episode has gone, planned in ${engine.name}`, async () => {
      const { data, errors } = await ask(url, DECISION, { id: idOf({ id: LOST_EPISODE }) });
      expect(data).toEqual({ sponsorship: { brand: known(0).brand, decision: null } });
      expect(errors).toMatchObject([
        {
          message: "Cannot decide placement_review: the facts of the episode are not known",
          path: ["sponsorship", "decision"],
          extensions: { code: "DECISION_UNAVAILABLE", decision: "placement_review", retryable: true },
        },
      ]);
    });

    it(`is null with an error where nobody decides, planned in ${engine.name}`, async () => {
      await desk.misbehave({ rows: "empty" });
      const { data, errors } = await ask(url, DECISION, { id: idOf(known(2)) });
      expect(data).toEqual({ sponsorship: { brand: known(2).brand, decision: null } });
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
    const campaigns = createCampaigns({ scale, now });
    const { episodes } = createEpisodes({ scale, now, advertisers: campaigns.advertisers });
    return {
      now,
      campaigns,
      episodes,
      sponsorships: createSponsorships({ scale, now, profiles: campaigns.profiles, episodes }),
    };
  };
  const { now, campaigns, episodes, sponsorships } = world(1);

  it("are 40, of every status, of campaigns that are no drafts, in episodes that are there", () => {
    const drafts = campaigns.campaigns.filter(({ status }) => status === "UNSET").map(({ id }) => id);
    const names = new Map(campaigns.campaigns.map(({ id, name }) => [id, name]));
    const shows = new Map(episodes.map(({ id, podcastId }) => [id, podcastId]));
    expect(sponsorships).toHaveLength(40);
    expect(new Set(sponsorships.map(({ id }) => id)).size).toBe(40);
    expect(new Set(sponsorships.map(({ status }) => status)).size).toBe(6);
    for (const { campaignId, episodeId: id, brand, requestedAt } of sponsorships) {
      expect(drafts).not.toContain(campaignId);
      expect(names.get(campaignId)?.startsWith(`${brand} | `)).toBe(true);
      expect(shows.get(id.episodeId)).toBe(id.podcastId);
      expect(Number(requestedAt)).toBeLessThan(Number(now));
    }
  });

  it("grow with the scale, and the smaller world stays what it was", () => {
    const triple = world(3).sponsorships;
    expect(triple).toHaveLength(120);
    expect(triple.slice(0, 40)).toEqual(sponsorships);
    expect(new Set(triple.map(({ id }) => id)).size).toBe(120);
  });

  it.each([0, -1, 1.5, Number.NaN])("cannot be made at a scale of %d", (scale) => {
    expect(() => createSponsorships({ scale, now, profiles: campaigns.profiles, episodes })).toThrow(
      new RangeError(`scale is a whole number from 1, but got ${scale}`),
    );
  });
});
