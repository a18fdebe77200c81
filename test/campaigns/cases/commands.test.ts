/** A case is opened, routed by the rules to whoever takes it, and settled once. */
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { cases } from "../../../subgraphs/records/campaigns/tables.ts";
import { FAST_RETRIES, MISSING_ID, mutate, eventually, race, outboxIsIdle } from "../../support/mutations.ts";
import type { MutationAnswer } from "../../support/mutations.ts";
import { NOW, startTestDecibel } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";

interface Payload {
  readonly supportCase: {
    readonly id: string;
    readonly status: string;
    readonly queue: string | null;
    readonly note: string | null;
  };
}

const SHOWN = "id status account issue severity description openedAt queue resolvedBy resolvedAt note campaign { id }";
const PAYLOAD = `{ supportCase { ${SHOWN} } }`;
const COMPLAINT = {
  account: "Northwind",
  customerValue: "MEDIUM",
  country: "DE",
  issue: "BILLING",
  severity: "LOW",
  description: "We were billed twice.",
};

const plain = (longest: number) => `must be 1 to ${longest} characters, not all blank and none NUL`;

let graph: TestDecibel;
let campaign: string;
beforeAll(async () => {
  graph = await startTestDecibel({ variables: FAST_RETRIES });
  const { data } = await graph.query<{ campaigns: { nodes: { id: string }[] } }>(
    "{ campaigns(first: 1) { nodes { id } } }",
  );
  campaign = data.campaigns.nodes[0]?.id ?? "";
});
afterAll(() => graph.stop());
afterEach(async () => {
  await graph.sandbox("opentext").behave();
  await graph.sandbox("spotify-ads").behave();
  await outboxIsIdle(graph);
});

const open = (more: object = {}): Promise<MutationAnswer<Payload>> =>
  mutate(graph, "openCase", { ...COMPLAINT, ...more }, PAYLOAD);
const resolve = (caseId: string, more: object = {}): Promise<MutationAnswer<Payload>> =>
  mutate(graph, "resolveCase", { caseId, note: "Credited.", ...more }, PAYLOAD);
async function opened(more: object = {}): Promise<string> {
  const { data, errors } = await open(more);
  expect(errors).toEqual([]);
  return data?.supportCase.id ?? "";
}
async function rowOf(id: string) {
  const own = id.slice("case_".length);
  return (await graph.decibel.database.db.select().from(cases).where(eq(cases.id, own)))[0];
}
const counted = () => graph.decibel.database.db.$count(cases);
async function worklist(): Promise<readonly string[]> {
  const asked = graph.query<{ caseWorklist: { nodes: { id: string }[] } }>(
    "{ caseWorklist(first: 100) { nodes { id } } }",
  );
  return (await asked).data.caseWorklist.nodes.map(({ id }) => id);
}

describe("openCase", () => {
  it("routes a case about nothing in particular to whoever takes it", async () => {
    const { data, errors } = await open();
    expect(errors).toEqual([]);
    const { customerValue: _value, country: _country, ...complaint } = COMPLAINT;
    expect(data?.supportCase).toEqual({
      ...complaint,
      id: expect.stringMatching(/^case_/),
      status: "ROUTED",
      openedAt: new Date(NOW).toISOString(),
      queue: "billing",
      resolvedBy: null,
      resolvedAt: null,
      note: null,
      campaign: null,
    });
    const id = data?.supportCase.id ?? "";
    const row = await rowOf(id);
    expect(row).toMatchObject({
      status: "ROUTED",
      queue: "billing",
      priority: 5,
      openedBy: "anonymous",
      campaignId: null,
    });
    const { data: ledger } = await graph.query("query ($id: ID!) { evaluation(id: $id) { subject model { key } } }", {
      id: row?.evaluationId,
    });
    expect(ledger).toEqual({ evaluation: { subject: id, model: { key: "case_routing" } } });
    expect(await worklist()).toContain(id);
  });

  it("takes a country as it is written by whomever", async () => {
    const { data } = await open({ country: "jp", issue: "OTHER" });
    expect(data?.supportCase.queue).toBe("support-apac");
  });

  it("routes a case about a campaign, which then shows it", async () => {
    const id = await opened({ campaignId: campaign, issue: "PRIVACY", severity: "CRITICAL" });
    const { data } = await graph.query(
      "query ($id: ID!) { campaign(id: $id) { cases(first: 1) { nodes { id status queue routing { verdict priority } } } } }",
      { id: campaign },
    );
    expect(data).toEqual({
      campaign: {
        cases: {
          nodes: [{ id, status: "ROUTED", queue: "data-protection", routing: { verdict: "DENY", priority: 1 } }],
        },
      },
    });
  });

  it("keeps a case that could not be decided, open and before all others, and routes it when the service is back", async () => {
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const { data, errors } = await open({ severity: "CRITICAL" });
    expect(errors).toEqual([]);
    expect(data?.supportCase).toMatchObject({ status: "OPEN", queue: null });
    const id = data?.supportCase.id ?? "";
    await graph.sandbox("opentext").behave();
    await eventually(() => rowOf(id)).toMatchObject({ status: "ROUTED", queue: "finance-control", priority: 1 });
    const { data: shown } = await graph.query("query ($id: ID!) { supportCase(id: $id) { status queue } }", { id });
    expect(shown).toEqual({ supportCase: { status: "ROUTED", queue: "finance-control" } });
  });

  it("leaves alone what was resolved before it could be routed", async () => {
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const id = await opened();
    expect((await resolve(id)).data?.supportCase).toMatchObject({ status: "RESOLVED", note: "Credited." });
    await graph.sandbox("opentext").behave();
    await outboxIsIdle(graph);
    expect(await rowOf(id)).toMatchObject({ status: "RESOLVED", queue: null, evaluationId: null });
  });

  it("is one case under one key, however often and however close behind each other", async () => {
    const before = await counted();
    const answers = await race(20, () => open({ idempotencyKey: "complaint" }));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(new Set(answers.map(({ data }) => data?.supportCase.id)).size).toBe(1);
    expect(await counted()).toBe(before + 1);
    const { errors } = await open({ idempotencyKey: "complaint", severity: "HIGH" });
    expect(errors).toMatchObject([
      {
        message: "Cannot openCase: idempotencyKey was used for another input",
        extensions: { code: "BAD_USER_INPUT", fields: { idempotencyKey: ["was used for another input"] } },
      },
    ]);
  });

  it.each([
    ["an account of nothing", { account: "" }, "account", plain(200)],
    ["an account of blanks", { account: " \n" }, "account", plain(200)],
    ["NUL in an account", { account: "North\0wind" }, "account", plain(200)],
    ["a description without end", { description: "x".repeat(1_000_000) }, "description", plain(5000)],
  ])("refuses %s", async (_what, more, field, problem) => {
    const before = await counted();
    const { errors } = await open(more);
    expect(errors).toMatchObject([
      {
        message: `Cannot openCase: ${field} ${problem}`,
        path: ["openCase"],
        extensions: { code: "BAD_USER_INPUT", argument: "input", fields: { [field]: [problem] } },
      },
    ]);
    expect(await counted()).toBe(before);
  });

  it.each([
    [`campaign_${MISSING_ID}`, `Cannot open a case: there is no campaign campaign_${MISSING_ID}`],
    ["campaign_", 'Cannot read campaignId: "campaign_" is no campaign id'],
    ["", 'Cannot read campaignId: "" is no campaign id'],
    ["case_1", 'Cannot read campaignId: "case_1" is no campaign id'],
  ])('refuses the campaign "%s"', async (campaignId, message) => {
    const before = await counted();
    const { errors } = await open({ campaignId });
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT", argument: "campaignId" } }]);
    expect(await counted()).toBe(before);
  });

  it.each([{ country: "Germany" }, { severity: "WORST" }, { issue: null }, { customerValue: 3 }])(
    "refuses %j before anything is done",
    async (more) => {
      const before = await counted();
      const { data, errors } = await open(more);
      expect(data).toBeNull();
      expect(errors).toHaveLength(1);
      expect(await counted()).toBe(before);
    },
  );
});

describe("resolveCase", () => {
  it("settles a case: who did it, when, and what came of it", async () => {
    const id = await opened();
    const { data, errors } = await resolve(id, { note: "Credited what was billed twice." });
    expect(errors).toEqual([]);
    expect(data?.supportCase).toMatchObject({
      id,
      status: "RESOLVED",
      queue: "billing",
      resolvedBy: "anonymous",
      resolvedAt: new Date(NOW).toISOString(),
      note: "Credited what was billed twice.",
    });
    expect(await worklist()).not.toContain(id);
  });

  it("settles a case of long ago, which nobody routed", async () => {
    const [id = ""] = await worklist();
    expect((await resolve(id)).data?.supportCase.status).toBe("RESOLVED");
  });

  it("refuses a case that is resolved by name", async () => {
    const id = await opened();
    await resolve(id);
    const { data, errors } = await resolve(id, { note: "Again." });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { message: `Cannot resolve ${id}: it is RESOLVED`, path: ["resolveCase"], extensions: { code: "CONFLICT" } },
    ]);
    expect(await rowOf(id)).toMatchObject({ note: "Credited." });
  });

  it("has one winner where many settle it at once, and tells the others", async () => {
    const id = await opened();
    const answers = await Promise.all(Array.from({ length: 20 }, (_none, at) => resolve(id, { note: `By ${at}` })));
    const [winner, ...others] = answers.filter(({ errors }) => errors.length === 0);
    expect(others).toEqual([]);
    expect(await rowOf(id)).toMatchObject({ note: winner?.data?.supportCase.note });
    const told = [
      `Cannot change ${id}: somebody else has changed it meanwhile`,
      `Cannot resolve ${id}: it is RESOLVED`,
    ];
    for (const { message, extensions } of answers.flatMap(({ errors }) => errors)) {
      expect(told).toContain(message);
      expect(extensions["code"]).toBe("CONFLICT");
    }
  });

  it("answers the same key as it did before", async () => {
    const id = await opened();
    const answers = await race(20, () => resolve(id, { idempotencyKey: "settled" }));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect((await resolve(id, { idempotencyKey: "settled" })).data?.supportCase.status).toBe("RESOLVED");
    expect((await resolve(id, { idempotencyKey: "settled", note: "Other." })).errors).toMatchObject([
      { message: "Cannot resolveCase: idempotencyKey was used for another input" },
    ]);
  });

  it("sees what an earlier mutation of the same request did", async () => {
    const id = await opened();
    const { data, errors } = await graph.query(
      `mutation ($id: ID!) {
        first: resolveCase(input: { caseId: $id, note: "Credited.", idempotencyKey: "one request" }) { supportCase { status } }
        second: resolveCase(input: { caseId: $id, note: "Credited.", idempotencyKey: "one request" }) { supportCase { status } }
        third: resolveCase(input: { caseId: $id, note: "Again." }) { supportCase { status } }
      }`,
      { id },
    );
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ message: `Cannot resolve ${id}: it is RESOLVED`, path: ["third"] }]);
  });

  it.each([
    [`case_${MISSING_ID}`, `Cannot resolve a case: there is no case case_${MISSING_ID}`],
    ["case_~00", "Cannot resolve a case: there is no case case_~00"],
    ["", 'Cannot read caseId: "" is no case id'],
    ["sponsorship_1", 'Cannot read caseId: "sponsorship_1" is no case id'],
  ])('refuses the case "%s"', async (caseId, message) => {
    const { errors } = await resolve(caseId);
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT", argument: "caseId" } }]);
  });

  it.each([
    ["no note", ""],
    ["a note of blanks", "  "],
    ["NUL", "a\0b"],
    ["a note without end", "x".repeat(5001)],
  ])("refuses %s", async (_what, note) => {
    const { errors } = await resolve(`case_${MISSING_ID}`, { note });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", fields: { note: expect.any(Array) } } }]);
  });
});
