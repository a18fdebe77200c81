/** Asks of several requests join a question in flight, whatever happens to the rest of its batch. */
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { DecisionError } from "../../subgraphs/pipeline/ask.ts";
import type { Ask, Outcome } from "../../subgraphs/pipeline/ask.ts";
import { cache } from "../../subgraphs/pipeline/cache.ts";
import type { CacheOptions } from "../../subgraphs/pipeline/cache.ts";
import type { Store } from "../../subgraphs/platform/store/store.ts";
import { BY } from "../support/asks.ts";

const NOW = 1_000_000;
const identify = ({ model, facts }: Ask): string => `${model} ${JSON.stringify(facts)}`;
const asked = (number: number): Ask => ({ model: "any", facts: { number }, ...BY });
const outcome = (id: string, expiresAt = NOW + 60_000): Outcome => ({
  id,
  model: { key: "any", version: "1" },
  factsDigest: "d",
  rows: [{ verdict: "ALLOW" }],
  verdict: "ALLOW",
  decidedAt: NOW,
  expiresAt,
  origin: "SERVICE",
});
const failure = new DecisionError("DECISION_UNAVAILABLE", "any", "decision service answered 503", true);
const empty: Store<Outcome> = {
  getMany: async (keys) => keys.map(() => undefined),
  setMany: async () => {},
  close: async () => {},
};
const options = (store: Store<Outcome>): CacheOptions => ({
  store,
  models: new Map(),
  identify,
  identifyByFacts: identify,
  fit: (given) => ({ outcome: given, order: "of the rules" }),
  identifyLast: identify,
  running: () => 1,
  now: () => NOW,
});

describe("a question that was answered before the rest of its batch", () => {
  it("is in flight again after an error, and later asks join that", async () => {
    const written = Promise.withResolvers<void>();
    const anew = Promise.withResolvers<readonly Outcome[]>();
    const calls: (readonly Ask[])[] = [];
    const answers = [Promise.resolve([outcome("one"), failure]), anew.promise];
    const decide = cache(
      (asks) => answers[calls.push(asks) - 1] ?? Promise.resolve([outcome("three")]),
      options({ ...empty, setMany: () => written.promise }),
    );
    expect(await decide([asked(1), asked(2)])).toEqual([outcome("one"), failure]);
    // The first batch is still writing its other answer.
    const second = decide([asked(2)]);
    await expect.poll(() => calls.length).toBe(2);
    written.resolve();
    await setImmediate();
    const third = decide([asked(2)]);
    anew.resolve([outcome("two")]);
    expect([await second, await third]).toEqual([[outcome("two")], [outcome("two")]]);
    expect(calls).toHaveLength(2);
  });
});

describe("a question whose askers go away", () => {
  const opened = () => {
    const asks: Ask[] = [];
    const answers: PromiseWithResolvers<readonly Outcome[]>[] = [];
    const decide = cache((given) => {
      asks.push(...given);
      const answer = Promise.withResolvers<readonly Outcome[]>();
      answers.push(answer);
      return answer.promise;
    }, options(empty));
    return { asks, answers, decide };
  };

  it("is wanted while one of them waits", async () => {
    const { asks, answers, decide } = opened();
    const waiting = [true, true];
    const decided = waiting.map((_waits, index) => decide([{ ...asked(1), isWanted: () => waiting[index] === true }]));
    await expect.poll(() => asks.length).toBe(1);
    waiting[0] = false;
    expect(asks[0]?.isWanted?.()).toBe(true);
    waiting[1] = false;
    expect(asks[0]?.isWanted?.()).toBe(false);
    answers[0]?.resolve([outcome("one")]);
    expect(await Promise.all(decided)).toEqual([[outcome("one")], [outcome("one")]]);
  });

  it("is not joined after all have gone, but asked anew", async () => {
    const { asks, answers, decide } = opened();
    let waits = true;
    const left = decide([{ ...asked(1), isWanted: () => waits }]);
    await expect.poll(() => asks.length).toBe(1);
    waits = false;
    const stayed = decide([asked(1)]);
    await expect.poll(() => asks.length).toBe(2);
    answers[0]?.resolve([outcome("one")]);
    answers[1]?.resolve([outcome("two")]);
    expect([await left, await stayed]).toEqual([[outcome("one")], [outcome("two")]]);
  });
});

describe("an outcome in the store", () => {
  const MINUTE_MS = 60_000;
  it.each([
    ["of now", 0, true],
    ["of a process whose clock is a little ahead", MINUTE_MS, true],
    ["from the future", MINUTE_MS + 1, false],
    ["from eight hours ahead", 8 * 60 * MINUTE_MS, false],
    ["that is too old", -10 * MINUTE_MS, false],
  ])("%s is the answer: %s", async (_which, aheadMs, isAnswer) => {
    const decidedAt = NOW + aheadMs;
    const stored = { ...outcome("stored", decidedAt + 10 * MINUTE_MS), decidedAt };
    const store = { ...empty, getMany: async (keys: readonly string[]) => keys.map(() => stored) };
    const decide = cache(async () => [outcome("new")], options(store));
    expect(await decide([asked(1)])).toMatchObject([{ id: isAnswer ? "stored" : "new" }]);
  });
});
