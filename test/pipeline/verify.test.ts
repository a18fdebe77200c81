/**
 * Verification: how answers that were not given by the service are compared with it. Over 200 lines, because all tests
 * share one set-up.
 */
import { BrokenCircuitError } from "cockatiel";
import { afterEach, describe, expect, it } from "vitest";
import { DecisionError } from "../../subgraphs/pipeline/ask.ts";
import type { Ask, Outcome } from "../../subgraphs/pipeline/ask.ts";
import { createGuard } from "../../subgraphs/pipeline/service/guard.ts";
import { createMetrics } from "../../subgraphs/pipeline/metrics.ts";
import { createPipeline } from "../../subgraphs/pipeline/pipeline.ts";
import type { OpenTextAccount } from "../../subgraphs/pipeline/opentext/account.ts";
import type { Pipeline, PipelineOptions } from "../../subgraphs/pipeline/pipeline.ts";
import { createVerification } from "../../subgraphs/pipeline/verify.ts";
import type { VerificationOptions } from "../../subgraphs/pipeline/verify.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { Faults } from "../../subgraphs/sandbox/sandbox.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import { BY, SUBJECT } from "../support/asks.ts";
import { NOW } from "../support/decibel.ts";
import { SILENT, accountAt, loan, loanTable, readableLog, request, samplesOf } from "../support/loans.ts";
import { misbehave } from "../support/sandbox-control.ts";

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).toReversed()) await part.close();
});

/** A pipeline over a sandbox that verifies all answers. */
async function verifying(options: Partial<PipelineOptions> = {}, account: Partial<OpenTextAccount> = {}) {
  const sandbox = createOpenTextSandbox({ tables: [loanTable()], now: () => NOW });
  open.push(sandbox);
  const origin = await sandbox.listen();
  const { log, lines } = readableLog();
  const metrics = createMetrics();
  const pipeline: Pipeline = createPipeline({
    verifyShare: 1,
    declared: [{ decisions: [loan], tables: [loanTable()] }],
    log,
    metrics,
    now: () => NOW,
    account: accountAt(origin, account),
    ...options,
  });
  open.push(pipeline);
  await pipeline.start();
  await pipeline.versions.refresh();

  const calls = async () => (await sandbox.app.inject("/sandbox/calls")).json();
  /** In one request: amounts up to 1,000 match the same rules. */
  const ask = (...amounts: number[]) => {
    const context = request();
    return Promise.all(amounts.map((amount) => pipeline.decide(context, loan, { amount, country: "DE" }, SUBJECT)));
  };
  return {
    sandbox,
    pipeline,
    lines,
    /** `SERVICE ALLOW` each. */
    origins: async (...amounts: number[]) =>
      (await ask(...amounts)).map(({ origin, verdict }) => `${origin} ${verdict}`),
    verified: async () => {
      const samples = await samplesOf(metrics.registry, "decibel_verifications_total");
      return Object.fromEntries(
        Object.entries(samples).map(([labels, count]) => [/result="(\w+)"/.exec(labels)?.[1], count]),
      );
    },
    trust: () => pipeline.trust.of("loan"),
    distrusted: () => samplesOf(metrics.registry, "decibel_model_distrusted"),
    executes: async (): Promise<number> => (await calls()).executes,
    /** Of every evaluation so far. */
    amounts: async (): Promise<number[]> =>
      (await calls()).recent.flatMap(({ inputs }: { inputs?: Record<string, number> }) => inputs?.["amount"] ?? []),
    misbehave: (faults: Faults) => misbehave(sandbox, faults),
  };
}

describe("an equivalent answer", () => {
  it("is verified with its own facts, and nothing changes if the service agrees", async () => {
    const { origins, verified, executes, lines } = await verifying();
    expect(await origins(8, 10, 9)).toEqual(["SERVICE ALLOW", "SERVICE ALLOW", "EQUIVALENT ALLOW"]);
    await expect.poll(verified, { interval: 5 }).toEqual({ agreed: 1 });
    expect(await executes()).toBe(3);
    expect(await origins(8.5)).toEqual(["EQUIVALENT ALLOW"]);
    await expect.poll(verified, { interval: 5 }).toEqual({ agreed: 2 });
    expect([await executes(), lines]).toEqual([4, []]);
  });

  it("is verified, unlike answers of the service or the cache to the same facts", async () => {
    const { origins, verified, executes } = await verifying();
    expect([await origins(1), await origins(1)]).toEqual([["SERVICE ALLOW"], ["CACHE ALLOW"]]);
    expect([await executes(), await verified()]).toEqual([1, {}]);
  });

  it("is verified at random, as often as the share says", async () => {
    const draws = [0.24, 0.25, 0.9, 0];
    const { origins, verified, executes } = await verifying({ verifyShare: 0.25, random: () => draws.shift() ?? 1 });
    await origins(8, 9, 10, 11, 12, 13);
    expect(draws).toEqual([]);
    await expect.poll(verified, { interval: 5 }).toEqual({ agreed: 2 });
    expect(await executes()).toBe(4);
  });

  it("ends equivalence where verification finds that another table was deployed", async () => {
    const { sandbox, origins, verified, trust } = await verifying();
    await origins(512, 900);
    sandbox.deploy(loanTable({ above: 700 }));
    expect(await origins(800)).toEqual(["EQUIVALENT ALLOW"]);
    await expect.poll(verified, { interval: 5 }).toEqual({ disagreed: 1 });
    expect(trust()).toMatchObject({ state: "DISTRUSTED", agreed: 2, disagreed: 1 });
    expect(await origins(800)).toEqual(["SERVICE REVIEW"]);
  });
});

describe("an error of verification", () => {
  it.each<Faults>([{ status: 500 }, { rows: "empty" }, { body: "malformed" }])("is ignored: %j", async (faults) => {
    const { origins, verified, distrusted, executes, misbehave, lines } = await verifying();
    await origins(8, 10);
    await misbehave(faults);
    expect(await origins(9)).toEqual(["EQUIVALENT ALLOW"]);
    await expect.poll(verified, { interval: 5 }).toEqual({ failed: 1 });
    // There is no retry: nothing waits for it.
    expect([await distrusted(), await executes(), lines]).toEqual([{ 'model="loan"': 0 }, 3, []]);
  });
});

describe("verification", () => {
  it("does not delay answers, and is aborted when the pipeline closes", async () => {
    const { pipeline, origins, misbehave } = await verifying({}, { timeoutMs: 600_000, batchTimeoutMs: 600_000 });
    await origins(8, 10);
    await misbehave({ latencyMs: 600_000 });
    expect(await origins(9)).toEqual(["EQUIVALENT ALLOW"]);
    await expect.poll(() => pipeline.scheduler.working, { interval: 5 }).toBe(1);
    await pipeline.close();
    expect(pipeline.scheduler.working).toBe(0);
  });

  const outcome: Outcome = {
    id: "1",
    model: { key: "loan", version: "1" },
    factsDigest: "",
    rows: [{ verdict: "ALLOW", reason_code: "CLEAR", reason: "Nothing objects" }],
    verdict: "ALLOW",
    decidedAt: NOW,
    expiresAt: NOW,
    origin: "SERVICE",
  };
  function counting(options: Partial<VerificationOptions> = {}) {
    const asked: Ask[] = [];
    const results: string[] = [];
    const made = createVerification({
      share: 1,
      ask: async (ask, signal) => {
        asked.push(ask);
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        return new DecisionError("DECISION_UNAVAILABLE", "loan", "given up", true);
      },
      scheduler: { hasSpare: true },
      trust: { trusts: () => true },
      log: SILENT,
      metrics: { verified: (_model, result) => results.push(result) },
      ...options,
    });
    const consider = (amount: number, given = outcome) =>
      made.consider({ model: "loan", facts: { amount }, ...BY }, given);
    return { asked, results, consider, close: () => made.close() };
  }

  it("runs at most two evaluations at once", async () => {
    const { asked, results, consider, close } = counting();
    for (const amount of [1, 2, 3, 4]) consider(amount);
    expect([asked.map(({ facts }) => facts["amount"]), results]).toEqual([
      [1, 2],
      ["skipped", "skipped"],
    ]);
    await close();
    expect(results).toEqual(["skipped", "skipped", "failed", "failed"]);
  });

  it("is skipped without spare capacity", () => {
    const { asked, results, consider } = counting({ scheduler: { hasSpare: false } });
    consider(1);
    expect([asked, results]).toEqual([[], ["skipped"]]);
  });

  it("makes no evaluation after it was closed", async () => {
    const { asked, results, consider, close } = counting();
    await close();
    consider(1);
    expect([asked, results]).toEqual([[], []]);
  });

  it.each([
    ["the table is not trusted", { trust: { trusts: () => false } }],
    ["the share is 0", { share: 0, random: () => 0 }],
  ])("makes no evaluation if %s", (_where, options: Partial<VerificationOptions>) => {
    const { asked, results, consider } = counting(options);
    consider(1);
    expect([asked, results]).toEqual([[], []]);
  });

  it("logs a bug, and goes on", async () => {
    const { log, lines } = readableLog();
    const { results, consider, close } = counting({ ask: () => Promise.reject(new Error("bug")), log });
    consider(1);
    await close();
    expect(results).toEqual(["failed"]);
    expect(lines).toMatchObject([{ level: 50, decision: "loan", msg: "unexpected error while verifying" }]);
  });

  it("does not probe an open circuit", async () => {
    const options = { concurrency: 4, queueLimit: 10, batchTimeoutMs: 1000, recoveryMs: 0, log: SILENT };
    const guard = createGuard({ ...options, random: () => 0 });
    const gone = new UpstreamError("opentext", "TIMEOUT", "no answer");
    const none = guard.batch();
    await Promise.allSettled(Array.from({ length: 10 }, () => none.run("loan", () => Promise.reject(gone))));
    expect(guard.breakers().get("service")).toBe("open");
    const back = Promise.withResolvers<string>();
    const trying = guard.batch().run("loan", () => back.promise);
    expect(guard.breakers().get("service")).toBe("half open");
    let calls = 0;
    const spare = guard.background(new AbortController().signal);
    await expect(spare.run("loan", async () => (calls += 1))).rejects.toThrow(BrokenCircuitError);
    back.resolve("answered");
    expect([await trying, guard.breakers().get("service"), calls]).toEqual(["answered", "closed", 0]);
    expect(await spare.run("loan", async () => (calls += 1))).toBe(1);
  });

  it("is skipped at the rate limit: requests come first", async () => {
    const { origins, verified, executes } = await verifying({}, { requestsPerSecond: 2 });
    expect(await origins(8, 10, 9)).toEqual(["SERVICE ALLOW", "SERVICE ALLOW", "EQUIVALENT ALLOW"]);
    expect([await verified(), await executes()]).toEqual([{ skipped: 1 }, 2]);
  });
});

describe("a local answer", () => {
  it("is verified too, and its model is decided by the service after a disagreement", async () => {
    const { sandbox, origins, verified, executes, lines } = await verifying({ decisions: "local" });
    expect(await origins(1)).toEqual(["LOCAL ALLOW"]);
    await expect.poll(verified, { interval: 5 }).toEqual({ agreed: 1 });
    sandbox.deploy(loanTable({ above: 500 }));
    expect(await origins(600)).toEqual(["LOCAL ALLOW"]);
    await expect.poll(verified, { interval: 5 }).toEqual({ agreed: 1, disagreed: 1 });
    await expect
      .poll(() => lines, { interval: 5 })
      .toMatchObject([
        {
          decision: "loan",
          version: "1",
          msg: "decision service disagrees with the table here: it decides alone while this version runs",
        },
      ]);
    expect(await origins(600, 601, 1)).toEqual(["SERVICE REVIEW", "SERVICE REVIEW", "SERVICE ALLOW"]);
    expect(await executes()).toBe(5);
  });

  it("is not given after a disagreement, even while the service is down", async () => {
    const { sandbox, origins, verified, misbehave } = await verifying({ decisions: "local" });
    sandbox.deploy(loanTable({ above: 500 }));
    await origins(600);
    await expect.poll(verified, { interval: 5 }).toEqual({ disagreed: 1 });
    await misbehave({ status: 503 });
    await expect(origins(600)).rejects.toMatchObject({ code: "DECISION_UNAVAILABLE" });
  });

  it("is verified whatever number the running version has", async () => {
    const { sandbox, pipeline, origins, verified, trust } = await verifying({ decisions: "local" });
    sandbox.deploy(loanTable({ version: 2 }));
    await pipeline.versions.refresh();
    expect(await origins(600)).toEqual(["LOCAL ALLOW"]);
    await expect.poll(verified, { interval: 5 }).toEqual({ agreed: 1 });
    expect(trust()).toMatchObject({ state: "TRUSTED", agreed: 1 });
  });
});
