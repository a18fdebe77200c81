/**
 * Events out: what a campaign desk, a system that hears everything, and one that has left are told of what clients do. Over 200
 * lines, because all tests share one started graph.
 */
// Before any decorator runs.
import "reflect-metadata";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { EVENT_TYPES } from "../../schema/event-type.ts";
import { locationId } from "../../schema/id.ts";
import { NOW } from "../support/decibel.ts";
import { startDeployment } from "../support/start-deployment.ts";
import type { Deployment } from "../support/deployment.ts";
import { nodes } from "../support/contracts.ts";
import { eventually, mutate, outboxIsIdle } from "../support/mutations.ts";
import { shop, tracks } from "../support/playlists-graph.ts";
import { secretOf, startReceiver } from "../support/receiver.ts";
import type { Delivery, Receiver } from "../support/receiver.ts";
import { writeWebhooks } from "../support/webhooks-file.ts";
import type { WebhooksFile } from "../support/webhooks-file.ts";

interface Placement {
  readonly campaignId: string;
  readonly episodeId: string;
  readonly verdict: string;
}
interface Decision {
  readonly id: string;
  readonly verdict: string;
  readonly reasons: readonly { readonly code: string }[];
}
interface Sponsorship {
  readonly id: string;
  readonly status: string;
  readonly decision: Decision;
  readonly review: { readonly id: string } | null;
}

/** Few enough to see them used up, and more than a receiver that comes back needs. */
const RETRIES = 12;
const DECISION = "decision { id verdict reasons { code } }";

let clock = NOW;
let file: WebhooksFile;
let graph: Deployment;
let placements: readonly Placement[];
const receivers = {} as Record<"desk" | "all" | "left", Receiver>;

beforeAll(async () => {
  for (const [index, name] of (["desk", "all", "left"] as const).entries()) {
    receivers[name] = await startReceiver(secretOf(index));
  }
  const { desk, all, left } = receivers;
  file = await writeWebhooks({
    "campaign-desk": { receiver: desk, secret: secretOf(0), events: ["sponsorship.decided"], fulfils: true },
    everything: { receiver: all, secret: secretOf(1), events: EVENT_TYPES },
    "left-us": { receiver: left, secret: secretOf(2), events: ["case.routed"] },
  });
  const variables = { ...file.variables, OUTBOX_RETRY_SECONDS: "0", OUTBOX_RETRIES: String(RETRIES) };
  graph = await startDeployment({ variables, now: () => clock });
  placements = await somePlacements();
});
afterEach(async () => {
  for (const receiver of Object.values(receivers)) receiver.behave({});
  await outboxIsIdle(graph);
  // Megaphone's sandbox answers 60 requests a minute.
  clock += 60_000;
});
afterAll(async () => {
  await graph.stop();
  for (const receiver of Object.values(receivers)) await receiver.close();
  await file.remove();
});

async function somePlacements(): Promise<readonly Placement[]> {
  const campaigns = await nodes<{ readonly id: string }>(graph, "campaigns(first: 12, status: ACTIVE)", "id");
  const fields = campaigns.map(({ id }, index) => `c${index}: placement(campaignId: "${id}") { verdict }`).join(" ");
  const episodes = await nodes<Record<string, { readonly verdict: string } | null> & { readonly id: string }>(
    graph,
    "episodes(first: 60, status: PUBLISHED)",
    `id ${fields}`,
  );
  clock += 60_000;
  return episodes.flatMap((episode) =>
    campaigns.flatMap(({ id }, index) => {
      const verdict = episode[`c${index}`]?.verdict;
      return verdict === undefined ? [] : [{ campaignId: id, episodeId: episode.id, verdict }];
    }),
  );
}

async function submit(verdict: string): Promise<Sponsorship & { readonly placement: Omit<Placement, "verdict"> }> {
  const found = placements.find((one) => one.verdict === verdict) ?? expect.fail(`no placement is ${verdict}`);
  placements = placements.filter((one) => one !== found);
  const { verdict: _verdict, ...placement } = found;
  const { data, errors } = await mutate<{ readonly sponsorship: Sponsorship }>(
    graph,
    "submitSponsorship",
    { ...placement, brand: "Planted Brand", productCategory: "apparel" },
    `{ sponsorship { id status ${DECISION} review { id } } }`,
  );
  expect(errors).toEqual([]);
  return { ...(data?.sponsorship ?? expect.fail("it has no sponsorship")), placement };
}

const statusOf = async (id: string): Promise<string> => {
  const text = `query ($id: ID!) { sponsorship(id: $id) { status } }`;
  return (await graph.query<{ sponsorship: { status: string } }>(text, { id })).data.sponsorship.status;
};
const toldOf = ({ id, verdict, reasons }: Decision) => ({
  evaluationId: id,
  verdict,
  reasons: reasons.map(({ code }) => code),
});
/** What a receiver was sent about a subject, by the ids in the data. */
const about = (receiver: Receiver, type: string, id: string): readonly Delivery[] =>
  receiver.deliveries.filter((one) => one.type === type && Object.values(one.data).includes(id));
const resolve = async (id: string, verdict: string): Promise<void> => {
  const input = { reviewId: id, verdict, note: "A planted note." };
  expect((await mutate(graph, "resolveReview", input, "{ review { status } }")).errors).toEqual([]);
};

describe("a sponsorship", () => {
  it("is fulfilled once the campaign desk has taken it", async () => {
    receivers.desk.behave({ latencyMs: 300 });
    const { id, status, decision, placement } = await submit("ALLOW");
    expect(status).toBe("APPROVED");
    await eventually(() => about(receivers.all, "sponsorship.decided", id)).toHaveLength(1);
    // A slow desk delays nobody else, and has not taken it yet.
    expect(await statusOf(id)).toBe("APPROVED");
    await eventually(() => statusOf(id)).toBe("FULFILLED");
    const [told] = about(receivers.desk, "sponsorship.decided", id);
    expect(told).toMatchObject({
      timestamp: new Date(clock).toISOString(),
      data: { sponsorshipId: id, ...placement, status: "APPROVED", decision: toldOf(decision), review: null },
    });
    const effects = await nodes(graph, "effects(status: DONE, first: 5)", "kind subject status attempts");
    expect(effects).toContainEqual({
      kind: "webhook-campaign-desk.sponsorship.decided",
      subject: id,
      status: "DONE",
      attempts: 1,
    });
  });

  it("is told again by the same id while the desk is down, and fulfilled when it comes back", async () => {
    let attempts = 0;
    receivers.desk.behave(() => ({ status: (attempts += 1) <= 3 ? 503 : 202 }));
    const { id } = await submit("ALLOW");
    await eventually(() => statusOf(id)).toBe("FULFILLED");
    const told = about(receivers.desk, "sponsorship.decided", id);
    expect(told.map((one) => one.status)).toEqual([503, 503, 503, 202]);
    expect(new Set(told.map((one) => one.id)).size).toBe(1);
    expect(about(receivers.all, "sponsorship.decided", id)).toHaveLength(1);
  });

  it("is failed where the desk never took it, and fulfilled if an operator retries it", async () => {
    receivers.desk.behave({ status: 422 });
    const { id } = await submit("ALLOW");
    await expect.poll(() => statusOf(id), { timeout: 30_000 }).toBe("FAILED");
    expect(about(receivers.desk, "sponsorship.decided", id)).toHaveLength(RETRIES + 1);
    const failed = await nodes<{ readonly id: string; readonly subject: string; readonly error: string }>(
      graph,
      "effects(status: FAILED)",
      "id subject error",
    );
    const effect = failed.find(({ subject }) => subject === id) ?? expect.fail("its effect is not shown");
    expect(effect.error).toBe("Cannot ask webhook-campaign-desk: it answered 422");
    receivers.desk.behave({});
    const retried = await mutate(graph, "retryEffect", { effectId: effect.id }, "{ effect { id } }");
    expect(retried.errors).toEqual([]);
    await eventually(() => statusOf(id)).toBe("FULFILLED");
  }, 60_000);

  it("that is reviewed is told as opened, and then as decided", async () => {
    const { id, status, decision, review } = await submit("REVIEW");
    expect(status).toBe("IN_REVIEW");
    const reviewId = review?.id ?? expect.fail("it has no review");
    await eventually(() => about(receivers.all, "review.opened", reviewId)).toHaveLength(1);
    expect(about(receivers.all, "review.opened", reviewId)[0]?.data).toEqual({
      reviewId,
      subject: id,
      queue: expect.any(String),
      decision: toldOf(decision),
    });
    expect(about(receivers.desk, "sponsorship.decided", id)).toEqual([]);
    await resolve(reviewId, "ALLOW");
    await eventually(() => statusOf(id)).toBe("FULFILLED");
    expect(about(receivers.desk, "sponsorship.decided", id)[0]?.data).toMatchObject({
      status: "APPROVED",
      decision: toldOf(decision),
      review: { reviewId, verdict: "ALLOW" },
    });
  });

  it("that is rejected, by the rules or by a reviewer, is told and stays rejected", async () => {
    const denied = await submit("DENY");
    const { id, review } = await submit("REVIEW");
    await resolve(review?.id ?? "", "DENY");
    for (const rejected of [denied.id, id]) {
      await eventually(() => about(receivers.desk, "sponsorship.decided", rejected)).toHaveLength(1);
      expect(about(receivers.desk, "sponsorship.decided", rejected)[0]?.data).toMatchObject({ status: "REJECTED" });
    }
    await outboxIsIdle(graph);
    expect([await statusOf(denied.id), await statusOf(id)]).toEqual(["REJECTED", "REJECTED"]);
  });
});

describe("a case", () => {
  const open = async () => {
    const { data, errors } = await mutate<{ readonly supportCase: { id: string; routing: Record<string, unknown> } }>(
      graph,
      "openCase",
      {
        account: "Planted Account",
        customerValue: "HIGH",
        country: "AU",
        issue: "BILLING",
        severity: "HIGH",
        description: "Planted words.",
      },
      "{ supportCase { id routing { id verdict priority queue compensation reasons { code } } } }",
    );
    expect(errors).toEqual([]);
    return data?.supportCase ?? expect.fail("it has no case");
  };

  it("is told with its queue, its priority and its compensation", async () => {
    const { id, routing } = await open();
    await eventually(() => about(receivers.all, "case.routed", id)).toHaveLength(1);
    const { queue, priority, compensation } = routing;
    expect(about(receivers.all, "case.routed", id)[0]?.data).toEqual({
      caseId: id,
      campaignId: null,
      queue,
      priority,
      compensation,
      decision: toldOf(routing as unknown as Decision),
    });
  });

  it("is not told to a receiver that has said it is gone", async () => {
    receivers.left.behave({ status: 410 });
    const first = await open();
    await eventually(() => graph.logged.filter(({ msg = "" }) => msg.includes("answered 410"))).toHaveLength(1);
    const second = await open();
    await eventually(() => about(receivers.all, "case.routed", second.id)).toHaveLength(1);
    await outboxIsIdle(graph);
    expect(about(receivers.left, "case.routed", first.id)).toHaveLength(1);
    expect(about(receivers.left, "case.routed", second.id)).toEqual([]);
  });
});

describe("the other events", () => {
  it("tell of a playlist once it plays", async () => {
    const input = {
      locationId: locationId.encode(shop.id),
      title: "Planted",
      usage: "IN_STORE",
      trackUris: tracks(30),
    };
    const { data, errors } = await mutate<{ readonly playlistRequest: { id: string; decision: Decision } }>(
      graph,
      "requestPlaylist",
      input,
      `{ playlistRequest { id status ${DECISION} } }`,
    );
    expect(errors).toEqual([]);
    expect(data?.playlistRequest).toMatchObject({ status: "APPROVED" });
    const { id, decision } = data?.playlistRequest ?? expect.fail("it has no request");
    await eventually(() => about(receivers.all, "playlist.fulfilled", id)).toHaveLength(1);
    expect(about(receivers.all, "playlist.fulfilled", id)[0]?.data).toEqual({
      playlistRequestId: id,
      locationId: input.locationId,
      playlistUri: expect.stringMatching(/^spotify:playlist:/),
      decision: toldOf(decision),
    });
  });

  it("tell of a lead without anything personal", async () => {
    const listeners = await nodes<{ id: string; lead: (Decision & { route: string; score: number }) | null }>(
      graph,
      "listeners(first: 100)",
      "id lead { id verdict route score reasons { code } }",
    );
    const { id } =
      listeners.find(({ lead }) => lead?.verdict === "ALLOW" && lead.route !== "SUPPRESS") ?? expect.fail("no lead");
    const { data, errors } = await mutate<{
      readonly listener: { readonly lead: Decision & { score: number; route: string; queue: string | null } };
    }>(
      graph,
      "routeLead",
      { listenerId: id },
      "{ listener { lead { id verdict route score queue reasons { code } } } }",
    );
    expect(errors).toEqual([]);
    const { score, route, queue, ...decision } = data?.listener.lead ?? expect.fail("it has no lead");
    await eventually(() => about(receivers.all, "lead.routed", id)).toHaveLength(1);
    expect(about(receivers.all, "lead.routed", id)[0]?.data).toEqual({
      leadId: expect.any(String),
      listenerId: id,
      score,
      route,
      queue,
      decision: toldOf(decision),
      review: null,
    });
  });

  it("tell of a licence that is escalated once, until it is recorded anew", async () => {
    for (const worklist of graph.decibel.worklists) await worklist.catchUp();
    await outboxIsIdle(graph);
    const id = locationId.encode(shop.id);
    const record = async (expiresAt: string) => {
      const input = { locationId: id, status: "EXPIRED", tier: "planted", expiresAt };
      const { data, errors } = await mutate<{ readonly location: { readonly playback: { licenceAction: string } } }>(
        graph,
        "recordLicence",
        input,
        "{ location { playback { licenceAction } } }",
      );
      expect(errors).toEqual([]);
      expect(data?.location.playback.licenceAction).toBe("ESCALATE");
    };
    const escalated = () => about(receivers.all, "licence.escalated", id);
    expect(escalated()).toEqual([]);
    await record("2026-01-31T00:00:00Z");
    await eventually(escalated).toHaveLength(1);
    expect(escalated()[0]?.data).toMatchObject({
      locationId: id,
      licence: { status: "EXPIRED", expiresAt: "2026-01-31T00:00:00.000Z" },
      action: "ESCALATE",
      priority: expect.any(Number),
      decision: { verdict: expect.any(String), reasons: expect.any(Array) },
    });
    // Everything is decided anew, and nothing has changed.
    clock += 2 * 3_600_000;
    for (const worklist of graph.decibel.worklists) await worklist.catchUp();
    await outboxIsIdle(graph);
    expect(escalated()).toHaveLength(1);
    await record("2026-02-28T00:00:00Z");
    await eventually(escalated).toHaveLength(2);
    const ids = receivers.all.accepted("licence.escalated").map(({ data }) => data["locationId"]);
    expect(ids.filter((one) => one !== id)).toHaveLength(new Set(ids.filter((one) => one !== id)).size);
  }, 60_000);

  it("have no word of a client, no name and no text in them", () => {
    const all = JSON.stringify([...receivers.all.deliveries, ...receivers.desk.deliveries]).toLowerCase();
    expect(all).not.toContain("planted");
    expect(new Set(receivers.all.deliveries.map(({ type }) => type))).toEqual(new Set(EVENT_TYPES));
    expect(Object.values(receivers).map((receiver) => receiver.refused())).toEqual([0, 0, 0]);
    // The path and the query of a URL may be secret too.
    const log = JSON.stringify(graph.logged);
    for (const secret of [secretOf(0), secretOf(1), secretOf(2), "team=7"]) expect(log).not.toContain(secret);
  });
});
