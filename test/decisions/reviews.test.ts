/**
 * Reviews: opened by decisions, resolved once, applied to the request, and linked to the ledger. Over 200 lines,
 * because all tests share one started graph.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluationId, listenerId, reviewId } from "../../schema/id.ts";
import { javaScriptEngine } from "../../gateway/engine/engine.ts";
import type { Explain } from "../../gateway/http/explain.ts";
import type { Scope } from "../../schema/scope.ts";
import { openReview } from "../../subgraphs/records/decisions/reviews.ts";
import { asCallers, callerOf } from "../support/as-caller.ts";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import type { Answer, TestDecibel } from "../support/decibel.ts";
import { nodes } from "../support/contracts.ts";
import { mutate } from "../support/mutations.ts";
import { untold } from "../support/untold.ts";

let graph: TestDecibel;
/** Placements whose verdict is REVIEW. */
let toReview: readonly { readonly campaignId: string; readonly episodeId: string }[];

beforeAll(async () => {
  graph = await startTestDecibel();
  const campaigns = await nodes<{ readonly id: string }>(graph, "campaigns(first: 12)", "id");
  const fields = campaigns.map(({ id }, index) => `c${index}: placement(campaignId: "${id}") { verdict }`).join(" ");
  const episodes = await nodes<Record<string, { readonly verdict: string } | null> & { readonly id: string }>(
    graph,
    "episodes(first: 100, status: PUBLISHED)",
    `id ${fields}`,
  );
  toReview = episodes.flatMap((episode) =>
    campaigns.flatMap(({ id }, index) =>
      episode[`c${index}`]?.verdict === "REVIEW" ? [{ campaignId: id, episodeId: episode.id }] : [],
    ),
  );
});
afterAll(() => graph.stop());

interface Submitted {
  readonly id: string;
  readonly status: string;
  readonly review: { readonly id: string; readonly queue: string } | null;
}

const QUEUE = "another";

let submissions = 0;
async function submit(): Promise<Submitted & { readonly review: NonNullable<Submitted["review"]> }> {
  const input = { ...toReview[submissions], brand: `brand ${submissions}`, productCategory: "test" };
  submissions += 1;
  const { data, errors } = await graph.query<{ submitSponsorship: { sponsorship: Submitted } }>(
    `mutation ($input: SubmitSponsorshipInput!) {
      submitSponsorship(input: $input) { sponsorship { id status review { id queue } } }
    }`,
    { input },
  );
  expect(errors).toEqual([]);
  const { review, ...sponsorship } = data.submitSponsorship.sponsorship;
  if (!review) throw new Error("it has no review");
  return { ...sponsorship, review };
}

function resolve(id: string, verdict: string, more: object = {}) {
  return graph.query<{ resolveReview: { review: object } }>(
    `mutation ($input: ResolveReviewInput!) {
      resolveReview(input: $input) { review { id status verdict note reviewer resolvedAt } }
    }`,
    { input: { reviewId: id, verdict, note: "looked at it", ...more } },
  );
}

async function statusOf(id: string): Promise<string> {
  const { data } = await graph.query<{ sponsorship: { status: string } }>(
    `query ($id: ID!) { sponsorship(id: $id) { status } }`,
    { id },
  );
  return data.sponsorship.status;
}

describe("a review", () => {
  it("is opened for the verdict REVIEW, and links to its evaluation", async () => {
    const { id, status, review } = await submit();
    expect(status).toBe("IN_REVIEW");
    const { data, errors } = await graph.query(
      `query ($id: ID!) { review(id: $id) {
        id queue subject status verdict note reviewer resolvedAt
        evaluation { subject verdict requestedBy model { key } facts outputs }
      } }`,
      { id: review.id },
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({
      review: {
        id: review.id,
        queue: review.queue,
        subject: id,
        status: "OPEN",
        verdict: null,
        note: null,
        reviewer: null,
        resolvedAt: null,
        evaluation: {
          subject: id,
          verdict: "REVIEW",
          requestedBy: "anonymous",
          model: { key: "placement_review" },
          facts: expect.objectContaining({ episode_status: "PUBLISHED" }),
          outputs: expect.arrayContaining([expect.objectContaining({ verdict: "REVIEW" })]),
        },
      },
    });
  });

  it.each([
    ["ALLOW", "APPROVED"],
    ["DENY", "REJECTED"],
  ])("resolved as %s makes the request %s", async (verdict, status) => {
    const { id, review } = await submit();
    const { data, errors } = await resolve(review.id, verdict);
    expect(errors).toEqual([]);
    expect(data.resolveReview.review).toEqual({
      id: review.id,
      status: "RESOLVED",
      verdict,
      note: "looked at it",
      reviewer: "anonymous",
      resolvedAt: "2026-03-10T12:00:00.000Z",
    });
    expect(await statusOf(id)).toBe(status);
    const repeated = await resolve(review.id, verdict);
    expect(repeated.errors).toMatchObject([
      { message: `Cannot resolve ${review.id}: it is RESOLVED`, extensions: { code: "CONFLICT" } },
    ]);
  });

  it("resolved by 50 concurrent reviewers with different verdicts has one winner", async () => {
    const { id, review } = await submit();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_none, index) => resolve(review.id, index % 2 === 0 ? "ALLOW" : "DENY")),
    );
    const winners = answers.filter(({ errors }) => errors.length === 0);
    const codes = answers.flatMap(({ errors }) => errors.map(({ extensions }) => extensions["code"]));
    expect([winners.length, new Set(codes), codes.length]).toEqual([1, new Set(["CONFLICT"]), 49]);
    const verdict = winners.map(({ data }) => (data.resolveReview.review as { verdict: string }).verdict)[0];
    expect(await statusOf(id)).toBe(verdict === "ALLOW" ? "APPROVED" : "REJECTED");
  });

  it("is resolved once by repeated calls with the same key", async () => {
    const { review } = await submit();
    const answers = await Promise.all([1, 2, 3].map(() => resolve(review.id, "ALLOW", { idempotencyKey: review.id })));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(1);
    const other = await resolve(review.id, "DENY", { idempotencyKey: review.id });
    expect(other.errors).toMatchObject([
      {
        message: "Cannot resolveReview: idempotencyKey was used for another input",
        extensions: { code: "BAD_USER_INPUT", fields: { idempotencyKey: ["was used for another input"] } },
      },
    ]);
  });

  it("refuses the verdict REVIEW, a note that says nothing, and one that is too long", async () => {
    const { review } = await submit();
    expect((await resolve(review.id, "REVIEW")).errors).toMatchObject([
      {
        extensions: {
          code: "BAD_USER_INPUT",
          fields: { verdict: ["must be ALLOW or DENY"] },
        },
      },
    ]);
    for (const note of ["", " \n\u00A0", "x".repeat(2001)])
      expect((await resolve(review.id, "ALLOW", { note })).errors).toMatchObject([
        {
          extensions: {
            code: "BAD_USER_INPUT",
            fields: { note: ["must be 1 to 2000 characters, not all blank and none NUL"] },
          },
        },
      ]);
  });

  it("cannot be resolved if it does not exist", async () => {
    const id = reviewId.encode("00000000-0000-4000-8000-000000000000");
    expect((await resolve(id, "ALLOW")).errors).toMatchObject([
      { message: `Cannot resolveReview: there is no review ${id}`, extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });
});

describe("the request in review", () => {
  const REQUEST = `request {
    __typename
    ... on Sponsorship { id brand campaign { name } episode { title } }
    ... on PlaylistRequest { id title location { name } }
  }`;

  /** Opens a review of something else than a sponsorship. */
  async function open(kind: string, subject: string): Promise<string> {
    const { review } = await submit();
    const { data } = await graph.query<{ review: { evaluation: { id: string } } }>(
      "query ($id: ID!) { review(id: $id) { evaluation { id } } }",
      { id: review.id },
    );
    const opened = { kind, subject, queue: QUEUE, evaluationId: data.review.evaluation.id, openedAt: new Date(NOW) };
    return reviewId.encode(await graph.decibel.database.transaction((tx) => openReview(tx, untold, opened)));
  }
  async function requestOf(id: string): Promise<unknown> {
    const { data, errors } = await graph.query<{ review: { request: unknown } }>(
      `query ($id: ID!) { review(id: $id) { ${REQUEST} } }`,
      { id },
    );
    expect(errors).toEqual([]);
    return data.review.request;
  }
  async function requestPlaylist(title: string): Promise<object & { readonly id: string }> {
    const [location] = await nodes<{ readonly id: string }>(graph, "locations(first: 1)", "id");
    const track = "spotify:track:4uLU6hMCjMI75M1A2tKUQC";
    const input = { locationId: location?.id, title, usage: "IN_STORE", trackUris: [track] };
    const selection = "{ playlistRequest { id title location { name } } }";
    const { data, errors } = await mutate<{ playlistRequest: { id: string } }>(
      graph,
      "requestPlaylist",
      input,
      selection,
    );
    expect(errors).toEqual([]);
    return data?.playlistRequest ?? expect.fail("it was not requested");
  }

  it("is a sponsorship or a playlist, and null for a lead", async () => {
    const { id, review } = await submit();
    const campaign = { name: expect.any(String) };
    const sponsorship = {
      id,
      brand: expect.stringMatching(/^brand /),
      campaign,
      episode: { title: expect.any(String) },
    };
    expect(await requestOf(review.id)).toEqual({ __typename: "Sponsorship", ...sponsorship });
    const playlist = await requestPlaylist("Sunday");
    expect(await requestOf(await open("playlist-request", playlist.id))).toEqual({
      __typename: "PlaylistRequest",
      ...playlist,
    });
    expect(await requestOf(await open("lead", listenerId.encode(randomUUID())))).toBe(null);
  });

  it("is read for all of a page at once, whatever they are", async () => {
    for (const title of ["Monday", "Tuesday"]) {
      await open("sponsorship", (await submit()).id);
      await open("playlist-request", (await requestPlaylist(title)).id);
    }
    const query = `{ reviewQueue(first: 100, queue: "${QUEUE}") { nodes { ${REQUEST} } } }`;
    await graph.sandbox("spotify-ads").forget();
    const { data, extensions } = await explained(query);
    const requests = data.reviewQueue.nodes.map(({ request }) => request);
    const campaigns = new Set(requests.flatMap((one) => one?.campaign?.name ?? []));
    expect(requests.filter((one) => one?.__typename === "PlaylistRequest").length).toBeGreaterThan(1);
    expect(campaigns.size).toBeGreaterThan(1);
    const at = "reviewQueue.nodes.@.request.";
    const fetches = extensions.explain.fetches.map(({ subgraph, paths }) => `${subgraph} ${paths.join(" ")}`);
    expect(fetches.toSorted()).toEqual([
      `campaigns ${at}[Sponsorship]`,
      "decisions ",
      `episodes ${at}[Sponsorship].episode`,
      `locations ${at}[PlaylistRequest]`,
    ]);
    expect((await graph.sandbox("spotify-ads").calls()).requests).toBe(1);
  });

  it("is the same by the engine in JavaScript", async () => {
    const query = `{ reviewQueue(first: 100) { nodes { id ${REQUEST} } } }`;
    const as = await asCallers(graph, javaScriptEngine());
    const { data } = await graph.query<{ reviewQueue: { nodes: readonly object[] } }>(query);
    expect(data.reviewQueue.nodes.length).toBeGreaterThan(3);
    expect(JSON.parse(await as.ask(callerOf("somebody"), query))).toEqual({ data });
  });

  it("takes the scopes of what it is, beside those of a review", async () => {
    const { id, review } = await submit();
    const as = await asCallers(graph);
    const ask = async (selection: string, ...scopes: readonly Scope[]): Promise<unknown> => {
      const query = `query ($id: ID!) { review(id: $id) { id request { ${selection} } } }`;
      return JSON.parse(await as.ask({ ...callerOf("somebody"), scopes: new Set(scopes) }, query, { id: review.id }));
    };
    const BRAND = "... on Sponsorship { brand }";
    const refused = [{ extensions: { code: "FORBIDDEN" } }];
    expect(await ask("__typename", "audit:read")).toEqual({
      data: { review: { id: review.id, request: { __typename: "Sponsorship" } } },
    });
    expect(await ask("... on Sponsorship { id }", "audit:read", "graph:read")).toEqual({
      data: { review: { id: review.id, request: { id } } },
    });
    expect(await ask(BRAND, "audit:read")).toMatchObject({
      data: { review: { id: review.id, request: null } },
      errors: refused,
    });
    expect(await ask(BRAND, "graph:read")).toMatchObject({ data: { review: null }, errors: refused });
  });
});

describe("the review queue", () => {
  it("lists open reviews page by page, of one queue or of all", async () => {
    const opened = [await submit(), await submit(), await submit()];
    const seen: string[] = [];
    let after: string | null = null;
    let total = 0;
    do {
      const answer: Answer<Page> = await graph.query<Page>(
        `query ($after: String) { reviewQueue(first: 2, after: $after) {
          totalCount nodes { id status } pageInfo { hasNextPage endCursor }
        } }`,
        { after },
      );
      const { nodes: found, pageInfo, totalCount } = answer.data.reviewQueue;
      expect(found.every(({ status }) => status === "OPEN")).toBe(true);
      seen.push(...found.map(({ id }) => id));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
      total = totalCount;
    } while (after !== null);
    expect([seen.length, new Set(seen).size]).toEqual([total, total]);
    expect(seen).toEqual(expect.arrayContaining(opened.map(({ review }) => review.id)));

    const [{ review } = await submit()] = opened;
    const own = await nodes<{ readonly queue: string }>(
      graph,
      `reviewQueue(queue: ${JSON.stringify(review.queue)})`,
      "queue",
    );
    expect(new Set(own.map(({ queue }) => queue))).toEqual(new Set([review.queue]));
    expect(await nodes(graph, `reviewQueue(queue: "nobody")`, "id")).toEqual([]);
  });

  it("does not list resolved reviews", async () => {
    const { review } = await submit();
    await resolve(review.id, "DENY");
    const open = await nodes<{ readonly id: string }>(graph, "reviewQueue(first: 200)", "id");
    expect(open.map(({ id }) => id)).not.toContain(review.id);
  });
});

describe("the ledger", () => {
  it("has the evaluation of every decision under the decision's id", async () => {
    const decided = await nodes<{ readonly targeting: { readonly id: string; readonly verdict: string } }>(
      graph,
      "campaigns(first: 10)",
      "targeting { id verdict }",
    );
    for (const { targeting } of decided) {
      const { data } = await graph.query(`query ($id: ID!) { evaluation(id: $id) { id verdict model { key } } }`, {
        id: targeting.id,
      });
      expect(data).toEqual({ evaluation: { ...targeting, model: { key: "campaign_targeting" } } });
    }
  });

  it("lists evaluations by subject and by model", async () => {
    const { id } = await submit();
    const own = await nodes(graph, `evaluations(subject: "${id}")`, "subject model { key } verdict");
    expect(own).toEqual([{ subject: id, model: { key: "placement_review" }, verdict: "REVIEW" }]);
    const all = await nodes<{ readonly model: { readonly key: string } }>(
      graph,
      `evaluations(first: 200, model: "placement_review")`,
      "model { key }",
    );
    expect(new Set(all.map(({ model }) => model.key))).toEqual(new Set(["placement_review"]));
  });

  it("has an evaluation of its own for each mutation, whatever is cached", async () => {
    const [first, second] = [await submit(), await submit()];
    const ids = await Promise.all(
      [first, second].map(async ({ review }) => {
        const { data } = await graph.query<{ review: { evaluation: { id: string; subject: string } } }>(
          `query ($id: ID!) { review(id: $id) { evaluation { id subject } } }`,
          { id: review.id },
        );
        return data.review.evaluation;
      }),
    );
    expect(ids.map(({ subject }) => subject)).toEqual([first.id, second.id]);
    expect(new Set(ids.map(({ id }) => id)).size).toBe(2);
  });

  it("answers null for an unknown id, and refuses an invalid one", async () => {
    const none = await graph.query(`query ($id: ID!) { evaluation(id: $id) { id } }`, {
      id: evaluationId.encode("00000000-0000-4000-8000-000000000000"),
    });
    expect(none).toEqual({ data: { evaluation: null }, errors: [] });
    const wrong = await graph.query(`{ evaluation(id: "review_1") { id } }`);
    expect(wrong.errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "id" } }]);
  });
});

interface Requested {
  readonly request: { readonly __typename: string; readonly campaign?: { readonly name: string } } | null;
}

/** With what it took. */
async function explained(query: string) {
  const response = await fetch(graph.decibel.url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, extensions: { explain: true } }),
  });
  return (await response.json()) as {
    readonly data: { readonly reviewQueue: { readonly nodes: readonly Requested[] } };
    readonly extensions: { readonly explain: Explain };
  };
}

interface Page {
  readonly reviewQueue: {
    readonly totalCount: number;
    readonly nodes: readonly { readonly id: string; readonly status: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}
