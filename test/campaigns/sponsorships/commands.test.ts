/** A sponsorship is asked for and decided: approved, rejected, or looked at by somebody first. */
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sponsorships } from "../../../subgraphs/records/campaigns/tables.ts";
import { reviews } from "../../../subgraphs/records/decisions/tables.ts";
import { FAST_RETRIES, MISSING_ID, mutate, eventually, race, outboxIsIdle } from "../../support/mutations.ts";
import type { MutationAnswer } from "../../support/mutations.ts";
import { NOW, startTestDecibel } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";

interface Placement {
  readonly verdict: string;
  readonly queue: string | null;
  readonly reasons: readonly { readonly code: string; readonly message: string }[];
}
interface Shown {
  readonly id: string;
  readonly status: string;
  readonly decision: Placement | null;
  readonly review: { readonly id: string; readonly queue: string } | null;
}
interface Payload {
  readonly sponsorship: Shown;
}

const PLACEMENT = "{ verdict queue reasons { code message } }";
const SHOWN = `id brand productCategory competitors status requestedBy requestedAt campaign { id } episode { id }
  decision ${PLACEMENT} review { id queue status subject }`;
const PAYLOAD = `{ sponsorship { ${SHOWN} } }`;

let clock = NOW;
let graph: TestDecibel;
let campaign: string;
let episodes: readonly { readonly id: string; readonly placement: Placement | null }[];
beforeAll(async () => {
  graph = await startTestDecibel({ variables: FAST_RETRIES, now: () => clock });
  const { data: listed } = await graph.query<{ campaigns: { nodes: { id: string }[] } }>(
    "{ campaigns(first: 30, status: ACTIVE) { nodes { id } } }",
  );
  // The first for which the rules say each of the three of some episode.
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
  // Another minute of Megaphone's.
  clock += 60_000;
});

function inEpisode(verdict: string): { readonly episodeId: string; readonly queue: string | null } {
  const found = episodes.find(({ placement }) => placement?.verdict === verdict);
  if (!found) throw new RangeError(`no episode is ${verdict} for ${campaign}`);
  return { episodeId: found.id, queue: found.placement?.queue ?? null };
}
function submit(episodeId: string, more: object = {}): Promise<MutationAnswer<Payload>> {
  const input = { campaignId: campaign, episodeId, brand: "Northwind", productCategory: "apparel", ...more };
  return mutate(graph, "submitSponsorship", input, PAYLOAD);
}
async function shown(id: string): Promise<Shown> {
  const asked = graph.query<{ sponsorship: Shown }>(`query ($id: ID!) { sponsorship(id: $id) { ${SHOWN} } }`, { id });
  return (await asked).data.sponsorship;
}
async function rowOf(id: string) {
  const own = id.slice("sponsorship_".length);
  return (await graph.decibel.database.db.select().from(sponsorships).where(eq(sponsorships.id, own)))[0];
}
const counted = () => graph.decibel.database.db.$count(sponsorships);
const resolveReview = (reviewId: string, verdict: string) =>
  mutate(graph, "resolveReview", { reviewId, verdict, note: "Heard it." }, "{ review { status verdict } }");

describe("submitSponsorship", () => {
  it("approves what the rules allow", async () => {
    const { episodeId } = inEpisode("ALLOW");
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
    expect(await shown(id)).toEqual(data?.sponsorship);
    const { data: ledger } = await graph.query("query ($id: ID!) { evaluation(id: $id) { subject verdict } }", {
      id: (await rowOf(id))?.evaluationId,
    });
    expect(ledger).toEqual({ evaluation: { subject: id, verdict: "ALLOW" } });
  });

  it("rejects what the rules deny, and says why", async () => {
    const { data, errors } = await submit(inEpisode("DENY").episodeId);
    expect(errors).toEqual([]);
    expect(data?.sponsorship).toMatchObject({ status: "REJECTED", decision: { verdict: "DENY" }, review: null });
    expect(data?.sponsorship.decision?.reasons[0]?.message).toMatch(/\w/);
  });

  it("rejects a place beside whom the request itself names as a competitor", async () => {
    const sponsors = await graph.part("episodes").entities(
      episodes
        .filter(({ placement }) => placement?.verdict === "ALLOW")
        .map(({ id }) => ({ __typename: "Episode", id })),
      "... on Episode { id facts { sponsors } }",
    );
    const sold = (sponsors.entities as readonly { id: string; facts: { sponsors: readonly string[] } }[]).find(
      ({ facts }) => facts.sponsors.length > 0,
    );
    const { data } = await submit(sold?.id ?? "", { competitors: sold?.facts.sponsors });
    expect(data?.sponsorship.status).toBe("REJECTED");
    expect(data?.sponsorship.decision?.reasons.map(({ code }) => code)).toContain("COMPETITOR_PRESENT");
  });

  it("has somebody look at it first where the rules want that, in the queue they name", async () => {
    const { episodeId, queue } = inEpisode("REVIEW");
    const { data, errors } = await submit(episodeId);
    expect(errors).toEqual([]);
    const { id = "", review } = data?.sponsorship ?? {};
    expect(data?.sponsorship).toMatchObject({
      status: "IN_REVIEW",
      review: { id: expect.stringMatching(/^review_/), queue, status: "OPEN", subject: id },
    });
    const row = await rowOf(id);
    const [kept] = await graph.decibel.database.db
      .select()
      .from(reviews)
      .where(eq(reviews.id, row?.reviewId ?? ""));
    expect(kept).toMatchObject({
      kind: "sponsorship",
      subject: id,
      queue,
      status: "OPEN",
      evaluationId: row?.evaluationId,
    });
    expect(review?.id).toBe(`review_${kept?.id}`);
  });

  it.each([
    ["ALLOW", "APPROVED"],
    ["DENY", "REJECTED"],
  ])("goes the way the reviewer says: %s", async (verdict, status) => {
    const { data } = await submit(inEpisode("REVIEW").episodeId);
    const { id = "", review } = data?.sponsorship ?? {};
    expect((await resolveReview(review?.id ?? "", verdict)).errors).toEqual([]);
    expect(await shown(id)).toMatchObject({ status, review: { id: review?.id, status: "RESOLVED" } });
    expect((await resolveReview(review?.id ?? "", "DENY")).errors).toMatchObject([
      { extensions: { code: "CONFLICT" } },
    ]);
    expect((await shown(id)).status).toBe(status);
  });

  it("is kept undecided while the decision service is down, and decided when it is back", async () => {
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const [allowed, looked] = [await submit(inEpisode("ALLOW").episodeId), await submit(inEpisode("REVIEW").episodeId)];
    expect(allowed.data?.sponsorship).toMatchObject({ status: "UNDECIDED", review: null });
    expect(looked.data?.sponsorship).toMatchObject({ status: "UNDECIDED", review: null });
    await graph.sandbox("opentext").behave();
    await eventually(() => rowOf(allowed.data?.sponsorship.id ?? "")).toMatchObject({ status: "APPROVED" });
    await eventually(() => rowOf(looked.data?.sponsorship.id ?? "")).toMatchObject({ status: "IN_REVIEW" });
    expect((await shown(looked.data?.sponsorship.id ?? "")).review).toMatchObject({ status: "OPEN" });
    const opened = eq(reviews.subject, looked.data?.sponsorship.id ?? "");
    expect(await graph.decibel.database.db.$count(reviews, opened)).toBe(1);
  });

  it("is one request under one key, however often and however close behind each other", async () => {
    const before = await counted();
    const { episodeId } = inEpisode("REVIEW");
    const answers = await race(10, () => submit(episodeId, { idempotencyKey: "once" }));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    const [id, ...others] = new Set(answers.map(({ data }) => data?.sponsorship.id));
    expect(others).toEqual([]);
    expect(await counted()).toBe(before + 1);
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
  const plain = "must be 1 to 200 characters, not all blank and none NUL";
  const many = Array.from({ length: 10_000 }, (_none, at) => `rival-${at}`);

  it.each([
    ["a brand of nothing", { brand: "" }, "brand", plain],
    ["a brand without end", { brand: "x".repeat(1_000_000) }, "brand", plain],
    ["NUL in a category", { productCategory: "app\0arel" }, "productCategory", plain],
    ["ten thousand competitors", { competitors: many }, "competitors", "must contain no more than 100 elements"],
    ["a competitor of nothing", { competitors: ["rival", ""] }, "competitors", "each should not be empty"],
    ["NUL in a competitor", { competitors: ["ri\0val"] }, "competitors.0", "must hold no NUL"],
    ["NUL in a key", { idempotencyKey: "o\0nce" }, "idempotencyKey", "must hold no NUL"],
  ])("%s", async (_what, more, field, problem) => {
    const before = await counted();
    const { data, errors } = await submit(inEpisode("ALLOW").episodeId, more);
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      {
        message: `Cannot submitSponsorship: ${field} ${problem}`,
        path: ["submitSponsorship"],
        extensions: { code: "BAD_USER_INPUT", argument: "input", fields: { [field]: [problem] } },
      },
    ]);
    expect(await counted()).toBe(before);
  });

  it.each([
    [
      "campaignId",
      `campaign_${MISSING_ID}`,
      `Cannot submit a sponsorship: there is no campaign campaign_${MISSING_ID}`,
    ],
    [
      "episodeId",
      `episode_${MISSING_ID}_${MISSING_ID}`,
      `Cannot submit a sponsorship: there is no episode episode_${MISSING_ID}_${MISSING_ID}`,
    ],
    ["campaignId", "", 'Cannot read campaignId: "" is no campaign id'],
    ["episodeId", "episode_1", 'Cannot read episodeId: "episode_1" is no episode id'],
  ])("the %s %j", async (argument, id, message) => {
    const before = await counted();
    const { errors } = await submit(inEpisode("ALLOW").episodeId, { [argument]: id });
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT", argument } }]);
    expect(await counted()).toBe(before);
  });
});
