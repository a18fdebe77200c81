/** Processes together stay within an upstream's limit, and leave half of it to those who wait. */
import { randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createBudget } from "../../subgraphs/platform/budget/budget.ts";
import type { Budget } from "../../subgraphs/platform/budget/budget.ts";
import { memoryCounter, redisCounter } from "../../subgraphs/platform/budget/counter.ts";
import type { Counter } from "../../subgraphs/platform/budget/counter.ts";
import { inBackground } from "../../subgraphs/platform/facts/urgency.ts";
import { redisForTests } from "../support/redis.ts";

const log = pino({ enabled: false });
const redis = await redisForTests();
const MINUTE_MS = 60_000;
const START = Date.parse("2026-03-10T12:00:00Z");

const COUNTERS: [string, () => readonly [Counter, Counter]][] = [
  ["one process", () => (([one]) => [one, one] as const)([memoryCounter()] as const)],
];
if (redis) {
  const open = (): Counter => redisCounter({ url: redis.href, log, timeoutMs: 5000 });
  COUNTERS.push(["two processes over Redis", () => [open(), open()]]);
}

describe.each(COUNTERS)("the budget of %s", (_title, open) => {
  const counters = open();
  afterAll(async () => void (await Promise.all([...new Set(counters)].map((counter) => counter.close()))));
  beforeAll(async () => {
    // The connection may take longer than an operation waits.
    const warm = async (): Promise<void> => {
      const window = { name: randomUUID(), index: 1, windowMs: MINUTE_MS };
      await counters[0].add(window, 1);
      if ((await counters[1].add(window, 1)).current !== 2) throw new Error("nothing is shared");
    };
    await vi.waitFor(warm, { timeout: 30_000 });
  });

  function start(requests = 10): { readonly clock: { now: number }; readonly budgets: readonly [Budget, Budget] } {
    const clock = { now: START };
    const name = randomUUID();
    const budget = (counter: Counter): Budget =>
      createBudget({ name, limits: { requests: { requests, windowMs: MINUTE_MS } }, counter, now: () => clock.now });
    return { clock, budgets: [budget(counters[0]), budget(counters[1])] };
  }
  async function takeAll(budgets: readonly Budget[], times: number): Promise<number> {
    let taken = 0;
    for (let index = 0; index < times; index += 1) taken += (await budgets[index % 2]?.take("/x")) === 0 ? 1 : 0;
    return taken;
  }

  it("gives as many calls as the limit allows, and then the time until there is another", async () => {
    const { clock, budgets } = start();
    expect(await takeAll(budgets, 15)).toBe(10);
    expect(await budgets[0].take("/x")).toBe(MINUTE_MS);
    clock.now += MINUTE_MS / 2;
    expect(await budgets[1].take("/x")).toBe(MINUTE_MS / 2);
    // A tenth of the window before has slid out.
    clock.now += MINUTE_MS / 2 + MINUTE_MS / 10;
    expect(await takeAll(budgets, 5)).toBe(1);
    expect(await budgets[0].take("/x")).toBe(MINUTE_MS / 10);
    clock.now += 2 * MINUTE_MS;
    expect(await takeAll(budgets, 15)).toBe(10);
  });

  it("never gives twice the limit in any window, and refuses nobody below it", async () => {
    const { clock, budgets } = start();
    const given: number[] = [];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 30 }), async (gaps) => {
        for (const [index, gap] of gaps.entries()) {
          clock.now += gap;
          if ((await budgets[index % 2]?.take("/x")) === 0) given.push(clock.now);
        }
      }),
      { numRuns: 20 },
    );
    for (const at of given) {
      const within = given.filter((other) => other >= at && other < at + MINUTE_MS).length;
      // The count of the window before is taken to be spread evenly over it.
      expect(within).toBeLessThanOrEqual(20);
    }
    clock.now += 10 * MINUTE_MS;
    for (let elapsed = 0; elapsed < 10 * MINUTE_MS; elapsed += 7000) {
      clock.now += 7000;
      expect(await budgets[0].take("/x")).toBe(0);
    }
  });

  it("leaves half of it to those who wait", async () => {
    const { budgets } = start();
    expect(await inBackground(() => takeAll(budgets, 10))).toBe(5);
    expect(await takeAll(budgets, 10)).toBe(5);
    expect(await inBackground(() => budgets[0].take("/x"))).toBeGreaterThan(0);
  });
});

describe("a budget", () => {
  function start() {
    const clock = { now: START };
    const limits = { requests: { requests: 100, windowMs: 30_000 }, reports: { requests: 2, windowMs: 30_000 } };
    const limitOf = (path: string): string =>
      path.includes("report") ? "reports" : path === "/free" ? "none" : "requests";
    const budget = createBudget({ name: "x", limits, limitOf, counter: memoryCounter(), now: () => clock.now });
    return { clock, budget };
  }
  const saying = (left: number, resetSeconds: number, limit = 100) => ({
    "x-ratelimit-limit": String(limit),
    "x-ratelimit-remaining": String(left),
    "x-ratelimit-reset": String(resetSeconds),
  });

  it("has a limit for each kind of path, and none for others", async () => {
    const { budget } = start();
    expect([await budget.take("/report"), await budget.take("/report")]).toEqual([0, 0]);
    expect(await budget.take("/report")).toBeGreaterThan(0);
    expect(await budget.take("/x")).toBe(0);
    for (let times = 0; times < 200; times += 1) expect(await budget.take("/free")).toBe(0);
  });

  it("believes what the upstream says is left: others use the account too", async () => {
    const { clock, budget } = start();
    budget.answered("/x", saying(2, 10));
    expect([await budget.take("/x"), await budget.take("/x"), await budget.take("/x")]).toEqual([0, 0, 10_000]);
    expect(await inBackground(() => budget.take("/x"))).toBe(10_000);
    clock.now += 10_000;
    expect(await budget.take("/x")).toBe(0);
  });

  it("does not take the limit of a shorter window for its own", async () => {
    const { clock, budget } = start();
    let taken = 0;
    for (let second = 0; second < 60; second += 1) {
      for (let times = 0; times < 2; times += 1) taken += (await budget.take("/x")) === 0 ? 1 : 0;
      budget.answered("/x", saying(7, 1, 10));
      expect(await inBackground(() => budget.take("/x"))).toBe(0);
      clock.now += 1000;
    }
    expect(taken).toBe(120);
  });

  it("takes the lowest of what is said at once, and a limit that was raised", async () => {
    const { budget } = start();
    budget.answered("/report", saying(1, 30, 50));
    budget.answered("/report", saying(40, 30, 50));
    expect([await budget.take("/report"), await budget.take("/report")]).toEqual([0, 30_000]);
  });

  it.each([
    { "x-ratelimit-remaining": "0" },
    { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1773144000" },
    { "x-ratelimit-remaining": "none", "x-ratelimit-reset": "10" },
    { "x-ratelimit-remaining": ["0", "0"], "x-ratelimit-reset": "10" },
    { "x-ratelimit-limit": "0" },
  ])("ignores what it does not understand: %j", async (headers) => {
    const { budget } = start();
    budget.answered("/x", headers);
    budget.answered("/free", headers);
    expect(await budget.take("/x")).toBe(0);
  });

  it("is not held by a clock that was set back", async () => {
    const { clock, budget } = start();
    clock.now += 8 * 3_600_000;
    budget.answered("/x", saying(0, 10));
    expect(await budget.take("/x")).toBe(10_000);
    clock.now -= 8 * 3_600_000;
    expect(await budget.take("/x")).toBe(0);
  });

  it("counts by itself while Redis cannot be reached", async () => {
    const counter = redisCounter({ url: "redis://127.0.0.1:1", log });
    const limits = { requests: { requests: 2, windowMs: 30_000 } };
    const budget = createBudget({ name: "x", limits, counter, now: () => START });
    expect([await budget.take("/x"), await budget.take("/x"), await budget.take("/x")]).toEqual([0, 0, 30_000]);
    await counter.close();
  });
});

describe("what is known of a limit", () => {
  function start() {
    const clock = { now: START };
    const limits = { requests: { requests: 10, windowMs: MINUTE_MS }, reports: { requests: 2, windowMs: MINUTE_MS } };
    const limitOf = (path: string): string => (path === "/report" ? "reports" : "requests");
    const budget = createBudget({ name: "x", limits, limitOf, counter: memoryCounter(), now: () => clock.now });
    const known = () => budget.known().map(({ left, total, fullInMs, agoMs }) => [left, total, fullInMs, agoMs]);
    return { clock, budget, known };
  }

  it("is all of it before anything is sent, limit by limit", async () => {
    const { budget, known } = start();
    expect(budget.known().map(({ name }) => name)).toEqual(["requests", "reports"]);
    expect(known()).toEqual([
      [10, 10, 0, undefined],
      [2, 2, 0, undefined],
    ]);
    await budget.take("/report");
    expect(known()).toEqual([
      [10, 10, 0, undefined],
      [1, 2, 2 * MINUTE_MS, 0],
    ]);
  });

  it("slides with the windows until it is full again", async () => {
    const { clock, budget, known } = start();
    for (let times = 0; times < 10; times += 1) await budget.take("/x");
    expect(await budget.take("/x")).toBeGreaterThan(0);
    expect(known()[0]).toEqual([0, 10, 2 * MINUTE_MS, 0]);
    clock.now += 1.5 * MINUTE_MS;
    expect(known()[0]).toEqual([5, 10, MINUTE_MS / 2, 1.5 * MINUTE_MS]);
    clock.now += MINUTE_MS / 2;
    expect(known()[0]).toEqual([10, 10, 0, 2 * MINUTE_MS]);
  });

  it("is what the upstream says, as long as it holds", async () => {
    const { clock, budget, known } = start();
    await budget.take("/x");
    budget.answered("/x", { "x-ratelimit-remaining": "4", "x-ratelimit-limit": "9", "x-ratelimit-reset": "20" });
    expect(known()[0]).toEqual([4, 9, 20_000, 0]);
    await budget.take("/x");
    clock.now += 5000;
    expect(known()[0]).toEqual([3, 9, 15_000, 5000]);
    clock.now += 15_000;
    expect(known()[0]).toEqual([8, 10, 2 * MINUTE_MS - 20_000, 20_000]);
  });
});
