/**
 * Local decisions: the same as the service's, without it. Over 200 lines, because the last test is of a whole graph.
 */
import { assert, asyncProperty, constantFrom, integer, record } from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { DecisionError } from "../../subgraphs/pipeline/ask.ts";
import type { Ask, Decide, Outcome } from "../../subgraphs/pipeline/ask.ts";
import { local } from "../../subgraphs/pipeline/local.ts";
import { createPipeline } from "../../subgraphs/pipeline/pipeline.ts";
import type { Pipeline, PipelineOptions } from "../../subgraphs/pipeline/pipeline.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import { BY, SUBJECT } from "../support/asks.ts";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import { NOWHERE, SILENT, accountAt, loan, loanTable, request } from "../support/loans.ts";
import { compiled } from "../support/otdt.ts";
import { misbehave } from "../support/sandbox-control.ts";

const table = loanTable();
const plain = { amount: 10, country: "DE" };
const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).toReversed()) await part.close();
});

function deciding(options: Partial<PipelineOptions> = {}): Pipeline {
  const pipeline = createPipeline({
    decisions: "local",
    declared: [{ decisions: [loan], tables: [table] }],
    log: SILENT,
    now: () => NOW,
    ...options,
  });
  open.push(pipeline);
  return pipeline;
}
async function sandboxed() {
  const sandbox = createOpenTextSandbox({ tables: [table], now: () => NOW });
  open.push(sandbox);
  const origin = await sandbox.listen();
  return {
    sandbox,
    account: accountAt(origin),
    calls: async () => (await sandbox.app.inject("/sandbox/calls")).json(),
  };
}

describe("a local decision", () => {
  it("is made by the local table: its version, its rules, fresh as long as a remote one", async () => {
    const pipeline = deciding();
    await pipeline.start();
    expect(await pipeline.decide(request(), loan, { amount: 2000, country: "XX" }, SUBJECT)).toEqual({
      id: expect.stringMatching(/^evaluation_[0-9a-f-]{36}$/),
      model: { key: "loan", version: "1" },
      verdict: "DENY",
      eligible: false,
      reasons: [
        { code: "LARGE", message: "A large loan", verdict: "REVIEW", rule: 1, reconstructed: false },
        { code: "COUNTRY", message: "Not there", verdict: "DENY", rule: 2, reconstructed: false },
        { code: "CLEAR", message: "Nothing objects", verdict: "ALLOW", rule: 3, reconstructed: false },
      ],
      decidedAt: new Date(NOW),
      expiresAt: new Date(NOW + 60_000),
      origin: "LOCAL",
      queue: null,
      wouldAllow: expect.any(Function),
      sufficient: expect.any(Function),
    });
  });

  it("equals that of the service, whatever the facts", async () => {
    const { account } = await sandboxed();
    const local = deciding();
    const remote = deciding({ decisions: "service", account });
    await remote.start();
    const facts = record({ amount: integer({ min: -5, max: 3000 }), country: constantFrom("DE", "XX", "") });
    await assert(
      asyncProperty(facts, async (given) => {
        const [actual, expected] = await Promise.all([
          local.decide(request(), loan, given, SUBJECT),
          remote.decide(request(), loan, given, SUBJECT),
        ]);
        const same = { id: "", origin: "", reasons: [], wouldAllow: null, sufficient: null };
        expect({ ...actual, ...same }).toEqual({ ...expected, ...same });
        expect(actual.reasons.map(({ code, rule }) => [code, rule])).toEqual(
          expected.reasons.map(({ code, rule }) => [code, rule]),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("is made anew for each request, and has origin LOCAL even where equivalent facts share it", async () => {
    const { decide } = deciding();
    const context = request();
    const [first, second] = await Promise.all([
      decide(context, loan, plain, SUBJECT),
      decide(context, loan, { ...plain, amount: 11 }, SUBJECT),
    ]);
    const later = await decide(request(), loan, plain, SUBJECT);
    expect([first.origin, second.origin, later.origin]).toEqual(["LOCAL", "LOCAL", "LOCAL"]);
    expect([first.id === second.id, first.id === later.id]).toEqual([true, false]);
  });

  it("is rejected for facts of a wrong type, and the rest of the batch is decided", async () => {
    const { decide } = deciding();
    const context = request();
    const wrong = decide(context, loan, { ...plain, amount: Number.NaN }, SUBJECT);
    const right = decide(context, loan, plain, SUBJECT);
    await expect(wrong).rejects.toMatchObject({
      message:
        'Cannot decide loan: Cannot evaluate loan: input "amount" (number): expected a finite number, got a number that is not finite',
      extensions: { code: "DECISION_REJECTED", decision: "loan", retryable: false },
    });
    expect(await right).toMatchObject({ verdict: "ALLOW", origin: "LOCAL" });
  });
});

describe("deciding locally", () => {
  it("needs no account: the running versions are those of the tables, and nothing waits", async () => {
    const pipeline = deciding();
    await pipeline.start();
    const { versions, scheduler } = pipeline;
    expect([versions.running("loan"), versions.running("loans"), scheduler.waiting, scheduler.working]).toEqual([
      1,
      undefined,
      0,
      0,
    ]);
  });

  it("makes no evaluation at a service that can be reached", async () => {
    const { account, calls } = await sandboxed();
    const pipeline = deciding({ account });
    await pipeline.start();
    expect((await pipeline.decide(request(), loan, plain, SUBJECT)).origin).toBe("LOCAL");
    expect((await calls()).executes).toBe(0);
  });

  it("starts and decides while the service cannot be reached", async () => {
    const pipeline = deciding({ account: accountAt(NOWHERE), verifyShare: 1 });
    await pipeline.start();
    const { decide, versions } = pipeline;
    expect(await decide(request(), loan, plain, SUBJECT)).toMatchObject({ verdict: "ALLOW", origin: "LOCAL" });
    expect(versions.running("loan")).toBe(undefined);
  });

  it("does not wait for the versions of the service", async () => {
    const { sandbox, account } = await sandboxed();
    await misbehave(sandbox, { latencyMs: 20 });
    const pipeline = deciding({ account });
    await pipeline.start();
    expect(pipeline.versions.running("loan")).toBe(undefined);
    expect((await pipeline.decide(request(), loan, plain, SUBJECT)).origin).toBe("LOCAL");
    await expect.poll(() => pipeline.versions.running("loan"), { interval: 5 }).toBe(1);
  });

  it("must be requested: otherwise an account is required", () => {
    expect(() => deciding({ decisions: "service" })).toThrow(
      new TypeError("Cannot decide by the decision service: expected an account there, got none"),
    );
  });
});

describe("the local stage", () => {
  const models = new Map([["loan", { decision: loan, compiled: table, digest: "" }]]);
  const ask = (amount: number, model = "loan"): Ask => ({ model, facts: { amount, country: "DE" }, ...BY });
  const codesOrOrigins = (results: readonly (Outcome | DecisionError)[]) =>
    results.map((result) => (result instanceof Error ? result.code : result.origin));

  it("sends models with a distrusted table to the service in one batch, and keeps the order of answers", async () => {
    const batches: (readonly Ask[])[] = [];
    const decide: Decide = async (asks) => {
      batches.push(asks);
      return asks.map(({ model }) => new DecisionError("DECISION_TIMEOUT", model, "no answer", true));
    };
    const both = new Map([...models, ["other", { decision: loan, compiled: table, digest: "" }] as const]);
    const stage = local({ models: both, service: { trusts: (model) => model === "loan", decide }, log: SILENT });
    const results = await stage([ask(1, "other"), ask(2), ask(3, "other"), ask(4)]);
    expect(codesOrOrigins(results)).toEqual(["DECISION_TIMEOUT", "LOCAL", "DECISION_TIMEOUT", "LOCAL"]);
    expect(batches).toEqual([[ask(1, "other"), ask(3, "other")]]);
    expect(codesOrOrigins(await stage([ask(5)]))).toEqual(["LOCAL"]);
    expect(batches).toHaveLength(1);
  });

  it("freezes its outcomes", async () => {
    const [outcome] = await local({ models, log: SILENT })([ask(1)]);
    expect(() => Object.assign(outcome ?? {}, { origin: "SERVICE" })).toThrow(TypeError);
  });

  it("fails if no rule matches, a row has no reason, or the decision is not declared", async () => {
    const rule = { amount: [">", "100"], verdict: "ALLOW", reason_code: "C" } as const;
    const lacking = compiled({
      key: "loan",
      inputs: { amount: "number" },
      outputs: { verdict: "string", reason_code: "string" },
      rules: [rule],
    });
    const stage = local({
      models: new Map([["loan", { decision: loan, compiled: lacking, digest: "" }]]),
      log: SILENT,
    });
    const results = await stage([ask(1), ask(101), ask(1, "lone")]);
    expect(results.map((result) => (result instanceof Error ? [result.code, result.message] : []))).toEqual([
      ["DECISION_UNDETERMINED", "Cannot decide loan: no rule matched, or the evaluation failed"],
      ["DECISION_UNDETERMINED", "Cannot decide loan: a row has no reason"],
      ["DECISION_REJECTED", "Cannot decide lone: no such decision is declared"],
    ]);
  });
});

describe("a graph that decides locally", () => {
  it("decides everything locally, without OpenText", async () => {
    const graph = await startTestDecibel({ variables: { DECISIONS: "local" } });
    open.push({ close: () => graph.stop() });
    const { data, errors } = await graph.query(`{
      campaigns(first: 1) { nodes { targeting { origin } } }
      episodes(first: 1) { nodes { publishing { origin } } }
      locations(first: 1) { nodes { playback { origin } } }
      listeners(first: 1) { nodes { segments { origin } } }
    }`);
    expect(errors).toEqual([]);
    expect(data).toEqual({
      campaigns: { nodes: [{ targeting: { origin: "LOCAL" } }] },
      episodes: { nodes: [{ publishing: { origin: "LOCAL" } }] },
      locations: { nodes: [{ playback: { origin: "LOCAL" } }] },
      listeners: { nodes: [{ segments: { origin: "LOCAL" } }] },
    });
    expect(graph.decibel.parts.map(([name]) => name)).not.toContain("opentext sandbox");
    const models = await graph.query<{ decisionModels: { version: string; drifted: boolean }[] }>(
      "{ decisionModels { version drifted } }",
    );
    expect(models.data.decisionModels.filter(({ version, drifted }) => version !== "1" || drifted)).toEqual([]);
  });
});
