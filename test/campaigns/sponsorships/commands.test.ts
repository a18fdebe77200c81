/** submitSponsorship: the request is stored once, and approved, rejected, or in review. */
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sponsorships } from "../../../subgraphs/records/campaigns/tables.ts";
import { reviews } from "../../../subgraphs/records/decisions/tables.ts";
import { FAST_RETRIES, MISSING_ID, mutate, eventually, race, outboxIsIdle } from "../../support/mutations.ts";
import type { MutationAnswer } from "../../support/mutations.ts";
import { NOW, startTestDecibel } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";

interface Decision {
  readonly verdict: string;
  readonly queue: string | null;
  readonly reasons: readonly { readonly code: string; readonly message: string }[];
}
interface Sponsorship {
  readonly id: string;
  readonly status: string;
  readonly decision: Decision | null;
  readonly review: { readonly id: string; readonly queue: string } | null;
}
interface Payload {
  readonly sponsorship: Sponsorship;
}

const PLACEMENT = "{ verdict queue reasons { code message } }";
const SHOWN = `id brand productCategory competitors status requestedBy requestedAt campaign { id } episode { id }
  decision ${PLACEMENT} review { id queue status subject }`;
const PAYLOAD = `{ sponsorship { ${SHOWN} } }`;

let clock = NOW;
let graph: TestDecibel;
let campaign: string;
let episodes: readonly { readonly id: string; readonly placement: Decision | null }[];
beforeAll(async () => {
  graph = await startTestDecibel({ variables: FAST_RETRIES, now: () => clock });
  const { data: listed } = await graph.query<{ campaigns: { nodes: { id: string }[] } }>(
    "{ campaigns(first: 30, status: ACTIVE) { nodes { id } } }",
  );
  // The first campaign with an episode of each verdict.
  for (const { id } of listed.campaigns.nodes) {
    const { data } = await graph.query<{ episodes: { nodes: typeof episodes } }>(
      `query ($id: ID!) { episodes(first: 100) { nodes { id placement(campaignId: $id) ${PLACEMENT} } } }`,
      { id },
    );
    campaign = id;
    episodes = data.episodes.nodes;
    clock += 60_000;
    if (new Set(episodes.map(({ placement }) => placement?.verdict)).size === 3) return;
  }
});
afterAll(() => graph.stop());
afterEach(async () => {
  await graph.sandbox("opentext").behave();
  await outboxIsIdle(graph);
  // Megaphone's sandbox answers 60 requests a minute.
  clock += 60_000;
});

function episodeWith(verdict: string): { readonly episodeId: string; readonly queue: string | null } {
  const found = episodes.find(({ placement }) => placement?.verdict === verdict);
  if (!found) throw new RangeError(`no episode is ${verdict} for ${campaign}`);
  return { episodeId: found.id, queue: found.placement?.queue ?? null };
}
function submit(episodeId: string, more: object = {}): Promise<MutationAnswer<Payload>> {
  const input = { campaignId: campaign, episodeId, brand: "Northwind", productCategory: "apparel", ...more };
  return mutate(graph, "submitSponsorship", input, PAYLOAD);
}
async function sponsorshipOf(id: string): Promise<Sponsorship> {
  const answer = graph.query<{ sponsorship: Sponsorship }>(`query ($id: ID!) { sponsorship(id: $id) { ${SHOWN} } }`, {
    id,
  });
  return (await answer).data.sponsorship;
}
async function rowOf(id: string) {
  const rowId = id.slice("sponsorship_".length);
  return (await graph.decibel.database.db.select().from(sponsorships).where(eq(sponsorships.id, rowId)))[0];
}
const countRequests = () => graph.decibel.database.db.$count(sponsorships);
const resolveReview = (reviewId: string, verdict: string) =>
  mutate(graph, "resolveReview", { reviewId, verdict, note: "Listened to it." }, "{ review { status verdict } }");

describe("submitSponsorship", () => {
  it("approves a request that the rules allow", async () => {
    const { episodeId } = episodeWith("ALLOW");
    const { data, errors } = await submit(episodeId, { competitors: ["nobody", "nobody"] });
    expect(errors).toEqual([]);
    expect(data?.sponsorship).toEqual({
      id: expect.stringMatching(/^sponsorship_/),
      brand: "Northwind",
      productCategory: "apparel",
      competitors: ["nobody"],
      status: "APPROVED",
      requestedBy: "anonymous",
      requestedAt: new Date(clock).toISOString(),
      campaign: { id: campaign },
      episode: { id: episodeId },
      decision: { verdict: "ALLOW", queue: null, reasons: [expect.objectContaining({ code: "CLEAR" })] },
      review: null,
    });
    const id = data?.sponsorship.id ?? "";
    expect(await sponsorshipOf(id)).toEqual(data?.sponsorship);
    const { data: ledger } = await graph.query("query ($id: ID!) { evaluation(id: $id) { subject verdict } }", {
      id: (await rowOf(id))?.evaluationId,
    });
    expect(ledger).toEqual({ evaluation: { subject: id, verdict: "ALLOW" } });
  });

  it("adds to the list that an earlier mutation of the same request has shown", async () => {
    const { episodeId } = episodeWith("ALLOW");
    const shown = "sponsorship { id campaign { sponsorships(first: 200) { totalCount nodes { id } } } }";
    type Page = { readonly totalCount: number; readonly nodes: readonly { readonly id: string }[] };
    type Shown = { readonly sponsorship: { readonly id: string; readonly campaign: { readonly sponsorships: Page } } };
    const { data, errors } = await graph.part("campaigns").query<Readonly<Record<string, Shown>>>(
      `mutation ($input: SubmitSponsorshipInput!) {
        first: submitSponsorship(input: $input) { ${shown} }
        second: submitSponsorship(input: $input) { ${shown} }
      }`,
      { input: { campaignId: campaign, episodeId, brand: "Northwind", productCategory: "apparel" } },
    );
    expect(errors).toEqual([]);
    const [first, second] = [data["first"]?.sponsorship, data["second"]?.sponsorship];
    expect(second?.campaign.sponsorships.totalCount).toBe((first?.campaign.sponsorships.totalCount ?? 0) + 1);
    const ids = second?.campaign.sponsorships.nodes.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([first?.id, second?.id]));
  });

  it("rejects a request that the rules deny, with reasons", async () => {
    const { data, errors } = await submit(episodeWith("DENY").episodeId);
    expect(errors).toEqual([]);
    expect(data?.sponsorship).toMatchObject({ status: "REJECTED", decision: { verdict: "DENY" }, review: null });
    expect(data?.sponsorship.decision?.reasons[0]?.message).toMatch(/\w/);
  });

  it("rejects an episode with a sponsor that the request names as a competitor", async () => {
    const sponsors = await graph.part("episodes").entities(
      episodes
        .filter(({ placement }) => placement?.verdict === "ALLOW")
        .map(({ id }) => ({ __typename: "Episode", id })),
      "... on Episode { id facts { sponsors } }",
    );
    const sponsored = (sponsors.entities as readonly { id: string; facts: { sponsors: readonly string[] } }[]).find(
      ({ facts }) => facts.sponsors.length > 0,
    );
    const { data } = await submit(sponsored?.id ?? "", { competitors: sponsored?.facts.sponsors });
    expect(data?.sponsorship.status).toBe("REJECTED");
    expect(data?.sponsorship.decision?.reasons.map(({ code }) => code)).toContain("COMPETITOR_PRESENT");
  });

  it("opens a review in the queue that the rules name", async () => {
    const { episodeId, queue } = episodeWith("REVIEW");
    const { data, errors } = await submit(episodeId);
    expect(errors).toEqual([]);
    const { id = "", review } = data?.sponsorship ?? {};
    expect(data?.sponsorship).toMatchObject({
      status: "IN_REVIEW",
      review: { id: expect.stringMatching(/^review_/), queue, status: "OPEN", subject: id },
    });
    const row = await rowOf(id);
    const [stored] = await graph.decibel.database.db
      .select()
      .from(reviews)
      .where(eq(reviews.id, row?.reviewId ?? ""));
    expect(stored).toMatchObject({
      kind: "sponsorship",
      subject: id,
      queue,
      status: "OPEN",
      evaluationId: row?.evaluationId,
    });
    expect(review?.id).toBe(`review_${stored?.id}`);
  });

  it.each([
    ["ALLOW", "APPROVED"],
    ["DENY", "REJECTED"],
  ])("follows the verdict of the review: %s", async (verdict, status) => {
    const { data } = await submit(episodeWith("REVIEW").episodeId);
    const { id = "", review } = data?.sponsorship ?? {};
    expect((await resolveReview(review?.id ?? "", verdict)).errors).toEqual([]);
    expect(await sponsorshipOf(id)).toMatchObject({ status, review: { id: review?.id, status: "RESOLVED" } });
    expect((await resolveReview(review?.id ?? "", "DENY")).errors).toMatchObject([
      { extensions: { code: "CONFLICT" } },
    ]);
    expect((await sponsorshipOf(id)).status).toBe(status);
  });

  it("stores an undecided request while the decision service is down, and decides it later", async () => {
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const [allowed, reviewed] = [
      await submit(episodeWith("ALLOW").episodeId),
      await submit(episodeWith("REVIEW").episodeId),
    ];
    expect(allowed.data?.sponsorship).toMatchObject({ status: "UNDECIDED", review: null });
    expect(reviewed.data?.sponsorship).toMatchObject({ status: "UNDECIDED", review: null });
    await graph.sandbox("opentext").behave();
    await eventually(() => rowOf(allowed.data?.sponsorship.id ?? "")).toMatchObject({ status: "APPROVED" });
    await eventually(() => rowOf(reviewed.data?.sponsorship.id ?? "")).toMatchObject({ status: "IN_REVIEW" });
    expect((await sponsorshipOf(reviewed.data?.sponsorship.id ?? "")).review).toMatchObject({ status: "OPEN" });
    const opened = eq(reviews.subject, reviewed.data?.sponsorship.id ?? "");
    expect(await graph.decibel.database.db.$count(reviews, opened)).toBe(1);
  });

  it("stores and evaluates one request for concurrent calls with one idempotency key", async () => {
    const before = await countRequests();
    await graph.sandbox("opentext").forget();
    const { episodeId } = episodeWith("REVIEW");
    const answers = await race(20, () => submit(episodeId, { idempotencyKey: "once" }));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    const [id, ...others] = new Set(answers.map(({ data }) => data?.sponsorship.id));
    expect(others).toEqual([]);
    expect(await countRequests()).toBe(before + 1);
    expect((await graph.sandbox("opentext").calls()).executes).toBe(1);
    expect(await graph.decibel.database.db.$count(reviews, eq(reviews.subject, id ?? ""))).toBe(1);
    const { errors } = await submit(episodeId, { idempotencyKey: "once", brand: "Contoso" });
    expect(errors).toMatchObject([
      {
        message: "Cannot submitSponsorship: idempotencyKey was used for another input",
        extensions: { code: "BAD_USER_INPUT", fields: { idempotencyKey: ["was used for another input"] } },
      },
    ]);
  });
});

describe("submitSponsorship refuses", () => {
  const textProblem = "must be 1 to 200 characters, not all blank and none NUL";
  const many = Array.from({ length: 10_000 }, (_none, index) => `rival-${index}`);

  it.each([
    ["an empty brand", { brand: "" }, "brand", textProblem],
    ["a brand that is too long", { brand: "x".repeat(1_000_000) }, "brand", textProblem],
    ["NUL in a category", { productCategory: "app\0arel" }, "productCategory", textProblem],
    ["too many competitors", { competitors: many }, "competitors", "must contain no more than 100 elements"],
    ["an empty competitor", { competitors: ["rival", ""] }, "competitors", "each should not be empty"],
    ["NUL in a competitor", { competitors: ["ri\0val"] }, "competitors.0", "must hold no NUL"],
    ["NUL in a key", { idempotencyKey: "o\0nce" }, "idempotencyKey", "must hold no NUL"],
  ])("%s", async (_what, more, field, problem) => {
    const before = await countRequests();
    const { data, errors } = await submit(episodeWith("ALLOW").episodeId, more);
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      {
        message: `Cannot submitSponsorship: ${field} ${problem}`,
        path: ["submitSponsorship"],
        extensions: { code: "BAD_USER_INPUT", argument: "input", fields: { [field]: [problem] } },
      },
    ]);
    expect(await countRequests()).toBe(before);
  });

  it.each([
    ["campaignId", `campaign_${MISSING_ID}`, `Cannot submitSponsorship: there is no campaign campaign_${MISSING_ID}`],
    [
      "episodeId",
      `episode_${MISSING_ID}_${MISSING_ID}`,
      `Cannot submitSponsorship: there is no episode episode_${MISSING_ID}_${MISSING_ID}`,
    ],
    ["campaignId", "", 'Cannot read campaignId: "" is no campaign id'],
    ["episodeId", "episode_1", 'Cannot read episodeId: "episode_1" is no episode id'],
  ])("the %s %j", async (argument, id, message) => {
    const before = await countRequests();
    const { errors } = await submit(episodeWith("ALLOW").episodeId, { [argument]: id });
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT", argument } }]);
    expect(await countRequests()).toBe(before);
  });
});
