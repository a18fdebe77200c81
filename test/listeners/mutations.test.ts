/** What is written down about listeners, what it changes at once, and what the CRM hears of it. */
// Before any decorator runs.
import "reflect-metadata";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { listenerId } from "../../schema/id.ts";
import type { ListenerRecord } from "../../subgraphs/records/listeners/types.ts";
import { createWorld } from "../../subgraphs/sandbox/world/world.ts";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import type { Answer, TestDecibel } from "../support/decibel.ts";

const people = createWorld({ scale: 1, now: new Date(NOW) }).listeners.listeners;
const NOBODY = listenerId.encode("nobody");
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const iso = (at: number): string => new Date(at).toISOString();

interface Known {
  readonly id: string;
  readonly consents: readonly { purpose: string; granted: boolean; recordedAt: string }[];
  readonly engagement: Readonly<Record<string, number | string | null>>;
  readonly segments: { readonly verdict: string; readonly segments: readonly string[] } | null;
  readonly lead: { readonly verdict: string; readonly route: string; readonly score: number } | null;
}

const LISTENER = `id consents { purpose granted recordedAt }
  engagement { listens skips follows playlistAdds ctaClicks lastAt }
  segments { verdict segments } lead { verdict route score queue }`;

let graph: TestDecibel;
beforeAll(async () => {
  graph = await startTestDecibel({ variables: { OUTBOX_RETRY_SECONDS: "0", OUTBOX_RETRIES: "1000" } });
});
afterEach(async () => {
  await Promise.all([graph.sandbox("opentext").behave(), graph.sandbox("crm").behave()]);
});
afterAll(() => graph.stop());

/** Nobody twice: what one test writes is no other's. */
const taken = new Set<string>();
function somebody(fits?: (one: ListenerRecord) => boolean): string {
  const free = people.filter((one) => !taken.has(one.id));
  // Those that are rare come first in the world.
  const found = fits ? free.find(fits) : free.at(-1);
  if (!found) throw new RangeError("the world has no such listener left");
  taken.add(found.id);
  return listenerId.encode(found.id);
}
const says = ({ consents }: ListenerRecord, purpose: string): boolean =>
  consents.some((one) => one.purpose === purpose && one.granted);
/** Goes to the CRM: the rules say ALLOW and not SUPPRESS. */
const isLead = (one: ListenerRecord): boolean =>
  says(one, "MARKETING") &&
  one.engagement.ctaClicks >= 1 &&
  one.engagement.ctaClicks <= 50 &&
  ["DE", "FR", "GB", "US", "ES", "IT", "NL", "SE"].includes(one.country) &&
  ["automotive", "education", "hospitality", "media", "retail", "technology"].includes(one.industry ?? "");

function consent(input: object): Promise<Answer<{ recordConsent: { listener: Known } } | null>> {
  return graph.query(
    `mutation ($input: RecordConsentInput!) { recordConsent(input: $input) { listener { ${LISTENER} } } }`,
    { input },
  );
}
function engage(
  events: readonly object[],
): Promise<Answer<{ recordEngagement: { accepted: number; duplicates: number } } | null>> {
  return graph.query(
    "mutation ($input: RecordEngagementInput!) { recordEngagement(input: $input) { accepted duplicates } }",
    { input: { events } },
  );
}
function route(input: object): Promise<Answer<{ routeLead: { listener: Known } } | null>> {
  return graph.query(`mutation ($input: RouteLeadInput!) { routeLead(input: $input) { listener { ${LISTENER} } } }`, {
    input,
  });
}
async function read(id: string): Promise<Known> {
  const { data, errors } = await graph.query<{ listener: Known }>(
    `query ($id: ID!) { listener(id: $id) { ${LISTENER} } }`,
    { id },
  );
  expect(errors).toEqual([]);
  return data.listener;
}
async function rows<Row>(text: string): Promise<readonly Row[]> {
  const { rows: found } = await graph.decibel.database.db.execute(text);
  return found as unknown as readonly Row[];
}
async function settled(): Promise<void> {
  await expect.poll(() => graph.decibel.outbox.isIdle(), { timeout: 15_000 }).toBe(true);
}
const Leads = z.object({
  leads: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      timestamp: z.string(),
      data: z.record(z.string(), z.unknown()),
      duplicates: z.int(),
    }),
  ),
});
async function sentOf(id: string) {
  const response = await fetch(`${graph.sandbox("crm").origin}/sandbox/leads`);
  return Leads.parse(await response.json()).leads.filter(({ data }) => data["listenerId"] === id);
}
const tries = async () => (await graph.sandbox("crm").calls()).requests;
const refused = (field: string, problem: string, mutation = "recordConsent") => [
  {
    message: `Cannot ${mutation}: ${field} ${problem}`,
    path: [mutation],
    extensions: { code: "BAD_USER_INPUT", argument: "input", fields: { [field]: [problem] } },
  },
];

describe("recordConsent", () => {
  const all = (one: ListenerRecord): boolean => says(one, "MARKETING") && says(one, "PROFILING");

  it("takes a consent back, and decides without it in the same answer", async () => {
    const id = somebody(all);
    expect((await read(id)).segments?.verdict).not.toBe("DENY");
    const { data, errors } = await consent({ listenerId: id, purpose: "PROFILING", granted: false });
    expect(errors).toEqual([]);
    expect(data?.recordConsent.listener).toMatchObject({
      id,
      consents: expect.arrayContaining([{ purpose: "PROFILING", granted: false, recordedAt: iso(NOW) }]),
      segments: { verdict: "DENY", segments: [] },
    });
    expect(await read(id)).toEqual(data?.recordConsent.listener);
  });

  it("keeps an answer that is older than the one that stands, and decides as before", async () => {
    const id = somebody(all);
    await consent({ listenerId: id, purpose: "MARKETING", granted: false, recordedAt: iso(NOW - MINUTE_MS) });
    const { data } = await consent({
      listenerId: id,
      purpose: "MARKETING",
      granted: true,
      recordedAt: iso(NOW - 2 * MINUTE_MS),
    });
    expect(data?.recordConsent.listener.lead).toMatchObject({ verdict: "DENY", route: "SUPPRESS" });
    const kept = await rows<{ granted: boolean }>(
      `select granted from listeners.consents where listener_id = '${listenerId.decode(id)[0]}' and purpose = 'MARKETING'
         and recorded_by = 'anonymous' order by id`,
    );
    expect(kept.map(({ granted }) => granted)).toEqual([false, true]);
  });

  it("lets what is said just now stand, also against a clock that was minutes fast", async () => {
    const id = somebody(all);
    const fast = await consent({
      listenerId: id,
      purpose: "PROFILING",
      granted: true,
      recordedAt: iso(NOW + 5 * MINUTE_MS),
    });
    expect(fast.errors).toEqual([]);
    const { data } = await consent({ listenerId: id, purpose: "PROFILING", granted: false });
    expect(data?.recordConsent.listener.segments?.verdict).toBe("DENY");
    const again = await consent({ listenerId: id, purpose: "PROFILING", granted: true });
    expect(again.data?.recordConsent.listener.segments?.verdict).not.toBe("DENY");
  });

  it("answers a repeat under the same key without writing it down again, twenty at once too", async () => {
    const input = { listenerId: somebody(), purpose: "PERSONALISATION", granted: false, idempotencyKey: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => consent(input)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.errors).toEqual([]);
    const own = listenerId.decode(input.listenerId)[0];
    const kept = await rows(
      `select 1 from listeners.consents where listener_id = '${own}' and recorded_by = 'anonymous'`,
    );
    expect(kept).toHaveLength(1);
    const { errors } = await consent({ ...input, granted: true });
    expect(errors).toMatchObject(refused("idempotencyKey", "was used for another input"));
  });

  it("refuses what lies more than five minutes ahead, or before anybody could be asked", async () => {
    const input = { listenerId: somebody(), purpose: "MARKETING", granted: true };
    const ahead = await consent({ ...input, recordedAt: iso(NOW + 5 * MINUTE_MS + 1) });
    expect(ahead.errors).toMatchObject(refused("recordedAt", "must be no more than five minutes in the future"));
    const before = await consent({ ...input, recordedAt: "0000-01-01T00:00:00Z" });
    expect(before.errors).toMatchObject(refused("recordedAt", "must be after 1970"));
  });

  it.each([
    ["nobody", NOBODY, `Cannot recordConsent: there is no listener ${NOBODY}`],
    ["no id", "nobody", 'Cannot read listenerId: "nobody" is no listener id'],
    ["NUL", "listener_\0", "Cannot recordConsent: listenerId must hold no NUL"],
    ["nothing", "", 'Cannot read listenerId: "" is no listener id'],
  ])("refuses %s for a listener", async (_what, id, message) => {
    const { data, errors } = await consent({ listenerId: id, purpose: "MARKETING", granted: true });
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT" } }]);
  });
});

describe("recordEngagement", () => {
  const event = (id: string, more: object = {}) => ({
    id: randomUUID(),
    listenerId: id,
    kind: "LISTEN",
    at: iso(NOW - MINUTE_MS),
    ...more,
  });

  it("counts 500 events of many listeners in a few statements, and a replay counts nothing", async () => {
    const ids = Array.from({ length: 50 }, () => somebody());
    const before = new Map((await Promise.all(ids.map(read))).map((one) => [one.id, one.engagement]));
    const kinds = ["LISTEN", "LISTEN", "SKIP", "FOLLOW", "PLAYLIST_ADD", "CTA_CLICK"];
    const events = Array.from({ length: 500 }, (_none, place) =>
      event(ids[place % 50] ?? "", { kind: kinds[place % 6], at: iso(NOW - place * MINUTE_MS) }),
    );
    const startedAt = performance.now();
    expect((await engage(events)).data).toEqual({ recordEngagement: { accepted: 500, duplicates: 0 } });
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect((await engage(events)).data).toEqual({ recordEngagement: { accepted: 0, duplicates: 500 } });
    for (const [place, id] of ids.entries()) {
      const own = events.filter((_one, index) => index % 50 === place).map(({ kind }) => kind);
      const of = (kind: string): number => own.filter((one) => one === kind).length;
      const known = before.get(id);
      const { engagement } = await read(id);
      expect(engagement).toMatchObject({
        listens: Number(known?.["listens"]) + of("LISTEN"),
        skips: Number(known?.["skips"]) + of("SKIP"),
        follows: Number(known?.["follows"]) + of("FOLLOW"),
        playlistAdds: Number(known?.["playlistAdds"]) + of("PLAYLIST_ADD"),
        ctaClicks: Number(known?.["ctaClicks"]) + of("CTA_CLICK"),
      });
      const newest = Math.max(NOW - place * MINUTE_MS, Date.parse(String(known?.["lastAt"] ?? iso(0))));
      expect(engagement["lastAt"]).toBe(iso(newest));
    }
  });

  it("counts an id once that stands in a call twice, or was another listener's before", async () => {
    const [first, second] = [somebody(), somebody()];
    const one = event(first);
    expect((await engage([one, one, { ...one, listenerId: second }, event(first)])).data).toEqual({
      recordEngagement: { accepted: 2, duplicates: 2 },
    });
    const before = await read(second);
    expect((await engage([{ ...one, listenerId: second }])).data).toEqual({
      recordEngagement: { accepted: 0, duplicates: 1 },
    });
    expect((await read(second)).engagement).toEqual(before.engagement);
  });

  it("takes what is older than the 30 days that are shown, and shows it in none of them", async () => {
    const id = somebody(({ engagement }) => engagement.lastAt !== null);
    const before = await read(id);
    const { data } = await engage([event(id, { at: iso(NOW - 45 * DAY_MS) })]);
    expect(data).toEqual({ recordEngagement: { accepted: 1, duplicates: 0 } });
    expect(await read(id)).toEqual(before);
  });

  it("takes campaigns and episodes by their ids", async () => {
    const id = somebody();
    const more = { kind: "CTA_CLICK", campaignId: "campaign_c-1", episodeId: "episode_p-1_e-1" };
    const one = event(id, more);
    expect((await engage([one])).errors).toEqual([]);
    expect(
      await rows(`select campaign_id, episode_id from listeners.engagement_events where id = '${one.id}'`),
    ).toEqual([{ campaign_id: "c-1", episode_id: "e-1" }]);
  });

  it("counts every event of fifty batches at once that hold the same listeners and ids in another order", async () => {
    const ids = Array.from({ length: 10 }, () => somebody());
    const events = Array.from({ length: 100 }, (_none, place) => event(ids[place % 10] ?? ""));
    const shuffled = (): readonly object[] => events.toSorted(() => Math.random() - 0.5);
    const answers = await Promise.all(Array.from({ length: 50 }, () => engage(shuffled())));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(answers.reduce((sum, { data }) => sum + (data?.recordEngagement.accepted ?? 0), 0)).toBe(100);
  });

  it("counts nothing where one event is of nobody, and names it", async () => {
    const id = somebody();
    const before = await read(id);
    const { data, errors } = await engage([event(id), event(NOBODY), event(id), event(NOBODY)]);
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      {
        message:
          "Cannot recordEngagement: events.1.listenerId is not a known listener; events.3.listenerId is not a known listener",
        extensions: {
          code: "BAD_USER_INPUT",
          fields: {
            "events.1.listenerId": ["is not a known listener"],
            "events.3.listenerId": ["is not a known listener"],
          },
        },
      },
    ]);
    expect(await read(id)).toEqual(before);
  });

  it("names every field that cannot be", async () => {
    const id = somebody();
    const { errors } = await engage([
      event(id, { at: iso(NOW + 5 * MINUTE_MS + 1) }),
      event("campaign_1"),
      event(id, { campaignId: id, episodeId: "episode_1" }),
    ]);
    expect(errors[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      argument: "input",
      fields: {
        "events.0.at": ["must be no more than five minutes in the future"],
        "events.1.listenerId": ["is no listener id"],
        "events.2.campaignId": ["is no campaign id"],
        "events.2.episodeId": ["is no episode id"],
      },
    });
  });

  it.each([
    ["no events", () => [], "events", "should not be empty"],
    [
      "501 events",
      (id: string) => Array.from({ length: 501 }, () => event(id)),
      "events",
      "must contain no more than 500 elements",
    ],
    [
      "10,000 events",
      (id: string) => Array.from({ length: 10_000 }, () => event(id)),
      "events",
      "must contain no more than 500 elements",
    ],
    [
      "an empty id",
      (id: string) => [event(id, { id: "" })],
      "events.0.id",
      "must be 1 to 200 characters, none of them a control character",
    ],
    [
      "a long id",
      (id: string) => [event(id, { id: "x".repeat(201) })],
      "events.0.id",
      "must be 1 to 200 characters, none of them a control character",
    ],
    [
      "half a letter",
      (id: string) => [event(id, { id: "\ud800" })],
      "events.0.id",
      "must be 1 to 200 characters, none of them a control character",
    ],
  ])("refuses %s", async (_what, events, field, problem) => {
    const { data, errors } = await engage(events(somebody()));
    expect(data).toBeNull();
    expect(errors).toMatchObject(refused(field, problem, "recordEngagement"));
  });
});

describe("routeLead", () => {
  const stored = (id: string) =>
    rows<Readonly<Record<string, unknown>>>(
      `select * from listeners.leads where listener_id = '${listenerId.decode(id)[0]}' order by routed_at`,
    );

  it("tells the CRM of a lead, once and signed, and no more of it than it takes to call", async () => {
    const id = somebody(isLead);
    await graph.sandbox("crm").forget();
    const { data, errors } = await route({ listenerId: id });
    expect(errors).toEqual([]);
    expect(data?.routeLead.listener).toMatchObject({ id, lead: { verdict: "ALLOW", route: "SALES", score: 98 } });
    await settled();
    const [lead, ...others] = await stored(id);
    expect(others).toEqual([]);
    expect(lead).toMatchObject({ route: "SALES", routed_by: "anonymous", sent_at: expect.anything() });
    const known = people.find((one) => listenerId.encode(one.id) === id);
    expect(await sentOf(id)).toEqual([
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
          productInterest: known?.productInterest,
          industry: known?.industry,
          country: known?.country,
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
    ["DENY", (one: ListenerRecord) => one.consents.some(({ purpose, granted }) => purpose === "MARKETING" && !granted)],
    ["REVIEW", (one: ListenerRecord) => says(one, "MARKETING") && one.engagement.ctaClicks > 50],
  ])("writes %s down and tells nobody", async (verdict, fits) => {
    const id = somebody(fits);
    await graph.sandbox("crm").forget();
    const { data, errors } = await route({ listenerId: id });
    expect(errors).toEqual([]);
    expect(data?.routeLead.listener.lead).toMatchObject({ verdict, route: "SUPPRESS" });
    await settled();
    expect(await stored(id)).toMatchObject([{ route: "SUPPRESS", sent_at: null }]);
    expect((await graph.sandbox("crm").calls()).requests).toBe(0);
  });

  it("routes once under one key, twenty times at once", async () => {
    const input = { listenerId: somebody(isLead), idempotencyKey: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => route(input)));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    await settled();
    expect(await stored(input.listenerId)).toHaveLength(1);
    expect(await sentOf(input.listenerId)).toHaveLength(1);
    const { errors } = await route({ ...input, listenerId: somebody() });
    expect(errors).toMatchObject(refused("idempotencyKey", "was used for another input", "routeLead"));
  });

  it("is an error while nobody can decide, and nothing happens", async () => {
    const id = somebody(isLead);
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const { data, errors } = await route({ listenerId: id });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { path: ["routeLead"], extensions: { code: "DECISION_UNAVAILABLE", decision: "lead_routing" } },
    ]);
    expect(await stored(id)).toEqual([]);
    await graph.sandbox("opentext").behave();
    await expect
      .poll(async () => (await route({ listenerId: id, idempotencyKey: "back" })).errors, { timeout: 9000 })
      .toEqual([]);
    await settled();
    expect(await sentOf(id)).toHaveLength(1);
  });

  it("is sent once, later, where the CRM is away for a while", async () => {
    const id = somebody(isLead);
    await graph.sandbox("crm").forget();
    await graph.sandbox("crm").misbehave({ status: 503 });
    expect((await route({ listenerId: id })).errors).toEqual([]);
    await expect.poll(tries, { timeout: 9000 }).toBeGreaterThan(0);
    expect(await stored(id)).toMatchObject([{ sent_at: null }]);
    await graph.sandbox("crm").behave();
    await settled();
    expect(await sentOf(id)).toMatchObject([{ duplicates: 0 }]);
    expect(await stored(id)).toMatchObject([{ sent_at: expect.anything() }]);
  });

  it("is not sent where the listener withdraws before the CRM was told, and that is written down and logged", async () => {
    const id = somebody(isLead);
    await graph.sandbox("crm").misbehave({ status: 503 });
    await route({ listenerId: id });
    await consent({ listenerId: id, purpose: "MARKETING", granted: false });
    await graph.sandbox("crm").behave();
    await settled();
    expect(await sentOf(id)).toEqual([]);
    expect(await stored(id)).toMatchObject([{ route: "SUPPRESS", queue: null, sent_at: null }]);
    const lines = graph.logged.filter(({ msg }) => msg === "lead suppressed: no marketing consent");
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(graph.logged)).not.toContain(listenerId.decode(id)[0]);
  });

  it("refuses nobody", async () => {
    const { errors } = await route({ listenerId: NOBODY });
    expect(errors).toMatchObject([
      { message: `Cannot routeLead: there is no listener ${NOBODY}`, extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });
});
