/** What a request is told of its decisions: the ways in which its asks were answered add up to what was asked. */
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createPipeline } from "../../subgraphs/pipeline/pipeline.ts";
import type { Pipeline } from "../../subgraphs/pipeline/pipeline.ts";
import { WAYS, createWave } from "../../subgraphs/platform/wave.ts";
import type { WaveReport } from "../../subgraphs/platform/wave.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { OpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import { SUBJECT } from "../support/asks.ts";
import { accountAt, loan, loanTable, request } from "../support/loans.ts";
import { behave, misbehave } from "../support/sandbox-control.ts";

let sandbox: OpenTextSandbox;
let pipeline: Pipeline;
let clock: number;

beforeEach(async () => {
  clock = Date.parse("2026-01-01T00:00:00Z");
  sandbox = createOpenTextSandbox({ tables: [loanTable()], now: () => clock });
  await start(await sandbox.listen());
});
afterEach(async () => {
  await pipeline.close();
  await sandbox.close();
});

async function start(
  origin: string,
  { decisions, batchPath }: { decisions?: "service" | "local"; batchPath?: string } = {},
): Promise<void> {
  await pipeline?.close();
  pipeline = createPipeline({
    account: decisions === "local" ? undefined : accountAt(origin, { batchPath }),
    decisions,
    declared: [{ decisions: [loan], tables: [loanTable()] }],
    log: pino({ enabled: false }),
    now: () => clock,
  });
  await pipeline.start();
}

/** Asks for loans of these amounts in one request, in one tick. */
async function waveOf(amounts: readonly number[], ask = pipeline.decide): Promise<WaveReport> {
  const wave = createWave();
  const context = { ...request(), wave };
  await Promise.allSettled(amounts.map((amount) => ask(context, loan, { amount, country: "DE" }, SUBJECT)));
  const report = wave.report();
  for (const counts of report.decisions)
    expect(WAYS.reduce((sum, way) => sum + counts[way], counts.failed)).toBe(counts.asked);
  return report;
}

/** Without what is zero. */
async function countsOf(
  amounts: readonly number[],
  ask?: Pipeline["decide"],
): Promise<Readonly<Record<string, number>>> {
  const { decisions, openTextCalls } = await waveOf(amounts, ask);
  const [counts] = decisions;
  const { model, ms, ...rest } = counts ?? expect.fail("nothing was asked");
  expect([decisions.length, model, ms >= 0]).toEqual([1, "loan", true]);
  return Object.fromEntries(Object.entries({ ...rest, openTextCalls }).filter(([, count]) => count > 0));
}

it("of an empty cache: what is called, what joins the same facts, and what is equivalent", async () => {
  expect(await countsOf([10, 10, 10])).toEqual({
    asked: 3,
    called: 1,
    joined: 2,
    batches: 1,
    calls: 1,
    openTextCalls: 1,
  });
  expect(await countsOf([8, 9, 12])).toEqual({
    asked: 3,
    called: 2,
    equivalent: 1,
    batches: 1,
    calls: 2,
    openTextCalls: 2,
  });
});

it("of a second request: all is cached, by its own facts or by equivalent ones", async () => {
  await countsOf([8, 12]);
  expect(await countsOf([8, 12])).toEqual({ asked: 2, cached: 1, equivalent: 1, batches: 1 });
  expect(await countsOf([9, 9, 11])).toEqual({ asked: 3, equivalent: 3, batches: 1 });
});

it("of two requests at a time: the second joins what the first one called", async () => {
  await misbehave(sandbox, { latencyMs: 30 });
  const both = await Promise.all([countsOf([10]), countsOf([10])]);
  expect(both).toEqual([
    { asked: 1, called: 1, batches: 1, calls: 1, openTextCalls: 1 },
    { asked: 1, joined: 1, batches: 1 },
  ]);
});

it("of two ticks: a field that asks the same again joins", async () => {
  const wave = createWave();
  const context = { ...request(), wave };
  const ask = (amount: number) => pipeline.decide(context, loan, { amount, country: "DE" }, SUBJECT);
  await ask(10);
  await ask(10);
  await ask(5000);
  expect(wave.report().decisions).toMatchObject([{ asked: 3, joined: 1, called: 2, batches: 2, calls: 2 }]);
});

it("of a service that fails: every field that got an error, and every call with its retries", async () => {
  await misbehave(sandbox, { status: 400 });
  expect(await countsOf([10, 10])).toEqual({ asked: 2, failed: 2, batches: 1, calls: 1, openTextCalls: 1 });
  await misbehave(sandbox, { status: 503 });
  const { calls, ...others } = await countsOf([10]);
  expect(others).toEqual({ asked: 1, failed: 1, batches: 1, openTextCalls: calls });
  expect(calls).toBeGreaterThan(1);
  await behave(sandbox);
});

it("of an endpoint for batches: one call for many evaluations", async () => {
  await sandbox.close();
  sandbox = createOpenTextSandbox({ tables: [loanTable()], batchPath: "/batch", now: () => clock });
  await start(await sandbox.listen(), { batchPath: "/batch" });
  expect(await countsOf([1, 20, 5000])).toEqual({ asked: 3, called: 3, batches: 1, calls: 1, openTextCalls: 1 });
});

it("of a command: its own evaluation, whatever is cached", async () => {
  await countsOf([10]);
  expect(await countsOf([10], pipeline.decideAnew)).toEqual({
    asked: 1,
    called: 1,
    batches: 1,
    calls: 1,
    openTextCalls: 1,
  });
});

it("of tables in the process: nothing is called", async () => {
  await start("", { decisions: "local" });
  expect(await countsOf([10, 10, 12])).toEqual({ asked: 3, local: 1, joined: 1, equivalent: 1, batches: 1 });
  expect(await countsOf([10], pipeline.decideAnew)).toEqual({ asked: 1, local: 1, batches: 1 });
});

it("is not counted where nobody asks for it", () => {
  expect(request().wave).toBeUndefined();
});
