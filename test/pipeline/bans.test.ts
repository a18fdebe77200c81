/** The decision service asks for patience of hours: nobody asks it before, and who needs it is told when to come back. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DecisionError } from "../../subgraphs/pipeline/ask.ts";
import { decision } from "../../subgraphs/pipeline/decision.ts";
import type { OpenTextAccount } from "../../subgraphs/pipeline/opentext/account.ts";
import { createPipeline } from "../../subgraphs/pipeline/pipeline.ts";
import type { Pipeline } from "../../subgraphs/pipeline/pipeline.ts";
import { failureOf } from "../../subgraphs/records/outbox/failure.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { OpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { Faults } from "../../subgraphs/sandbox/sandbox.ts";
import { SUBJECT } from "../support/asks.ts";
import { SILENT, accountAt, request } from "../support/loans.ts";
import { NUMBER_DECISION, numbersTable } from "../support/numbers.ts";
import { behave, misbehave } from "../support/sandbox-control.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../support/times.ts";

const patient = decision({ ...NUMBER_DECISION, key: "patient", staleForMs: DAY_MS });
const strict = decision({ ...NUMBER_DECISION, key: "strict" });
const tables = [numbersTable("patient", 100), numbersTable("strict", 100)];
const BATCH = "/batch";
const BAN: Faults = { status: 429, retryAfter: 7200 };

/** Milliseconds that the test added to the real time. */
let skipped: number;
const now = (): number => Date.now() + skipped;
let sandbox: OpenTextSandbox;
let origin: string;
const open: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  skipped = 0;
  sandbox = createOpenTextSandbox({ tables, batchPath: BATCH, now });
  open.push(sandbox);
  origin = await sandbox.listen();
});
afterEach(async () => {
  for (const part of open.splice(0).toReversed()) await part.close();
});

async function start(account: Partial<OpenTextAccount> = {}): Promise<Pipeline> {
  const pipeline = createPipeline({
    account: accountAt(origin, { batchTimeoutMs: 15_000, versionIntervalMs: 10 * MINUTE_MS, ...account }),
    verifyShare: 1,
    declared: [{ decisions: [patient, strict], tables }],
    log: SILENT,
    now,
  });
  open.push(pipeline);
  await pipeline.start();
  return pipeline;
}

/** Since the last call of this. */
async function arrived(): Promise<number> {
  const { tokens, lists, executes, batches } = (await sandbox.app.inject("/sandbox/calls")).json();
  await sandbox.app.inject({ method: "DELETE", url: "/sandbox/calls" });
  return tokens + lists + executes + batches;
}

const ask = ({ decide }: Pipeline, what: typeof strict, ...numbers: readonly number[]) => {
  const context = request();
  return Promise.allSettled(numbers.map((number) => decide(context, what, { number }, SUBJECT)));
};
/** The seconds after which to come back. */
async function refused(pipeline: Pipeline, number: number): Promise<number> {
  const [result] = await ask(pipeline, strict, number);
  const error: unknown = result?.status === "rejected" ? result.reason : undefined;
  if (!(error instanceof DecisionError)) throw new Error("expected a DecisionError", { cause: error });
  const { retryAfter = 0 } = error.extensions;
  expect(error).toMatchObject({
    code: "DECISION_UNAVAILABLE",
    message: `Cannot decide strict: decision service asked for patience, come back in ${retryAfter} s`,
    extensions: { decision: "strict", retryable: true },
  });
  return retryAfter;
}

/** It has lasted for so long, give or take what the test took, and the second that a date is rounded up to. */
function expectLeft(seconds: number): void {
  const left = 7200 - skipped / 1000;
  expect(seconds).toBeLessThanOrEqual(left + 1);
  expect(seconds).toBeGreaterThan(left - 30);
}

describe("a ban of hours", () => {
  it.each([
    ["429 to single evaluations", {}, BAN],
    ["429 to batches", { batchPath: BATCH }, BAN],
    ["429 with an HTTP date", {}, { ...BAN, retryAfterAs: "date" }],
    ["503", {}, { ...BAN, status: 503 }],
  ] as const)("is kept by everything that asks, until it is over: %s", async (_title, account, ban) => {
    const pipeline = await start(account);
    await ask(pipeline, patient, 1);
    await arrived();
    await misbehave(sandbox, ban);
    await ask(pipeline, strict, ...Array.from({ length: 100 }, (_none, number) => number));
    // Those that were on their way.
    expect(await arrived()).toBeLessThanOrEqual(16);

    const startedAt = performance.now();
    for (const minutes of [1, 4, 20, 90]) {
      skipped += minutes * MINUTE_MS;
      expectLeft(await refused(pipeline, 1));
      const anew: unknown = await pipeline
        .decideAnew(request(), strict, { number: 2 }, SUBJECT)
        .catch((error) => error);
      const wait = failureOf(anew);
      expectLeft(wait.kind === "asked" ? wait.ms / 1000 : 0);
      expect(await pipeline.versions.refresh()).toBe(false);
      expect(await ask(pipeline, patient, 1)).toMatchObject([{ value: { origin: "STALE", verdict: "REVIEW" } }]);
    }
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(await arrived()).toBe(0);

    await behave(sandbox);
    skipped = 2 * HOUR_MS;
    expect(await ask(pipeline, strict, 1)).toMatchObject([{ value: { origin: "SERVICE", verdict: "REVIEW" } }]);
    expect(await pipeline.versions.refresh()).toBe(true);
  });

  it("that a list of models was answered with counts for evaluations too", async () => {
    const pipeline = await start();
    await misbehave(sandbox, { ...BAN, only: "list" });
    expect(await pipeline.versions.refresh()).toBe(false);
    await arrived();
    expectLeft(await refused(pipeline, 1));
    expect(await arrived()).toBe(0);
  });

  it("of the tokens stops only what has none", async () => {
    const pipeline = await start();
    await misbehave(sandbox, { ...BAN, only: "token" });
    expect(await ask(pipeline, strict, 1)).toMatchObject([{ value: { verdict: "REVIEW" } }]);
    // The token has expired.
    skipped += HOUR_MS;
    await arrived();
    expect(await refused(pipeline, 2)).toBe(7200);
    expect(await refused(pipeline, 3)).toBeGreaterThan(7100);
    expect(await pipeline.versions.refresh()).toBe(false);
    expect(await arrived()).toBe(1);
  });

  it("does not keep answers that are known from anybody", async () => {
    const pipeline = await start();
    await ask(pipeline, strict, 1);
    await misbehave(sandbox, BAN);
    await refused(pipeline, 2);
    await arrived();
    expect(await ask(pipeline, strict, 1)).toMatchObject([{ value: { origin: "CACHE" } }]);
    expect(await arrived()).toBe(0);
  });
});

it("a pause of a second is waited for within the deadline", async () => {
  const pipeline = await start();
  await misbehave(sandbox, { status: 429, retryAfter: 1, only: "execute" });
  const asked = ask(pipeline, strict, 1);
  await expect.poll(arrived).toBeGreaterThan(0);
  await behave(sandbox);
  expect(await asked).toMatchObject([{ value: { origin: "SERVICE", verdict: "REVIEW" } }]);
  expect(await arrived()).toBe(1);
});
