/**
 * openCase and resolveCase: a case is stored once, routed to a queue, and resolved once. Over 200 lines, because all
 * tests share one started graph.
 */
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { cases } from "../../../subgraphs/records/campaigns/tables.ts";
import { evaluations } from "../../../subgraphs/records/decisions/tables.ts";
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

interface CasePage {
  readonly totalCount: number;
  readonly nodes: readonly { readonly id: string; readonly status: string }[];
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

const textProblem = (maxLength: number) => `must be 1 to ${maxLength} characters, not all blank and none NUL`;

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
  const rowId = id.slice("case_".length);
  return (await graph.decibel.database.db.select().from(cases).where(eq(cases.id, rowId)))[0];
}
const countCases = () => graph.decibel.database.db.$count(cases);
const countEvaluations = () => graph.decibel.database.db.$count(evaluations);
async function worklist(): Promise<readonly string[]> {
  const answer = graph.query<{ caseWorklist: { nodes: { id: string }[] } }>(
    "{ caseWorklist(first: 100) { nodes { id } } }",
  );
  return (await answer).data.caseWorklist.nodes.map(({ id }) => id);
}

describe("openCase", () => {
  it("routes a case that is not about a campaign", async () => {
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

  it("accepts a country in lower case", async () => {
    const { data } = await open({ country: "jp", issue: "OTHER" });
    expect(data?.supportCase.queue).toBe("support-apac");
  });

  it("routes a case about a campaign, which lists it", async () => {
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

  it("stores an undecided case as OPEN while the decision service is down, and routes it later", async () => {
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

  it("does not route a case that was resolved before it could be routed", async () => {
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const id = await opened();
    expect((await resolve(id)).data?.supportCase).toMatchObject({ status: "RESOLVED", note: "Credited." });
    await graph.sandbox("opentext").behave();
    await outboxIsIdle(graph);
    expect(await rowOf(id)).toMatchObject({ status: "RESOLVED", queue: null, evaluationId: null });
  });

  it("stores and evaluates one case for concurrent calls with one idempotency key", async () => {
    const [before, evaluated] = [await countCases(), await countEvaluations()];
    await graph.sandbox("opentext").forget();
    const answers = await race(20, () => open({ idempotencyKey: "complaint" }));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(new Set(answers.map(({ data }) => data?.supportCase.id)).size).toBe(1);
    expect(await countCases()).toBe(before + 1);
    expect((await graph.sandbox("opentext").calls()).executes).toBe(1);
    expect(await countEvaluations()).toBe(evaluated + 1);
    const { errors } = await open({ idempotencyKey: "complaint", severity: "HIGH" });
    expect(errors).toMatchObject([
      {
        message: "Cannot openCase: idempotencyKey was used for another input",
        extensions: { code: "BAD_USER_INPUT", fields: { idempotencyKey: ["was used for another input"] } },
      },
    ]);
  });

  it.each([
    ["an empty account", { account: "" }, "account", textProblem(200)],
    ["a blank account", { account: " \n" }, "account", textProblem(200)],
    ["NUL in an account", { account: "North\0wind" }, "account", textProblem(200)],
    ["a description that is too long", { description: "x".repeat(1_000_000) }, "description", textProblem(5000)],
  ])("refuses %s", async (_what, more, field, problem) => {
    const before = await countCases();
    const { errors } = await open(more);
    expect(errors).toMatchObject([
      {
        message: `Cannot openCase: ${field} ${problem}`,
        path: ["openCase"],
        extensions: { code: "BAD_USER_INPUT", argument: "input", fields: { [field]: [problem] } },
      },
    ]);
    expect(await countCases()).toBe(before);
  });

  it.each([
    [`campaign_${MISSING_ID}`, `Cannot openCase: there is no campaign campaign_${MISSING_ID}`],
    ["campaign_", 'Cannot read campaignId: "campaign_" is no campaign id'],
    ["", 'Cannot read campaignId: "" is no campaign id'],
    ["case_1", 'Cannot read campaignId: "case_1" is no campaign id'],
  ])('refuses the campaign "%s"', async (campaignId, message) => {
    const before = await countCases();
    const { errors } = await open({ campaignId });
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT", argument: "campaignId" } }]);
    expect(await countCases()).toBe(before);
  });

  it.each([{ country: "Germany" }, { severity: "WORST" }, { issue: null }, { customerValue: 3 }])(
    "refuses %j and stores nothing",
    async (more) => {
      const before = await countCases();
      const { data, errors } = await open(more);
      expect(data).toBeNull();
      expect(errors).toHaveLength(1);
      expect(await countCases()).toBe(before);
    },
  );
});

describe("resolveCase", () => {
  it("stores who resolved it, when, and the outcome", async () => {
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

  it("resolves a seeded case that was never routed", async () => {
    const [id = ""] = await worklist();
    expect((await resolve(id)).data?.supportCase.status).toBe("RESOLVED");
  });

  it("refuses a case that is already resolved", async () => {
    const id = await opened();
    await resolve(id);
    const { data, errors } = await resolve(id, { note: "Again." });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { message: `Cannot resolve ${id}: it is RESOLVED`, path: ["resolveCase"], extensions: { code: "CONFLICT" } },
    ]);
    expect(await rowOf(id)).toMatchObject({ note: "Credited." });
  });

  it("lets one of many concurrent calls win, and answers CONFLICT to the others", async () => {
    const id = await opened();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_none, index) => resolve(id, { note: `By ${index}` })),
    );
    const [winner, ...others] = answers.filter(({ errors }) => errors.length === 0);
    expect(others).toEqual([]);
    expect(await rowOf(id)).toMatchObject({ note: winner?.data?.supportCase.note });
    const messages = [
      `Cannot change ${id}: another caller has changed it meanwhile`,
      `Cannot resolve ${id}: it is RESOLVED`,
    ];
    for (const { message, extensions } of answers.flatMap(({ errors }) => errors)) {
      expect(messages).toContain(message);
      expect(extensions["code"]).toBe("CONFLICT");
    }
  });

  it("repeats its answer for its idempotency key", async () => {
    const id = await opened();
    const answers = await race(20, () => resolve(id, { idempotencyKey: "resolve" }));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect((await resolve(id, { idempotencyKey: "resolve" })).data?.supportCase.status).toBe("RESOLVED");
    expect((await resolve(id, { idempotencyKey: "resolve", note: "Other." })).errors).toMatchObject([
      { message: "Cannot resolveCase: idempotencyKey was used for another input" },
    ]);
  });

  it("sees an earlier mutation of the same GraphQL request", async () => {
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

  it("changes the lists that an earlier mutation of the same request has shown", async () => {
    const id = await opened({ campaignId: campaign });
    const shown = "supportCase { id campaign { cases(first: 200) { totalCount nodes { id status } } } }";
    type Shown = { readonly supportCase: { readonly id: string; readonly campaign: { readonly cases: CasePage } } };
    const { data, errors } = await graph.part("campaigns").query<Readonly<Record<string, Shown>>>(
      `mutation ($case: OpenCaseInput!, $resolved: ResolveCaseInput!) {
        first: openCase(input: $case) { ${shown} }
        second: openCase(input: $case) { ${shown} }
        third: resolveCase(input: $resolved) { ${shown} }
      }`,
      { case: { ...COMPLAINT, campaignId: campaign }, resolved: { caseId: id, note: "Credited." } },
    );
    expect(errors).toEqual([]);
    const payloads = ["first", "second", "third"].map((name) => data[name]?.supportCase);
    const lists = payloads.map((payload) => payload?.campaign.cases ?? { totalCount: 0, nodes: [] });
    const [{ totalCount } = { totalCount: 0 }] = lists;
    expect(lists.map((list) => list.totalCount)).toEqual([totalCount, totalCount + 1, totalCount + 1]);
    const listed = lists.map(({ nodes }) => nodes.map((one) => one.id));
    expect(listed.map((ids) => ids.includes(payloads[1]?.id ?? ""))).toEqual([false, true, true]);
    const statuses = lists.map(({ nodes }) => nodes.find((one) => one.id === id)?.status);
    expect(statuses).toEqual(["ROUTED", "ROUTED", "RESOLVED"]);
  });

  it.each([
    [`case_${MISSING_ID}`, `Cannot resolveCase: there is no case case_${MISSING_ID}`],
    ["case_~00", "Cannot resolveCase: there is no case case_~00"],
    ["", 'Cannot read caseId: "" is no case id'],
    ["sponsorship_1", 'Cannot read caseId: "sponsorship_1" is no case id'],
  ])('refuses the case "%s"', async (caseId, message) => {
    const { errors } = await resolve(caseId);
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT", argument: "caseId" } }]);
  });

  it.each([
    ["no note", ""],
    ["a blank note", "  "],
    ["NUL in a note", "a\0b"],
    ["a note that is too long", "x".repeat(5001)],
  ])("refuses %s", async (_what, note) => {
    const { errors } = await resolve(`case_${MISSING_ID}`, { note });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", fields: { note: expect.any(Array) } } }]);
  });
});
