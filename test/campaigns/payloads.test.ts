/**
 * A payload shows what its mutation decided, from the ledger; it is never evaluated a second time. Over 200 lines,
 * because all tests share one started graph.
 */
import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { episodeId, sponsorshipId } from "../../schema/id.ts";
import { addSponsorship } from "../../subgraphs/records/campaigns/store.ts";
import { campaignProfiles, cases, sponsorships } from "../../subgraphs/records/campaigns/tables.ts";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { FAST_RETRIES, eventually, mutate, outboxIsIdle, evaluationsOf } from "../support/mutations.ts";
import type { MutationAnswer } from "../support/mutations.ts";
import { withRules } from "../support/rules.ts";
import { HOUR_MS } from "../support/times.ts";

interface Decision {
  readonly id: string;
  readonly verdict: string;
  readonly queue: string | null;
  readonly model: { readonly version: string };
}
interface Sponsorship {
  readonly id: string;
  readonly status: string;
  readonly decision: Decision | null;
}
interface SupportCase {
  readonly id: string;
  readonly status: string;
  readonly queue: string | null;
  readonly routing: (Decision & { readonly priority: number }) | null;
}

const DECISION = "id verdict queue model { version }";
const SPONSORSHIP = `{ sponsorship { id status decision { ${DECISION} } } }`;
const SUPPORT_CASE = `{ supportCase { id status queue routing { ${DECISION} priority } } }`;
const STATUS_OF_VERDICT: Readonly<Record<string, string>> = {
  ALLOW: "APPROVED",
  REVIEW: "IN_REVIEW",
  DENY: "REJECTED",
};

let clock = NOW;
let graph: TestDecibel;
let campaign: string;
/** By the verdict of their placement, for the campaign. */
let episodes: ReadonlyMap<string, string>;
beforeAll(async () => {
  graph = await startTestDecibel({ variables: FAST_RETRIES, now: () => clock });
  const { data: active } = await graph.query<{ campaigns: { nodes: { id: string }[] } }>(
    "{ campaigns(first: 30, status: ACTIVE) { nodes { id } } }",
  );
  for (const { id } of active.campaigns.nodes) {
    campaign = id;
    const { data } = await graph.query<{ episodes: { nodes: { id: string; placement: { verdict: string } }[] } }>(
      "query ($id: ID!) { episodes(first: 100) { nodes { id placement(campaignId: $id) { verdict } } } }",
      { id },
    );
    episodes = new Map(data.episodes.nodes.map((episode) => [episode.placement.verdict, episode.id]));
    nextMinute();
    if (episodes.size === 3) return;
  }
});
afterAll(() => graph.stop());
afterEach(async () => {
  await graph.sandbox("opentext").behave();
  await graph.sandbox("megaphone").behave();
  await outboxIsIdle(graph);
  nextMinute();
});

/** Megaphone's sandbox answers 60 requests a minute. */
function nextMinute(): void {
  clock += 60_000;
}

function submit(verdict: string, more: object = {}): Promise<MutationAnswer<{ readonly sponsorship: Sponsorship }>> {
  const input = { campaignId: campaign, episodeId: episodes.get(verdict), brand: "Northwind", productCategory: "food" };
  return mutate(graph, "submitSponsorship", { ...input, ...more }, SPONSORSHIP);
}

function openCase(more: object = {}): Promise<MutationAnswer<{ readonly supportCase: SupportCase }>> {
  const input = {
    account: "Northwind",
    customerValue: "MEDIUM",
    country: "DE",
    issue: "BILLING",
    severity: "LOW",
    description: "We were billed twice.",
  };
  return mutate(graph, "openCase", { ...input, ...more }, SUPPORT_CASE);
}

async function resolveCase(caseId: string, more: object = {}): Promise<SupportCase | undefined> {
  const { data, errors } = await mutate<{ readonly supportCase: SupportCase }>(
    graph,
    "resolveCase",
    { caseId, note: "Credited.", ...more },
    SUPPORT_CASE,
  );
  expect(errors).toEqual([]);
  return data?.supportCase;
}

async function executes(): Promise<number> {
  return (await graph.sandbox("opentext").calls()).executes;
}

describe("the payload of submitSponsorship", () => {
  it.each(["ALLOW", "REVIEW", "DENY"])("agrees with the status after one evaluation: %s", async (verdict) => {
    await graph.sandbox("opentext").forget();
    const { data, errors } = await submit(verdict);
    expect(errors).toEqual([]);
    const { id = "", decision } = data?.sponsorship ?? {};
    expect(data?.sponsorship).toMatchObject({ status: STATUS_OF_VERDICT[verdict], decision: { verdict } });
    expect(await executes()).toBe(1);
    expect(await evaluationsOf(graph, id)).toEqual([decision?.id]);
    const [row] = await graph.decibel.database.db
      .select()
      .from(sponsorships)
      .where(eq(sponsorships.evaluationId, decision?.id ?? ""));
    expect(id).toBe(`sponsorship_${row?.id}`);
  });

  it("repeats the evaluation of its key after the rules have changed", async () => {
    const first = await submit("ALLOW", { idempotencyKey: "rules" });
    await withRules(graph, "placement_review", { verdict: "DENY", queue: "legal" }, async () => {
      await graph.sandbox("opentext").forget();
      expect(await submit("ALLOW", { idempotencyKey: "rules" })).toEqual(first);
      expect(await executes()).toBe(0);
      const { data } = await submit("ALLOW");
      expect(data?.sponsorship).toMatchObject({ status: "REJECTED", decision: { verdict: "DENY" } });
      expect(data?.sponsorship.decision?.model).not.toEqual(first.data?.sponsorship.decision?.model);
    });
    expect(first.data?.sponsorship).toMatchObject({ status: "APPROVED", decision: { verdict: "ALLOW" } });
    expect(await evaluationsOf(graph, first.data?.sponsorship.id ?? "")).toEqual([
      first.data?.sponsorship.decision?.id,
    ]);
  });

  it("repeats the evaluation of its key after the facts have changed", async () => {
    const first = await submit("ALLOW", { idempotencyKey: "facts" });
    const episode = episodes.get("ALLOW");
    const { entities } = await graph
      .part("episodes")
      .entities([{ __typename: "Episode", id: episode }], "... on Episode { facts { sponsors } }");
    const [{ facts }] = entities as readonly [{ readonly facts: { readonly sponsors: readonly string[] } }];
    // The sponsors of the episode become competitors of the campaign.
    const profile = { competitors: facts.sponsors };
    await graph.decibel.database.db
      .insert(campaignProfiles)
      .values({ ...profile, campaignId: campaign.slice("campaign_".length), tier: "STANDARD" })
      .onConflictDoUpdate({ target: campaignProfiles.campaignId, set: profile });
    await graph.sandbox("opentext").forget();
    expect(await submit("ALLOW", { idempotencyKey: "facts" })).toEqual(first);
    expect(await executes()).toBe(0);
    const { data } = await graph.query(
      "query ($id: ID!, $campaign: ID!) { episode(id: $id) { placement(campaignId: $campaign) { verdict } } }",
      { id: episode, campaign },
    );
    expect(data).toEqual({ episode: { placement: { verdict: "DENY" } } });
    expect(first.data?.sponsorship).toMatchObject({ status: "APPROVED", decision: { verdict: "ALLOW" } });
    await graph.decibel.database.db
      .update(campaignProfiles)
      .set({ competitors: [] })
      .where(eq(campaignProfiles.campaignId, campaign.slice("campaign_".length)));
  });

  it("has no decision while the request is undecided, and the recorded one once it is decided", async () => {
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const { data, errors } = await submit("ALLOW", { idempotencyKey: "undecided" });
    const { id = "" } = data?.sponsorship ?? {};
    expect(data?.sponsorship).toEqual({ id, status: "UNDECIDED", decision: null });
    expect(errors).toMatchObject([
      {
        path: ["submitSponsorship", "sponsorship", "decision"],
        extensions: { code: "DECISION_UNAVAILABLE", decision: "placement_review", retryable: true },
      },
    ]);
    expect(await evaluationsOf(graph, id)).toEqual([]);
    await graph.sandbox("opentext").behave();
    await eventually(() => evaluationsOf(graph, id)).toHaveLength(1);
    await outboxIsIdle(graph);
    const repeat = await submit("ALLOW", { idempotencyKey: "undecided" });
    expect(repeat.errors).toEqual([]);
    expect(repeat.data?.sponsorship).toMatchObject({ id, status: "APPROVED", decision: { verdict: "ALLOW" } });
    expect(await evaluationsOf(graph, id)).toEqual([repeat.data?.sponsorship.decision?.id]);
  });
});

describe("the decision about a sponsorship, while Megaphone is down", () => {
  const query = (id: string) =>
    graph.query(`query ($id: ID!) { sponsorship(id: $id) { status decision { ${DECISION} } } }`, { id });
  const megaphoneIsDown = async (): Promise<void> => {
    // What was read of the episode has expired.
    clock += HOUR_MS;
    await graph.sandbox("megaphone").misbehave({ status: 503 });
    await graph.sandbox("megaphone").forget();
  };

  it("is the recorded one, in a payload and in a query, and asks Megaphone nothing", async () => {
    const first = await submit("ALLOW", { idempotencyKey: "megaphone" });
    const { id = "", status, decision } = first.data?.sponsorship ?? {};
    expect(decision).toMatchObject({ verdict: "ALLOW" });
    await megaphoneIsDown();
    expect(await submit("ALLOW", { idempotencyKey: "megaphone" })).toEqual(first);
    expect(await query(id)).toEqual({ data: { sponsorship: { status, decision } }, errors: [] });
    expect((await graph.sandbox("megaphone").calls()).requests).toBe(0);
  });

  it("is not made without a recorded one, and the error names Megaphone", async () => {
    const first = await submit("ALLOW");
    const { id = "" } = first.data?.sponsorship ?? {};
    await graph.decibel.database.db
      .update(sponsorships)
      .set({ evaluationId: null })
      .where(eq(sponsorships.id, sponsorshipId.decode(id)[0]));
    await megaphoneIsDown();
    const { data, errors } = await query(id);
    expect(data).toEqual({ sponsorship: { status: "APPROVED", decision: null } });
    expect(errors).toMatchObject([
      {
        message: "Cannot ask megaphone: it answered 503",
        path: ["sponsorship", "decision"],
        extensions: { code: "UPSTREAM_UNAVAILABLE", upstream: "megaphone", retryable: true, service: "episodes" },
      },
    ]);
  });
});

describe("an undecided sponsorship", () => {
  it("has no decision and evaluates nothing, while its decision is retried", async () => {
    const id = randomUUID();
    const [podcastId, ownId] = episodeId.decode(episodes.get("ALLOW") ?? "");
    await graph.decibel.database.transaction((tx) =>
      addSponsorship(tx, {
        id,
        campaignId: campaign.slice("campaign_".length),
        episodeId: { podcastId, episodeId: ownId },
        brand: "Northwind",
        productCategory: "food",
        competitors: [],
        status: "UNDECIDED",
        requestedBy: "anonymous",
        requestedAt: new Date(clock),
      }),
    );
    await graph.sandbox("opentext").forget();
    const { data, errors } = await graph.query(
      "query ($id: ID!) { sponsorship(id: $id) { status decision { verdict } } }",
      { id: sponsorshipId.encode(id) },
    );
    expect(data).toEqual({ sponsorship: { status: "UNDECIDED", decision: null } });
    expect(errors).toMatchObject([
      {
        message: "Cannot decide placement_review: it is not decided yet",
        path: ["sponsorship", "decision"],
        extensions: { code: "DECISION_UNAVAILABLE", decision: "placement_review", retryable: true },
      },
    ]);
    expect([await executes(), await evaluationsOf(graph, sponsorshipId.encode(id))]).toEqual([0, []]);
  });
});

describe("the payload of openCase", () => {
  it("agrees with the status after one evaluation", async () => {
    await graph.sandbox("opentext").forget();
    const { data, errors } = await openCase();
    expect(errors).toEqual([]);
    const { id = "", queue, routing } = data?.supportCase ?? {};
    expect(data?.supportCase).toMatchObject({ status: "ROUTED", queue: "billing", routing: { priority: 5 } });
    expect(routing?.queue).toBe(queue);
    expect(await executes()).toBe(1);
    expect(await evaluationsOf(graph, id)).toEqual([routing?.id]);
    const [row] = await graph.decibel.database.db
      .select()
      .from(cases)
      .where(eq(cases.evaluationId, routing?.id ?? ""));
    expect(row).toMatchObject({ id: id.slice("case_".length), queue, priority: routing?.priority });
  });

  it("repeats the evaluation of its key after the rules have changed", async () => {
    const first = await openCase({ idempotencyKey: "rules" });
    await withRules(
      graph,
      "case_routing",
      { verdict: "DENY", queue: "legal", compensation: "credit-note" },
      async () => {
        await graph.sandbox("opentext").forget();
        expect(await openCase({ idempotencyKey: "rules" })).toEqual(first);
        expect(await executes()).toBe(0);
        const { data } = await openCase();
        expect(data?.supportCase.routing).toMatchObject({ verdict: "DENY" });
        expect(data?.supportCase.routing?.model).not.toEqual(first.data?.supportCase.routing?.model);
      },
    );
    expect(first.data?.supportCase.routing).toMatchObject({ verdict: "ALLOW" });
  });

  it("repeats the evaluation of its key after the facts have changed", async () => {
    const first = await openCase({ idempotencyKey: "facts" });
    const { id = "", routing } = first.data?.supportCase ?? {};
    // Its age is a fact.
    clock += 200 * HOUR_MS;
    await graph.sandbox("opentext").forget();
    expect(await openCase({ idempotencyKey: "facts" })).toEqual(first);
    expect(await executes()).toBe(0);
    const { data } = await graph.query<{ supportCase: SupportCase }>(
      "query ($id: ID!) { supportCase(id: $id) { routing { priority } } }",
      { id },
    );
    expect(data.supportCase.routing?.priority).toBeLessThan(routing?.priority ?? 0);
  });

  it("has no routing while the case is open, and the recorded one once it is routed", async () => {
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const { data, errors } = await openCase({ idempotencyKey: "open" });
    const { id = "" } = data?.supportCase ?? {};
    expect(data?.supportCase).toEqual({ id, status: "OPEN", queue: null, routing: null });
    expect(errors).toMatchObject([
      {
        path: ["openCase", "supportCase", "routing"],
        extensions: { code: "DECISION_UNAVAILABLE", decision: "case_routing", retryable: true },
      },
    ]);
    expect(await evaluationsOf(graph, id)).toEqual([]);
    await graph.sandbox("opentext").behave();
    await eventually(() => evaluationsOf(graph, id)).toHaveLength(1);
    await outboxIsIdle(graph);
    const repeat = await openCase({ idempotencyKey: "open" });
    expect(repeat.errors).toEqual([]);
    const { queue, routing } = repeat.data?.supportCase ?? {};
    expect(repeat.data?.supportCase).toMatchObject({ id, status: "ROUTED", queue: "billing" });
    expect(await evaluationsOf(graph, id)).toEqual([routing?.id]);
    expect(routing?.queue).toBe(queue);
  });
});

describe("the payload of resolveCase", () => {
  it("keeps the routing that the case had", async () => {
    const opened = await openCase();
    const { id = "", routing } = opened.data?.supportCase ?? {};
    clock += 200 * HOUR_MS;
    await graph.sandbox("opentext").forget();
    expect(await resolveCase(id)).toMatchObject({ id, status: "RESOLVED", routing });
    expect(await executes()).toBe(0);
  });

  it("has no routing if the case was resolved before it was routed, however often it is repeated", async () => {
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const opened = await openCase({ idempotencyKey: "never routed" });
    const { id = "" } = opened.data?.supportCase ?? {};
    const resolved = { id, status: "RESOLVED", queue: null, routing: null };
    expect(await resolveCase(id, { idempotencyKey: "never routed" })).toEqual(resolved);
    await graph.sandbox("opentext").behave();
    await outboxIsIdle(graph);
    // An attempt to route it may have been under way when it was resolved.
    const before = await evaluationsOf(graph, id);
    await graph.sandbox("opentext").forget();
    expect(await resolveCase(id, { idempotencyKey: "never routed" })).toEqual(resolved);
    expect(await openCase({ idempotencyKey: "never routed" })).toEqual({
      data: { supportCase: resolved },
      errors: [],
    });
    expect([await executes(), await evaluationsOf(graph, id)]).toEqual([0, before]);
    const { data } = await graph.query<{ supportCase: SupportCase }>(
      "query ($id: ID!) { supportCase(id: $id) { routing { queue } } }",
      { id },
    );
    expect(data.supportCase.routing).toEqual({ queue: "billing" });
  });
});
