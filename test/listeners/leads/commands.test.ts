/** routeLead: what is recorded, and what the CRM gets. */
// Before any decorator runs.
import "reflect-metadata";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { listenerId } from "../../../schema/id.ts";
import type { ListenerRecord } from "../../../subgraphs/records/listeners/types.ts";
import { NOW } from "../../support/decibel.ts";
import { UNKNOWN_LISTENER, hasGranted, startListenersGraph, worldListeners } from "../../support/listeners-graph.ts";
import type { ListenersGraph } from "../../support/listeners-graph.ts";
import { setOutboxAhead } from "../../support/outbox-clock.ts";
import { MINUTE_MS, iso } from "../../support/times.ts";
import { eventually, invalidField } from "../../support/mutations.ts";

const MUTATION = "routeLead";

let graph: ListenersGraph;
beforeAll(async () => {
  graph = await startListenersGraph();
});
afterEach(async () => {
  await Promise.all([graph.sandbox("opentext").behave(), graph.sandbox("crm").behave()]);
});
afterAll(() => graph.stop());

/** The verdict is ALLOW and the route is not SUPPRESS. */
const isLead = (listener: ListenerRecord): boolean =>
  hasGranted(listener, "MARKETING") &&
  listener.engagement.ctaClicks >= 1 &&
  listener.engagement.ctaClicks <= 50 &&
  ["DE", "FR", "GB", "US", "ES", "IT", "NL", "SE"].includes(listener.country) &&
  ["automotive", "education", "hospitality", "media", "retail", "technology"].includes(listener.industry ?? "");

describe("routeLead", () => {
  const crmRequests = async () => (await graph.sandbox("crm").calls()).requests;
  /** The lead in the payload. */
  const routed = async (input: object) => {
    const { data, errors } = await graph.query<{
      routeLead: { listener: { lead: { id: string; verdict: string; route: string } } };
    }>(
      "mutation ($input: RouteLeadInput!) { routeLead(input: $input) { listener { lead { id verdict route score } } } }",
      { input },
    );
    expect(errors).toEqual([]);
    return data.routeLead.listener.lead;
  };
  const evaluationsOf = async (subject: string) => {
    const { data } = await graph.query<{ evaluations: { nodes: readonly { id: string }[] } }>(
      "query ($subject: String) { evaluations(subject: $subject) { nodes { id } } }",
      { subject },
    );
    return data.evaluations.nodes.map(({ id }) => id);
  };
  const stored = (id: string) =>
    graph.rows<Readonly<Record<string, unknown>>>(
      `select * from listeners.leads where listener_id = '${listenerId.decode(id)[0]}' order by routed_at`,
    );

  it("sends a lead to the CRM once, signed, with only what a sales call needs", async () => {
    const id = graph.pick(isLead);
    await graph.sandbox("crm").forget();
    const { data, errors } = await graph.routeLead({ listenerId: id });
    expect(errors).toEqual([]);
    expect(data?.routeLead.listener).toMatchObject({ id, lead: { verdict: "ALLOW", route: "SALES", score: 98 } });
    await graph.outboxIsIdle();
    const [lead, ...others] = await stored(id);
    expect(others).toEqual([]);
    expect(lead).toMatchObject({ route: "SALES", routed_by: "anonymous", sent_at: expect.anything() });
    const listener = worldListeners.find(({ id: worldId }) => listenerId.encode(worldId) === id);
    expect(await graph.sentLeads(id)).toEqual([
      {
        id: expect.any(String),
        type: "lead.routed",
        timestamp: iso(NOW),
        duplicates: 0,
        data: {
          leadId: lead?.["id"],
          listenerId: id,
          score: lead?.["score"],
          route: "SALES",
          queue: lead?.["queue"],
          productInterest: listener?.productInterest,
          industry: listener?.industry,
          country: listener?.country,
          evaluationId: lead?.["evaluation_id"],
        },
      },
    ]);
    const { recent } = await graph.sandbox("crm").calls();
    expect(recent).toMatchObject([{ method: "POST", status: 200 }]);
    const { data: ledger } = await graph.query<{ evaluation: object }>(
      "query ($id: ID!) { evaluation(id: $id) { subject verdict model { key } } }",
      { id: lead?.["evaluation_id"] },
    );
    expect(ledger.evaluation).toEqual({ subject: id, verdict: "ALLOW", model: { key: "lead_routing" } });
  });

  it.each([
    [
      "DENY",
      "SUPPRESS",
      (listener: ListenerRecord) =>
        listener.consents.some(({ purpose, granted }) => purpose === "MARKETING" && !granted),
    ],
    [
      "REVIEW",
      "NURTURE",
      (listener: ListenerRecord) => hasGranted(listener, "MARKETING") && listener.engagement.ctaClicks > 50,
    ],
  ])("records %s and sends nothing", async (verdict, route, fits) => {
    const id = graph.pick(fits);
    await graph.sandbox("crm").forget();
    const { data, errors } = await graph.routeLead({ listenerId: id });
    expect(errors).toEqual([]);
    expect(data?.routeLead.listener.lead).toMatchObject({ verdict, route });
    await graph.outboxIsIdle();
    expect(await stored(id)).toMatchObject([{ route, sent_at: null }]);
    expect((await graph.sandbox("crm").calls()).requests).toBe(0);
  });

  it("routes once per idempotency key, also for twenty concurrent calls", async () => {
    const input = { listenerId: graph.pick(isLead), idempotencyKey: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => graph.routeLead(input)));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    await graph.outboxIsIdle();
    expect(await stored(input.listenerId)).toHaveLength(1);
    expect(await graph.sentLeads(input.listenerId)).toHaveLength(1);
    const { errors } = await graph.routeLead({ ...input, listenerId: graph.pick() });
    expect(errors).toMatchObject(invalidField(MUTATION, "idempotencyKey", "was used for another input"));
  });

  it("shows how the lead was routed after one evaluation, also to a repetition once the listener has changed", async () => {
    const input = { listenerId: graph.pick(isLead), idempotencyKey: randomUUID() };
    await graph.sandbox("opentext").forget();
    const first = await routed(input);
    expect(first).toMatchObject({ verdict: "ALLOW", route: "SALES" });
    expect((await graph.sandbox("opentext").calls()).executes).toBe(1);
    expect(await evaluationsOf(input.listenerId)).toEqual([first.id]);
    await graph.recordConsent({ listenerId: input.listenerId, purpose: "MARKETING", granted: false });
    expect((await graph.read(input.listenerId)).lead).toMatchObject({ verdict: "DENY", route: "SUPPRESS" });
    expect(await routed(input)).toEqual(first);
    expect(await stored(input.listenerId)).toMatchObject([{ evaluation_id: first.id }]);
    await graph.outboxIsIdle();
  });

  it("fails and records nothing while the decision service is unavailable", async () => {
    const id = graph.pick(isLead);
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const { data, errors } = await graph.routeLead({ listenerId: id });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { path: ["routeLead"], extensions: { code: "DECISION_UNAVAILABLE", decision: "lead_routing" } },
    ]);
    expect(await stored(id)).toEqual([]);
    await graph.sandbox("opentext").behave();
    await expect
      .poll(async () => (await graph.routeLead({ listenerId: id, idempotencyKey: "back" })).errors, { timeout: 30_000 })
      .toEqual([]);
    await graph.outboxIsIdle();
    expect(await graph.sentLeads(id)).toHaveLength(1);
  });

  it("sends the lead once after the CRM recovers", async () => {
    const id = graph.pick(isLead);
    await graph.sandbox("crm").forget();
    await graph.sandbox("crm").misbehave({ status: 503 });
    expect((await graph.routeLead({ listenerId: id })).errors).toEqual([]);
    await expect.poll(crmRequests, { timeout: 30_000 }).toBeGreaterThan(0);
    expect(await stored(id)).toMatchObject([{ sent_at: null }]);
    await graph.sandbox("crm").behave();
    await graph.outboxIsIdle();
    expect(await graph.sentLeads(id)).toMatchObject([{ duplicates: 0 }]);
    expect(await stored(id)).toMatchObject([{ sent_at: expect.anything() }]);
  });

  it.each([400, 404, 405, 422, 429, 500, 501])(
    "sends the leads of a listener in order after the receiver answered %i for a while",
    async (status) => {
      const id = graph.pick(isLead);
      await graph.sandbox("crm").forget();
      await graph.sandbox("crm").misbehave({ status });
      await graph.routeLead({ listenerId: id });
      await graph.routeLead({ listenerId: id });
      await expect.poll(crmRequests, { timeout: 30_000 }).toBeGreaterThan(1);
      expect(await stored(id)).toMatchObject([{ sent_at: null }, { sent_at: null }]);
      await graph.sandbox("crm").behave();
      await graph.outboxIsIdle();
      const leads = (await stored(id)).map((lead) => lead["id"]);
      expect((await graph.sentLeads(id)).map(({ data }) => (data as { leadId: string }).leadId)).toEqual(leads);
    },
  );

  it("fails a lead at once after 410, and holds up no other listener's", async () => {
    const [id, another] = [graph.pick(isLead), graph.pick(isLead)];
    await graph.sandbox("crm").misbehave({ status: 410 });
    await graph.routeLead({ listenerId: id });
    const failed = () =>
      graph.rows<{ output: { message: string } }>(
        `select output from outbox.job where singleton_key = '${id}' and state = 'failed'`,
      );
    await eventually(failed).toMatchObject([{ output: { message: "Cannot ask crm: it answered 410" } }]);
    await graph.sandbox("crm").behave();
    await graph.routeLead({ listenerId: another });
    await graph.outboxIsIdle();
    expect(await graph.sentLeads(another)).toHaveLength(1);
    expect(await stored(id)).toMatchObject([{ sent_at: null }]);
  });

  it.each([401, 403])(
    "fails a lead that a firewall refuses with %s, once others are accepted for ten minutes",
    async (status) => {
      const [id, another] = [graph.pick(isLead), graph.pick(isLead)];
      const { database } = graph.decibel;
      await graph.sandbox("crm").misbehave({ status, mentions: listenerId.decode(id)[0] });
      await graph.routeLead({ listenerId: id });
      const effects = () =>
        graph.rows(`select state, output->>'message' as message, output->>'detail' as detail from outbox.job
        where singleton_key = '${id}' and (state = 'failed' or (state = 'retry' and start_after > outbox.job_now()))`);
      const message = `Cannot ask crm: it answered ${status}`;
      const waits = [{ state: "retry", message, detail: expect.stringMatching(/renew LEADS_WEBHOOK_SECRET$/) }];
      await eventually(effects).toEqual(waits);
      await graph.routeLead({ listenerId: another });
      await eventually(() => graph.sentLeads(another)).toHaveLength(1);
      await setOutboxAhead(database, 2 * MINUTE_MS);
      await eventually(effects).toEqual(waits);
      await setOutboxAhead(database, 13 * MINUTE_MS);
      await eventually(effects).toMatchObject([{ state: "failed", message }]);
      await setOutboxAhead(database, 0);
    },
    30_000,
  );

  it("suppresses the lead if the listener withdraws before it is sent, and logs that", async () => {
    const id = graph.pick(isLead);
    await graph.sandbox("crm").misbehave({ status: 503 });
    await graph.routeLead({ listenerId: id });
    await graph.recordConsent({ listenerId: id, purpose: "MARKETING", granted: false });
    // An attempt that began before the withdrawal fails; the next one sees the withdrawal.
    await eventually(() => stored(id)).toMatchObject([{ route: "SUPPRESS", queue: null, sent_at: null }]);
    await graph.sandbox("crm").behave();
    await graph.outboxIsIdle();
    expect(await graph.sentLeads(id)).toEqual([]);
    const lines = graph.logged.filter(({ msg }) => msg === "lead suppressed: no marketing consent");
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(graph.logged)).not.toContain(listenerId.decode(id)[0]);
  });

  it("refuses an unknown listener", async () => {
    const { errors } = await graph.routeLead({ listenerId: UNKNOWN_LISTENER });
    expect(errors).toMatchObject([
      { message: `Cannot routeLead: there is no listener ${UNKNOWN_LISTENER}`, extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });
});
