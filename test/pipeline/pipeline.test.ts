/** The whole pipeline over the OpenText sandbox. Over 200 lines, because all tests share one table. */
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DecisionError } from "../../subgraphs/pipeline/ask.ts";
import { decision } from "../../subgraphs/pipeline/decision.ts";
import { createPipeline } from "../../subgraphs/pipeline/pipeline.ts";
import type { Pipeline } from "../../subgraphs/pipeline/pipeline.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { OpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import { SUBJECT } from "../support/asks.ts";
import { request } from "../support/loans.ts";
import { CONVENTION, compiled } from "../support/otdt.ts";
import { behave, misbehave } from "../support/sandbox-control.ts";

const loan = decision({
  key: "loan",
  inputs: { amount: "number", country: "string", marks: "collection" },
  outputs: { queue: "first", priority: "lowest" },
  freshForMs: 60_000,
  answer: (rows) => ({ queue: rows.first("queue"), priority: rows.lowest("priority") }),
});

const draft = {
  key: "loan",
  inputs: { amount: "number", country: "string", marks: "collection" },
  outputs: { ...CONVENTION, queue: "string", priority: "number" },
  rules: [
    {
      amount: [">", "1000"],
      verdict: "REVIEW",
      reason_code: "LARGE",
      reason: "A large loan",
      queue: "desk",
      priority: "2",
    },
    {
      amount: [">", "5000"],
      verdict: "REVIEW",
      reason_code: "HUGE",
      reason: "A huge loan",
      queue: "board",
      priority: "1",
    },
    { country: ["==", "XX"], verdict: "DENY", reason_code: "COUNTRY", reason: "Not there", priority: "3" },
    { marks: ["ANY OF", '"fraud"'], verdict: "DENY", reason_code: "FRAUD", reason: "A mark of fraud", priority: "1" },
    { verdict: "ALLOW", reason_code: "CLEAR", reason: "Nothing objects", priority: "9" },
  ],
} as const;
const table = compiled(draft);

let clock: number;
let sandbox: OpenTextSandbox;
let origin: string;
let pipeline: Pipeline;

beforeEach(async () => {
  clock = Date.parse("2026-01-01T00:00:00Z");
  sandbox = createOpenTextSandbox({ tables: [table], now: () => clock });
  origin = await sandbox.listen();
  pipeline = await start();
});
afterEach(async () => {
  await pipeline.close();
  await sandbox.close();
});

async function start(timeoutMs = 2000): Promise<Pipeline> {
  const made = createPipeline({
    account: {
      baseUrl: origin,
      tenantId: "sandbox",
      clientId: "sandbox",
      clientSecret: "sandbox",
      timeoutMs,
      batchTimeoutMs: 2 * timeoutMs,
      concurrency: 16,
      requestsPerSecond: undefined,
      queueLimit: 1000,
      recoveryMs: 50,
      versionIntervalMs: 60_000,
    },
    declared: [{ decisions: [loan], tables: [table] }],
    log: pino({ enabled: false }),
    now: () => clock,
  });
  await made.start();
  return made;
}

const plain = { amount: 10, country: "DE", marks: [] };
const ask = (facts: object = {}, context = request()) =>
  pipeline.decide(context, loan, { ...plain, ...facts }, SUBJECT);

async function control(method: "PUT" | "DELETE", url: string, payload?: object): Promise<void> {
  await sandbox.app.inject({ method, url, ...(payload ? { payload } : {}) });
}
async function executes(): Promise<unknown> {
  return (await sandbox.app.inject("/sandbox/calls")).json().executes;
}

describe("a decision", () => {
  it("has the severest verdict and its outputs, and a reason for every row", async () => {
    expect(await ask({ amount: 6000 })).toEqual({
      id: expect.stringMatching(/^evaluation_[0-9a-f-]{36}$/),
      model: { key: "loan", version: "1" },
      verdict: "REVIEW",
      eligible: false,
      reasons: [
        { code: "LARGE", message: "A large loan", verdict: "REVIEW", rule: 1, reconstructed: true },
        { code: "HUGE", message: "A huge loan", verdict: "REVIEW", rule: 2, reconstructed: true },
        { code: "CLEAR", message: "Nothing objects", verdict: "ALLOW", rule: 5, reconstructed: true },
      ],
      decidedAt: new Date(clock),
      expiresAt: new Date(clock + 60_000),
      origin: "SERVICE",
      queue: "desk",
      priority: 1,
      wouldAllow: expect.any(Function),
      sufficient: expect.any(Function),
    });
  });

  it("takes outputs only from the rows of the winning verdict", async () => {
    expect(await ask({ amount: 6000, country: "XX" })).toMatchObject({ verdict: "DENY", queue: null, priority: 3 });
  });

  it("is eligible if every row allows", async () => {
    expect(await ask()).toMatchObject({ verdict: "ALLOW", eligible: true });
  });
});

describe("a batch", () => {
  it("calls the service a few times for all asks of a tick that match the same rules", async () => {
    const context = request();
    const amounts = Array.from({ length: 300 }, (_none, index) => index * 25);
    const decisions = await Promise.all(amounts.map((amount) => ask({ amount }, context)));
    // Two for each of three classes, the lowest and highest of each, and one for each magnitude that no other had.
    expect(await executes()).toBe(14);
    expect(decisions.map(({ origin }) => origin).filter((origin) => origin === "SERVICE")).toHaveLength(14);
    expect(decisions.filter(({ origin }) => origin === "EQUIVALENT")).toHaveLength(286);
    expect(new Set(decisions.map(({ origin }) => origin)).size).toBe(2);
  });

  it("treats facts in another order, or with repeated items, as the same facts", async () => {
    const context = request();
    const [first, second] = await Promise.all([
      ask({ marks: ["a", "b"] }, context),
      pipeline.decide(context, loan, { marks: ["b", "a", "b"], country: "DE", amount: 10 }, SUBJECT),
    ]);
    expect([first.id === second.id, second.origin]).toEqual([true, "SERVICE"]);
  });

  it("joins a question in flight of another request", async () => {
    await misbehave(sandbox, { latencyMs: 30 });
    const decisions = await Promise.all(Array.from({ length: 40 }, () => ask()));
    expect([await executes(), new Set(decisions.map(({ id }) => id)).size]).toEqual([1, 1]);
  });

  it("answers from the cache while an answer is fresh, and calls again afterwards", async () => {
    const first = await ask();
    const again = await ask();
    await ask({ amount: 12 });
    const near = await ask({ amount: 11 });
    clock += 60_000;
    const later = await ask();
    expect([first.origin, again.origin, near.origin, later.origin]).toEqual([
      "SERVICE",
      "CACHE",
      "EQUIVALENT",
      "SERVICE",
    ]);
    expect(await executes()).toBe(3);
  });

  it("shares one frozen outcome", async () => {
    await ask();
    const { model } = await ask();
    expect(() => Object.assign(model, { key: "other" })).toThrow(TypeError);
  });
});

describe("equivalence", () => {
  /** Three amounts of one class and one magnitude, in one request. */
  const three = async (): Promise<unknown[]> => {
    const context = request();
    const decisions = await Promise.all([8, 10, 9].map((amount) => ask({ amount }, context)));
    return decisions.map(({ model, origin }) => `${model.version} ${origin}`);
  };

  it("is earned anew under each version, whatever its number", async () => {
    expect(await three()).toEqual(["1 SERVICE", "1 SERVICE", "1 EQUIVALENT"]);
    await control("PUT", "/sandbox/tables/loan/version", { version: 7 });
    await pipeline.versions.refresh();
    expect(await three()).toEqual(["7 SERVICE", "7 SERVICE", "7 EQUIVALENT"]);
    expect(pipeline.trust.of("loan")).toEqual({ state: "TRUSTED", since: clock, agreed: 2, disagreed: 0 });
  });

  it("is off while the running version is unknown", async () => {
    await pipeline.close();
    await misbehave(sandbox, { status: 500 });
    pipeline = await start();
    await behave(sandbox);
    const context = request();
    const decisions = await Promise.all([ask({ amount: 1 }, context), ask({ amount: 2 }, context)]);
    expect(decisions.map(({ model, origin }) => [model.version, origin])).toEqual([
      ["unknown", "SERVICE"],
      ["unknown", "SERVICE"],
    ]);
  });

  it("is off after the versions could not be refreshed for a while", async () => {
    clock += 5 * 60_000;
    const context = request();
    const decisions = await Promise.all([ask({ amount: 1 }, context), ask({ amount: 2 }, context)]);
    expect(decisions.map(({ origin }) => origin)).toEqual(["SERVICE", "SERVICE"]);
  });
});

describe("fail closed: no decision is an error with a code, never a verdict", () => {
  const reason = (facts: object = {}) =>
    ask(facts).catch((error: unknown) =>
      error instanceof DecisionError ? { message: error.message, ...error.extensions } : error,
    );

  it.each([
    [{ rows: "empty" as const }, "DECISION_UNDETERMINED", "no rule matched, or the evaluation failed", false],
    [{ status: 500 }, "DECISION_UNAVAILABLE", "decision service answered 500", true],
    [{ status: 429 }, "DECISION_UNAVAILABLE", "decision service answered 429", true],
    [{ status: 400 }, "DECISION_REJECTED", "decision service answered 400", false],
    [{ body: "malformed" as const }, "DECISION_UNAVAILABLE", "decision service answered unexpectedly", true],
  ])("%j", async (faults, code, state, retryable) => {
    // The token was fetched already, so the fault happens to the evaluation.
    await misbehave(sandbox, faults);
    expect(await reason()).toEqual({ message: `Cannot decide loan: ${state}`, code, decision: "loan", retryable });
    await behave(sandbox);
    expect(await ask()).toMatchObject({ verdict: "ALLOW", origin: "SERVICE" });
  });

  it("does not wait forever", async () => {
    await pipeline.close();
    pipeline = await start(100);
    await misbehave(sandbox, { latencyMs: 10_000 });
    expect(await reason()).toMatchObject({ code: "DECISION_TIMEOUT", retryable: true });
  });

  it("does not wait for each ask in turn: the circuit opens after a few timeouts", async () => {
    await pipeline.close();
    pipeline = await start(100);
    // With another table running, no two asks are equivalent.
    sandbox.deploy(compiled({ ...draft, rules: draft.rules.slice(-1) }));
    await ask({ amount: 2000 });
    await misbehave(sandbox, { latencyMs: 10_000 });
    const context = request();
    const countries = Array.from({ length: 200 }, (_none, index) => `C${index}`);
    const results = await Promise.allSettled(countries.map((country) => ask({ country }, context)));
    const codes = new Set(
      results.map((result) => (result.status === "rejected" ? String(result.reason.code) : "decided")),
    );
    expect(codes).toEqual(new Set(["DECISION_TIMEOUT", "DECISION_UNAVAILABLE"]));
    expect(await executes()).toBeLessThan(100);
  });

  it("reports an unreachable service", async () => {
    await sandbox.close();
    expect(await reason()).toEqual({
      message: "Cannot decide loan: decision service cannot be reached",
      code: "DECISION_UNAVAILABLE",
      decision: "loan",
      retryable: true,
    });
  });

  it("decides the rest of a batch if one ask is rejected", async () => {
    const context = request();
    const wrong = pipeline.decide(context, loan, { ...plain, amount: Number.NaN }, SUBJECT);
    const right = ask({}, context);
    await expect(wrong).rejects.toMatchObject({ code: "DECISION_REJECTED" });
    expect(await right).toMatchObject({ verdict: "ALLOW" });
  });

  it("rejects an unknown verdict, a row without reason, and a missing output", async () => {
    const rows = [
      { verdict: "PERHAPS", reason_code: "C", reason: "R", priority: "1" },
      { verdict: "ALLOW", reason_code: "C", priority: "1" },
      { verdict: "ALLOW", reason_code: "C", reason: "R" },
    ];
    const states: unknown[] = [];
    for (const [index, row] of rows.entries()) {
      sandbox.deploy(compiled({ ...draft, version: 10 + index, rules: [row] }));
      states.push(await reason());
    }
    expect(states).toMatchObject([
      { message: "Cannot decide loan: a row has an unknown verdict", code: "DECISION_UNDETERMINED" },
      { message: "Cannot decide loan: a row has no reason", code: "DECISION_UNDETERMINED" },
      { message: "Cannot decide loan: no row says priority", code: "DECISION_UNDETERMINED" },
    ]);
  });
});

describe("a process whose decisions and tables disagree", () => {
  const bind = (tables: readonly ReturnType<typeof compiled>[]) => () =>
    createPipeline({
      account: {
        baseUrl: origin,
        tenantId: "s",
        clientId: "s",
        clientSecret: "s",
        timeoutMs: 1,
        batchTimeoutMs: 1,
        concurrency: 1,
        requestsPerSecond: undefined,
        queueLimit: 1,
        recoveryMs: 1,
        versionIntervalMs: 1,
      },
      declared: [{ decisions: [loan], tables }],
      log: pino({ enabled: false }),
    });

  it("does not start, and reports every disagreement", () => {
    const wrong = compiled({
      key: "loan",
      inputs: { amount: "string", age: "number", marks: "collection" },
      outputs: { ...CONVENTION, queue: "string", colour: "string" },
      rules: [{ age: [">", "1"], verdict: "MAYBE", reason_code: "C" }],
    });
    expect(bind([wrong])).toThrow(
      new Error(`Cannot bind decisions to tables:
  loan.otdt: input "country" is declared but not in the table
  loan.otdt: input "amount" is a string in the table but declared as number
  loan.otdt: input "age" is in the table but not declared
  loan.otdt: output "priority" is declared but not in the table
  loan.otdt: output "colour" is in the table but not declared
  loan.otdt: rule 1, output "verdict": expected ALLOW, REVIEW or DENY, got "MAYBE"
  loan.otdt: rule 1, output "reason": is empty
  loan.otdt: no rule matches whatever the facts are, so some subject may stay undecided`),
    );
  });

  it("reports a decision without a table, and a table without a decision", () => {
    expect(bind([compiled({ ...draft, key: "loans" })])).toThrow(
      new Error(`Cannot bind decisions to tables:
  decision loan has no table loan.otdt beside it
  loans.otdt: no decision of its subgraph has the key loans`),
    );
  });
});
