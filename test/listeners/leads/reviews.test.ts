/** A lead with the verdict REVIEW is sent to the CRM when a reviewer allows it, and not before. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FAST_RETRIES, mutate, outboxIsIdle } from "../../support/mutations.ts";
import { nodes } from "../../support/contracts.ts";
import { startTestDecibel } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";

let graph: TestDecibel;
let leadsToReview: readonly string[];
beforeAll(async () => {
  graph = await startTestDecibel({ variables: FAST_RETRIES });
  const listeners = await nodes<{
    readonly id: string;
    readonly lead: { readonly verdict: string; readonly route: string };
  }>(graph, "listeners(first: 200)", "id lead { verdict route }");
  leadsToReview = listeners
    .filter(({ lead }) => lead.verdict === "REVIEW" && lead.route !== "SUPPRESS")
    .map(({ id }) => id);
});
afterAll(() => graph.stop());

const sentLeads = async (): Promise<number> => {
  await outboxIsIdle(graph);
  const { recent } = await graph.sandbox("crm").calls();
  return recent.filter(({ method }) => method === "POST").length;
};

describe("a lead with the verdict REVIEW", () => {
  it.each([
    ["ALLOW", 1],
    ["DENY", 0],
  ])("is resolved as %s and sent %i times", async (verdict, times) => {
    const listenerId = leadsToReview[times] ?? expect.fail("no listener is a lead to review");
    await graph.sandbox("crm").forget();
    expect((await mutate(graph, "routeLead", { listenerId }, "{ listener { id } }")).errors).toEqual([]);
    expect(await sentLeads()).toBe(0);
    const reviews = await nodes<{ readonly id: string; readonly subject: string; readonly queue: string }>(
      graph,
      "reviewQueue(first: 200)",
      "id subject queue evaluation { model { key } }",
    );
    const own = reviews.filter(({ subject }) => subject === listenerId);
    expect(own).toEqual([
      expect.objectContaining({ queue: expect.any(String), evaluation: { model: { key: "lead_routing" } } }),
    ]);
    const resolution = { reviewId: own[0]?.id, verdict, note: "looked at" };
    expect((await mutate(graph, "resolveReview", resolution, "{ review { status } }")).errors).toEqual([]);
    expect(await sentLeads()).toBe(times);
  });
});
