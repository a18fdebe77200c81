/**
 * Which entities, lists, look-ups and decisions does each subgraph have to test?
 *
 * A table with a row for each subgraph; subgraphs.test.ts runs the same suite over every row. Over 200 lines, because
 * it is one table.
 */
import { reviewId } from "../../schema/id.ts";
import { openReview } from "../../subgraphs/records/decisions/reviews.ts";
import type { Part, TestDecibel } from "./decibel.ts";
import { untold } from "./untold.ts";

export type Fields = Readonly<Record<string, unknown>>;

export interface Contract {
  /** The subgraph's name. */
  readonly name: string;
  readonly entities: readonly Entity[];
  readonly lists: readonly List[];
  /** Queries by id, with an unknown id. */
  readonly lookups: readonly (readonly [field: string, unknown: string])[];
}

export interface Entity {
  readonly type: string;
  /** References to existing entities, as other subgraphs have them. */
  readonly references: (started: TestDecibel, count: number) => Promise<readonly Fields[]>;
  /** Fields without decisions that are not null in the sandboxes' world. */
  readonly selection: string;
  /** An unknown id. */
  readonly unknown: string;
  /** Whether the subgraph resolves any valid id, because only the owner knows which exist. */
  readonly resolvesAnyId?: boolean;
  /** Malformed fields of a reference beside its id, and the field that the error names. */
  readonly malformed?: readonly (readonly [more: Fields, field: string])[];
  readonly decisions?: readonly Decision[];
}

export interface Decision {
  readonly key: string;
  readonly field: string;
  /** The field's arguments, with parentheses. */
  readonly args?: (started: TestDecibel) => Promise<string>;
}

export interface List {
  readonly field: string;
  /** The number of its nodes. */
  readonly total: number;
  /** The page size for the test. */
  readonly pageSize: number;
  /** The list's name in its cursors, if it is not the field. */
  readonly cursorName?: string;
}

/** An upstream id that does not exist. */
export const NOTHING = "00000000-0000-4000-8000-000000000000";

/** Valid facts of an episode. */
const NO_FACTS = {
  topics: [],
  sensitiveTopics: [],
  explicit: false,
  languages: [],
  transcript: false,
  sponsors: [],
  status: "DRAFT",
  markets: [],
  adultsOnly: false,
};

export const CONTRACTS: readonly Contract[] = [
  {
    name: "campaigns",
    entities: [
      {
        type: "Campaign",
        references: (started, count) => nodes(started, `campaigns(first: ${count})`, "id"),
        selection: "id name status tier category startsAt targets { countries }",
        unknown: `campaign_${NOTHING}`,
        decisions: [
          { key: "campaign_targeting", field: "targeting" },
          { key: "marketing_activation", field: "activation" },
        ],
      },
      {
        type: "Episode",
        references: (started, count) =>
          nodes(
            started.part("episodes"),
            `episodes(first: ${count})`,
            "id facts { topics sensitiveTopics explicit languages transcript sponsors status markets adultsOnly }",
          ),
        selection: "id",
        unknown: `episode_${NOTHING}_${NOTHING}`,
        resolvesAnyId: true,
        malformed: [
          [{ facts: {} }, "facts.topics"],
          [{ facts: { ...NO_FACTS, explicit: undefined } }, "facts.explicit"],
          [{ facts: { ...NO_FACTS, languages: ["en", null] } }, "facts.languages.1"],
          [{ facts: [] }, "facts"],
          [{ facts: "none" }, "facts"],
        ],
        decisions: [{ key: "placement_review", field: "placement", args: ofAnyCampaign }],
      },
      {
        type: "Listener",
        references: (started, count) =>
          nodes(started.part("listeners"), `listeners(first: ${count})`, "id facts { age country consents refusals }"),
        selection: "id",
        unknown: `listener_${NOTHING}`,
        resolvesAnyId: true,
        malformed: [[{ facts: {} }, "facts.country"]],
        decisions: [{ key: "marketing_activation", field: "activation", args: ofAnyCampaign }],
      },
      {
        type: "Sponsorship",
        references: async (started, count) =>
          (await ofCampaigns(started, "sponsorships", "id", count)).map(({ id }) => ({ id, episodeFacts: NO_FACTS })),
        selection: "id brand productCategory competitors status requestedBy requestedAt campaign { id } episode { id }",
        unknown: `sponsorship_${NOTHING}`,
        malformed: [
          [{ episodeFacts: {} }, "episodeFacts.topics"],
          [{ episodeFacts: "none" }, "episodeFacts"],
        ],
        decisions: [{ key: "placement_review", field: "decision" }],
      },
      {
        type: "SupportCase",
        references: (started, count) => ofCampaigns(started, "cases", "id", count),
        selection: "id account issue severity description status openedAt",
        unknown: `case_${NOTHING}`,
        decisions: [{ key: "case_routing", field: "routing" }],
      },
    ],
    lists: [
      { field: "campaigns", total: 60, pageSize: 25 },
      { field: "caseWorklist", total: 44, pageSize: 10 },
    ],
    lookups: [
      ["campaign", `campaign_${NOTHING}`],
      ["sponsorship", `sponsorship_${NOTHING}`],
      ["supportCase", `case_${NOTHING}`],
    ],
  },
  {
    name: "episodes",
    entities: [
      {
        type: "Episode",
        references: (started, count) => nodes(started, `episodes(first: ${count})`, "id"),
        selection: "id title durationMs explicit languages topics status show { id name }",
        unknown: `episode_${NOTHING}_${NOTHING}`,
        decisions: [{ key: "episode_publishing", field: "publishing" }],
      },
      {
        type: "Show",
        references: someShows,
        selection: "id name publisher",
        unknown: `show_${NOTHING}`,
      },
      {
        type: "Sponsorship",
        references: (started, count) => ofCampaigns(started, "sponsorships", "id episodeId", count),
        selection: "id episodeFacts { status }",
        unknown: `sponsorship_${NOTHING}`,
        resolvesAnyId: true,
        malformed: [
          [{ episodeId: undefined }, "episodeId"],
          [{ episodeId: 7 }, "episodeId"],
        ],
      },
    ],
    lists: [{ field: "episodes", total: 400, pageSize: 150 }],
    lookups: [["episode", `episode_${NOTHING}_${NOTHING}`]],
  },
  {
    name: "locations",
    entities: [
      {
        type: "Location",
        references: (started, count) => nodes(started, `locations(first: ${count})`, "id"),
        selection: "id name account country timezone storeType openingHours { day } zones { id name online }",
        unknown: "location_nowhere",
        decisions: [{ key: "location_playback", field: "playback" }],
      },
      {
        type: "PlaylistRequest",
        references: somePlaylistRequests,
        selection: "id title usage trackUris status requestedBy requestedAt",
        unknown: `playlist-request_${NOTHING}`,
        decisions: [{ key: "playlist_request", field: "decision" }],
      },
    ],
    // The worklist reads all locations, which takes all of Soundtrack's tokens: it has tests of its own.
    lists: [{ field: "locations", total: 500, pageSize: 200 }],
    lookups: [
      ["location", "location_nowhere"],
      ["playlistRequest", `playlist-request_${NOTHING}`],
    ],
  },
  {
    name: "listeners",
    entities: [
      {
        type: "Listener",
        references: (started, count) => nodes(started, `listeners(first: ${count})`, "id"),
        selection: "id country customerValue productsOwned consents { purpose } engagement { listens }",
        unknown: `listener_${NOTHING}`,
        decisions: [
          { key: "audience_segment", field: "segments" },
          { key: "lead_routing", field: "lead" },
        ],
      },
    ],
    lists: [{ field: "listeners", total: 5000, pageSize: 200 }],
    lookups: [["listener", `listener_${NOTHING}`]],
  },
  {
    name: "decisions",
    entities: [
      {
        type: "Evaluation",
        references: someEvaluations,
        selection: "id subject verdict decidedAt facts outputs model { key version }",
        unknown: `evaluation_${NOTHING}`,
      },
      {
        type: "Review",
        references: someReviews,
        selection: "id queue subject status openedAt evaluation { id }",
        unknown: `review_${NOTHING}`,
      },
    ],
    lists: [],
    lookups: [
      ["evaluation", `evaluation_${NOTHING}`],
      ["review", `review_${NOTHING}`],
    ],
  },
];

/** The nodes of a list: `nodes(decibel, "campaigns(first: 2)", "id name")`. */
export async function nodes<Node = Fields>(
  graph: Pick<Part, "query">,
  list: string,
  selection: string,
): Promise<readonly Node[]> {
  const { data } = await graph.query<{ list: { nodes: readonly Node[] } }>(
    `{ list: ${list} { nodes { ${selection} } } }`,
  );
  return data.list.nodes;
}

async function ofAnyCampaign(started: TestDecibel): Promise<string> {
  const [campaign] = await nodes(started, "campaigns(first: 1)", "id");
  return `(campaignId: ${JSON.stringify(campaign?.["id"])})`;
}

/** Without decisions, which a worklist would make. */
async function ofCampaigns(
  started: TestDecibel,
  list: "cases" | "sponsorships",
  selection: string,
  count: number,
): Promise<readonly Fields[]> {
  const campaigns = await nodes<{ readonly list: { readonly nodes: readonly Fields[] } }>(
    started.part("campaigns"),
    "campaigns(first: 60)",
    `list: ${list}(first: 200) { nodes { ${selection} } }`,
  );
  return campaigns.flatMap(({ list: { nodes: own } }) => own).slice(0, count);
}

/** Few locations have playlist requests: reads pages until there are enough. */
async function somePlaylistRequests(started: TestDecibel, count: number): Promise<readonly Fields[]> {
  const found: Fields[] = [];
  for (let after = "null"; found.length < count;) {
    const { data } = await started.query<LocationPage>(
      `{ locations(first: 200, after: ${after}) {
        nodes { playlistRequests(first: 5) { nodes { id } } }
        pageInfo { endCursor }
      } }`,
    );
    found.push(...data.locations.nodes.flatMap(({ playlistRequests }) => playlistRequests.nodes));
    after = JSON.stringify(data.locations.pageInfo.endCursor);
  }
  return found.slice(0, count);
}

interface LocationPage {
  readonly locations: {
    readonly nodes: readonly { readonly playlistRequests: { readonly nodes: readonly Fields[] } }[];
    readonly pageInfo: { readonly endCursor: string };
  };
}

/** Distinct ones: equivalent asks share an evaluation. */
async function someEvaluations(started: TestDecibel, count: number): Promise<readonly Fields[]> {
  const decided = await nodes<{ readonly targeting: { readonly id: string } }>(
    started,
    "campaigns(first: 60)",
    "targeting { id }",
  );
  return [...new Set(decided.map(({ targeting }) => targeting.id))].slice(0, count).map((id) => ({ id }));
}

async function someReviews(started: TestDecibel, count: number): Promise<readonly Fields[]> {
  const evaluations = await someEvaluations(started, count);
  // A review needs its evaluation in the ledger.
  await started.query(`{ evaluation(id: "${String(evaluations[0]?.["id"])}") { id } }`);
  return started.decibel.database.transaction((tx) =>
    Promise.all(
      evaluations.map(async ({ id }) => {
        const opened = { kind: "nothing", subject: "subject_1", queue: "contracts", openedAt: new Date(0) };
        return { id: reviewId.encode(await openReview(tx, untold, { ...opened, evaluationId: String(id) })) };
      }),
    ),
  );
}

async function someShows(started: TestDecibel, count: number): Promise<readonly Fields[]> {
  const episodes = await nodes<{ show: { id: string } }>(started, "episodes(first: 200)", "show { id }");
  return [...new Set(episodes.map(({ show }) => show.id))].slice(0, count).map((id) => ({ id }));
}
