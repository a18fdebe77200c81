/**
 * Deciding while the service is slow, busy, rate-limited or down. Over 200 lines, because all tests need one service
 * whose time and faults they set.
 */
import { BrokenCircuitError } from "cockatiel";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decision } from "../../subgraphs/pipeline/decision.ts";
import { createGuard } from "../../subgraphs/pipeline/service/guard.ts";
import type { Guard } from "../../subgraphs/pipeline/service/guard.ts";
import { createPipeline } from "../../subgraphs/pipeline/pipeline.ts";
import type { OpenTextAccount } from "../../subgraphs/pipeline/opentext/account.ts";
import type { Pipeline } from "../../subgraphs/pipeline/pipeline.ts";
import { PatienceError } from "../../subgraphs/platform/patience.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { OpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import { SUBJECT } from "../support/asks.ts";
import { accountAt, request } from "../support/loans.ts";
import { NUMBER_DECISION, numbersTable } from "../support/numbers.ts";
import { behave, misbehave } from "../support/sandbox-control.ts";
import { MINUTE_MS } from "../support/times.ts";

/** Each number is a distinct question. */
const patient = decision({ ...NUMBER_DECISION, key: "patient", staleForMs: 5 * MINUTE_MS });
const strict = decision({ ...NUMBER_DECISION, key: "strict" });

const numbers = Array.from({ length: 400 }, (_none, number) => number);
const tables = [numbersTable("patient", 400), numbersTable("strict", 400)];

/** Milliseconds that the test added to the real time: rates are real, minutes are not. */
let skipped: number;
const now = (): number => Date.now() + skipped;
let sandbox: OpenTextSandbox;
let origin: string;
const open: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  skipped = 0;
  sandbox = createOpenTextSandbox({ tables, now });
  open.push(sandbox);
  origin = await sandbox.listen();
});
afterEach(async () => {
  for (const part of open.splice(0).toReversed()) await part.close();
});

async function start(account: Partial<OpenTextAccount> = {}): Promise<Pipeline> {
  const pipeline = createPipeline({
    account: accountAt(origin, {
      timeoutMs: 1000,
      batchTimeoutMs: 5000,
      queueLimit: 10_000,
      recoveryMs: 100,
      versionIntervalMs: 10 * MINUTE_MS,
      ...account,
    }),
    declared: [{ decisions: [patient, strict], tables }],
    log: pino({ enabled: false }),
    now,
  });
  open.push(pipeline);
  await pipeline.start();
  return pipeline;
}

const executes = async (): Promise<number> => (await sandbox.app.inject("/sandbox/calls")).json().executes as number;
const codes = (results: readonly PromiseSettledResult<unknown>[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(results, (result) => (result.status === "fulfilled" ? "decided" : String(result.reason.code)))].map(
      ([code, all]) => [code, all.length],
    ),
  );

describe("a stale outcome", () => {
  it("is given while the service fails if its decision allows that, with origin STALE", async () => {
    const { decide } = await start();
    const fresh = await decide(request(), patient, { number: 1 }, SUBJECT);
    skipped += MINUTE_MS;
    await misbehave(sandbox, { status: 503 });
    const stale = await decide(request(), patient, { number: 1 }, SUBJECT);
    expect(stale).toMatchObject({ id: fresh.id, verdict: "REVIEW", origin: "STALE", expiresAt: fresh.expiresAt });
    expect(Number(stale.expiresAt)).toBeLessThanOrEqual(now());
    skipped += 5 * MINUTE_MS;
    await expect(decide(request(), patient, { number: 1 }, SUBJECT)).rejects.toMatchObject({
      code: "DECISION_UNAVAILABLE",
    });
    await behave(sandbox);
    await expect
      .poll(() => decide(request(), patient, { number: 1 }, SUBJECT).catch(() => undefined), { interval: 20 })
      .toMatchObject({ origin: "SERVICE" });
  });

  it("is given even if the versions expired during the outage", async () => {
    const { decide } = await start({ versionIntervalMs: 10_000 });
    await decide(request(), patient, { number: 1 }, SUBJECT);
    skipped += 2 * MINUTE_MS;
    await misbehave(sandbox, { status: 503 });
    expect(await decide(request(), patient, { number: 1 }, SUBJECT)).toMatchObject({ origin: "STALE" });
  });

  it("is not given if its decision does not allow that, or if the service did answer", async () => {
    const { decide } = await start();
    await Promise.all([
      decide(request(), strict, { number: 1 }, SUBJECT),
      decide(request(), patient, { number: 1 }, SUBJECT),
    ]);
    skipped += MINUTE_MS;
    await misbehave(sandbox, { status: 503 });
    await expect(decide(request(), strict, { number: 1 }, SUBJECT)).rejects.toMatchObject({
      code: "DECISION_UNAVAILABLE",
    });
    await misbehave(sandbox, { rows: "empty" });
    await expect
      .poll(() => decide(request(), patient, { number: 1 }, SUBJECT).catch((error: unknown) => error), { interval: 20 })
      .toMatchObject({ code: "DECISION_UNDETERMINED" });
  });
});

describe("a service that keeps failing", () => {
  it("is not called while its circuit is open, and recovers by a probe", async () => {
    const { decide } = await start();
    await misbehave(sandbox, { status: 500 });
    const context = request();
    const first = await Promise.allSettled(numbers.map((number) => decide(context, strict, { number }, SUBJECT)));
    expect(codes(first)).toEqual({ DECISION_UNAVAILABLE: 400 });
    expect(await executes()).toBeLessThan(100);
    await behave(sandbox);
    await expect
      .poll(() => decide(request(), strict, { number: 1 }, SUBJECT).catch(() => undefined), { interval: 20 })
      .toMatchObject({ verdict: "REVIEW" });
  });

  it("at random is retried", async () => {
    const { decide } = await start();
    await misbehave(sandbox, { status: 502, share: 0.2 });
    const context = request();
    const results = await Promise.allSettled(
      numbers.slice(0, 100).map((number) => decide(context, strict, { number }, SUBJECT)),
    );
    expect(codes(results)["decided"]).toBeGreaterThan(90);
  });
});

describe("a circuit", () => {
  const guarded = () =>
    createGuard({
      concurrency: 4,
      queueLimit: 1000,
      batchTimeoutMs: 5000,
      recoveryMs: 60_000,
      log: pino({ enabled: false }),
      random: () => 0,
    });
  const fail = (error: Error) => async () => {
    throw error;
  };
  const outcomes = (guard: Guard, model: string, call: () => Promise<unknown>, count: number) => {
    const batch = guard.batch();
    return Promise.allSettled(Array.from({ length: count }, () => batch.run(model, call)));
  };

  it("opens for a model that keeps failing, and not for others", async () => {
    const guard = guarded();
    await outcomes(
      guard,
      "broken",
      fail(new UpstreamError("opentext", "STATUS", "it answered 500", { status: 500 })),
      30,
    );
    let calls = 0;
    const later = await outcomes(guard, "broken", async () => (calls += 1), 5);
    expect([later.every(({ status }) => status === "rejected"), calls]).toEqual([true, 0]);
    expect(await guard.batch().run("sound", async () => "answered")).toBe("answered");
  });

  it("opens for a service that cannot be reached, for all models", async () => {
    const guard = guarded();
    await outcomes(guard, "any", fail(new UpstreamError("opentext", "TIMEOUT", "no answer")), 30);
    await expect(guard.batch().run("other", async () => "answered")).rejects.toThrow(BrokenCircuitError);
  });

  it("stays closed on rejections and on 429", async () => {
    const guard = guarded();
    await outcomes(guard, "any", fail(new UpstreamError("opentext", "STATUS", "it answered 400", { status: 400 })), 60);
    await outcomes(
      guard,
      "any",
      fail(new UpstreamError("opentext", "STATUS", "it answered 429", { status: 429, retryAfterMs: 0 })),
      60,
    );
    expect(await guard.batch().run("any", async () => "answered")).toBe("answered");
  });
});

describe("a service that is busy", () => {
  it("fails at once if it asks for a pause beyond the deadline", async () => {
    const guard = createGuard({
      concurrency: 4,
      queueLimit: 10,
      batchTimeoutMs: 1000,
      recoveryMs: 1,
      log: pino({ enabled: false }),
    });
    const busy = new UpstreamError("opentext", "STATUS", "it answered 429", { status: 429, retryAfterMs: 60_000 });
    await expect(guard.batch().run("any", () => Promise.reject(busy))).rejects.toBe(busy);
    await expect(guard.batch().run("any", async () => "answered")).rejects.toThrow(PatienceError);
  });

  it("gets its pause, and then answers everything", async () => {
    const { decide } = await start({ batchTimeoutMs: 8000 });
    await misbehave(sandbox, { requestsPerSecond: 20 });
    const context = request();
    const results = await Promise.allSettled(
      numbers.slice(0, 40).map((number) => decide(context, strict, { number }, SUBJECT)),
    );
    expect(codes(results)).toEqual({ decided: 40 });
  });

  it("is never called faster than the configured rate", async () => {
    const { decide } = await start({ requestsPerSecond: 80 });
    await misbehave(sandbox, { requestsPerSecond: 100 });
    const context = request();
    const results = await Promise.allSettled(
      numbers.slice(0, 150).map((number) => decide(context, strict, { number }, SUBJECT)),
    );
    expect([codes(results), await executes()]).toEqual([{ decided: 150 }, 150]);
  });
});

describe("more asks than can be sent", () => {
  it("fail at once if the queue is full, as retryable", async () => {
    const { decide } = await start({ queueLimit: 50, requestsPerSecond: 100 });
    const context = request();
    const results = await Promise.allSettled(numbers.map((number) => decide(context, strict, { number }, SUBJECT)));
    const { decided = 0, DECISION_UNAVAILABLE: refused = 0 } = codes(results);
    expect([decided + refused, decided >= 50, refused > 200]).toEqual([400, true, true]);
    expect(results.find((result) => result.status === "rejected")).toMatchObject({
      reason: { message: "Cannot decide strict: too many decisions are waiting", extensions: { retryable: true } },
    });
  });

  it("do not make a request for one decision wait for a request for hundreds", async () => {
    const { decide } = await start({ requestsPerSecond: 100, concurrency: 4 });
    const large = request();
    let left = 400;
    const many = numbers.map((number) => decide(large, strict, { number }, SUBJECT).finally(() => (left -= 1)));
    const one = decide(request(), patient, { number: 1 }, SUBJECT);
    await one;
    expect(left).toBeGreaterThan(250);
    await Promise.allSettled(many);
  });

  it("end at the deadline of their batch, and are not sent later", async () => {
    const concurrency = 4;
    const { decide } = await start({ batchTimeoutMs: 300, requestsPerSecond: 50, concurrency });
    const context = request();
    const results = await Promise.allSettled(numbers.map((number) => decide(context, strict, { number }, SUBJECT)));
    const { decided = 0, ...others } = codes(results);
    expect([decided > 0, Object.keys(others)]).toEqual([true, ["DECISION_TIMEOUT"]]);
    expect(await decide(request(), patient, { number: 1 }, SUBJECT)).toMatchObject({ verdict: "REVIEW" });
    // Those that were on their way at the deadline may have arrived after it.
    expect(await executes()).toBeLessThanOrEqual(decided + concurrency + 1);
  });
});
