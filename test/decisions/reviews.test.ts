/**
 * Reviews: opened by decisions, resolved once, applied to the request, and linked to the ledger. Over 200 lines,
 * because all tests share one started graph.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluationId, reviewId } from "../../schema/id.ts";
import { startTestDecibel } from "../support/decibel.ts";
import type { Answer, TestDecibel } from "../support/decibel.ts";
import { nodes } from "../support/contracts.ts";

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

interface Page {
  readonly reviewQueue: {
    readonly totalCount: number;
    readonly nodes: readonly { readonly id: string; readonly status: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}
