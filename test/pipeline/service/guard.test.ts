/** Edge cases of calling the service: a clock that is set, inconclusive probes, many waiting calls. */
import { BrokenCircuitError } from "cockatiel";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BatchTimeoutError } from "../../../subgraphs/pipeline/service/deadline.ts";
import { createGuard } from "../../../subgraphs/pipeline/service/guard.ts";
import type { Guard, GuardOptions } from "../../../subgraphs/pipeline/service/guard.ts";
import { QueueFullError } from "../../../subgraphs/pipeline/service/scheduler.ts";
import { PatienceError } from "../../../subgraphs/platform/patience.ts";
import { UpstreamError } from "../../../subgraphs/platform/upstream-error.ts";
import { DAY_MS } from "../../support/times.ts";

const RECOVERY_MS = 1000;
const failed = new UpstreamError("opentext", "STATUS", "it answered 500", { status: 500 });
const unreachable = new UpstreamError("opentext", "TIMEOUT", "no answer");

/** Monotonic. */
let clock: number;
beforeEach(() => {
  clock = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

const guarded = (options: Partial<GuardOptions> = {}): Guard =>
  createGuard({
    concurrency: 100,
    queueLimit: 1000,
    batchTimeoutMs: 60_000,
    recoveryMs: RECOVERY_MS,
    log: pino({ enabled: false }),
    now: () => clock,
    random: () => 0,
    ...options,
  });
const answered = async (): Promise<string> => "answered";

async function breakService(guard: Guard): Promise<void> {
  for (let count = 0; count < 10; count += 1) {
    await guard
      .batch()
      .run("any", () => Promise.reject(unreachable))
      .catch(() => {});
  }
  expect(guard.breakers().get("service")).toBe("open");
}

describe("an open circuit", () => {
  it("is probed after its recovery time, whatever the system clock is set to", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const guard = guarded();
    await breakService(guard);
    vi.setSystemTime(Date.now() + DAY_MS);
    await expect(guard.batch().run("any", answered)).rejects.toThrow(BrokenCircuitError);
    vi.setSystemTime(Date.now() - 2 * DAY_MS);
    clock += RECOVERY_MS;
    expect(await guard.batch().run("any", answered)).toBe("answered");
    expect(guard.breakers().get("service")).toBe("closed");
  });

  it("stays open if the probe was not made, because the circuit of its model is open too", async () => {
    const guard = guarded();
    const late = Promise.withResolvers<never>();
    const failing = Array.from({ length: 60 }, () => guard.batch().run("broken", () => late.promise));
    await breakService(guard);
    clock += RECOVERY_MS / 2;
    late.reject(failed);
    await Promise.allSettled(failing);
    expect(guard.breakers().get("broken")).toBe("open");

    clock += RECOVERY_MS / 2;
    await expect(guard.batch().run("broken", answered)).rejects.toThrow(BrokenCircuitError);
    const together = await guard.batch().batchCalls?.run([{ key: "broken" }], async () => ["answered"]);
    expect([...(together?.values() ?? [])]).toEqual([new BrokenCircuitError()]);
    expect(guard.breakers().get("service")).toBe("open");

    clock += RECOVERY_MS;
    expect(await guard.batch().run("other", answered)).toBe("answered");
    expect(guard.breakers().get("service")).toBe("closed");
  });

  it("stays open if the probe was aborted", async () => {
    const guard = guarded({ batchTimeoutMs: 20 });
    await breakService(guard);
    clock += RECOVERY_MS;
    await expect(guard.batch().run("any", abortedBy)).rejects.toThrow(BatchTimeoutError);
    expect(guard.breakers().get("service")).toBe("open");
  });

  it("closes on a 429 or a 400 to the probe", async () => {
    for (const status of [429, 400]) {
      const guard = guarded();
      await breakService(guard);
      clock += RECOVERY_MS;
      const refusal = new UpstreamError("opentext", "STATUS", `it answered ${status}`, {
        status,
        retryAfterMs: DAY_MS,
      });
      await expect(guard.batch().run("any", () => Promise.reject(refusal))).rejects.toBe(refusal);
      expect(guard.breakers().get("service")).toBe("closed");
    }
  });

  it("makes no call wait for the probe beyond its deadline", async () => {
    const guard = guarded({ batchTimeoutMs: 20 });
    await breakService(guard);
    clock += RECOVERY_MS;
    const never = Promise.withResolvers<never>();
    const trying = guard.batch().run("any", () => never.promise);
    const waiting = guard.batch();
    const together = waiting.batchCalls?.run([{ key: "any" }], async () => ["answered"]);
    const results = await Promise.allSettled([trying, waiting.run("any", answered)]);
    const late = { reason: expect.any(BatchTimeoutError) };
    expect(results).toMatchObject([late, late]);
    expect([...((await together)?.values() ?? [])]).toEqual([expect.any(BatchTimeoutError)]);
  });

  it("limits the calls that wait for the probe like the queue", async () => {
    const guard = guarded({ concurrency: 2, queueLimit: 3 });
    await breakService(guard);
    clock += RECOVERY_MS;
    const trial = Promise.withResolvers<string>();
    const batch = guard.batch();
    const all = [batch.run("any", () => trial.promise), ...Array.from({ length: 9 }, () => batch.run("any", answered))];
    const refused = all.slice(5).map((work) => expect(work).rejects.toThrow(QueueFullError));
    await Promise.all(refused);
    trial.resolve("answered");
    expect(await Promise.all(all.slice(0, 5))).toEqual(Array(5).fill("answered"));
    // They freed their places.
    expect(await Promise.all(Array.from({ length: 5 }, () => batch.run("any", answered)))).toHaveLength(5);
  });
});

describe("patience that the service asked for", () => {
  const busyFor = (ms: number) =>
    new UpstreamError("opentext", "STATUS", "it answered 429", { status: 429, retryAfterMs: ms });

  it("lasts as long as it said, at most a day, and every call fails at once with the rest of it", async () => {
    const guard = guarded();
    const busy = busyFor(30 * DAY_MS);
    await expect(guard.batch().run("any", () => Promise.reject(busy))).rejects.toBe(busy);
    clock += DAY_MS - 120_000;
    let calls = 0;
    const call = async () => (calls += 1);
    const late = { status: 429, retryAfterMs: 120_000, retryable: true };
    await expect(guard.batch().run("any", call)).rejects.toMatchObject(late);
    const together = await guard.batch().batchCalls?.run([{ key: "any" }], async () => ["answered"]);
    expect([...(together?.values() ?? [])]).toMatchObject([late]);
    await expect(guard.background(new AbortController().signal).run("any", call)).rejects.toThrow(QueueFullError);
    expect(calls).toBe(0);
    clock += 120_000;
    expect(await guard.batch().run("any", answered)).toBe("answered");
  });

  it("is no probe of an open circuit, which says when to come back too", async () => {
    const guard = guarded();
    const late = Promise.withResolvers<never>();
    const failing = guard.batch().run("any", () => late.promise);
    await breakService(guard);
    late.reject(busyFor(DAY_MS));
    await expect(failing).rejects.toThrow("it answered 429");
    clock += RECOVERY_MS;
    await expect(guard.batch().run("any", answered)).rejects.toThrow(PatienceError);
    expect(guard.breakers().get("service")).toBe("open");
    clock += DAY_MS;
    expect(await guard.batch().run("any", answered)).toBe("answered");
  });

  it("refuses at once what waits already and would be too late", async () => {
    const guard = guarded({ concurrency: 1 });
    const first = Promise.withResolvers<never>();
    const batch = guard.batch();
    const all = [batch.run("any", () => first.promise), batch.run("any", answered), guard.batch().run("any", answered)];
    first.reject(busyFor(DAY_MS));
    expect(await Promise.allSettled(all)).toMatchObject(
      Array.from({ length: 3 }, () => ({ reason: { status: 429, retryAfterMs: DAY_MS } })),
    );
    expect([guard.scheduler.waiting, guard.scheduler.working]).toEqual([0, 0]);
  });
});

/** A call that never answers. */
function abortedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new UpstreamError("opentext", "ABORTED", "the caller gave up")));
  });
}
