/** When a subject that is watched is asked for again, and who is told. */
import { setImmediate } from "node:timers/promises";
import { GraphQLError } from "graphql";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { subjectOf } from "../../../gateway/live/subjects.ts";
import type { Answered, Decided } from "../../../gateway/live/verdicts.ts";
import { createWatches } from "../../../gateway/live/watches.ts";
import type { Verdict } from "../../../schema/verdict.ts";
import { locationId } from "../../../schema/id.ts";
import { createEventStream } from "../../../subgraphs/platform/events.ts";
import { NOW } from "../../support/now.ts";

const ID = locationId.encode("1");
const SUBJECT = subjectOf(ID, undefined);

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

function start() {
  const events = createEventStream();
  const time = { now: NOW, elapsed: 0 };
  const asked = { count: 0, answer: decided("ALLOW") as Answered };
  const watches = createWatches({
    events,
    read: async (subjects) => {
      asked.count += 1;
      return new Map(subjects.map((subject) => [subject, asked.answer]));
    },
    log: pino({ enabled: false }),
    now: () => time.now,
    elapsed: () => time.elapsed,
  });
  return {
    asked,
    time,
    watch: (knows: Verdict | null) => {
      const told = { count: 0, knows };
      const watching = watches.watch(SUBJECT, { verdict: () => told.knows, changed: () => void (told.count += 1) });
      return { told, watching };
    },
    change: async () => {
      events.publish({ kind: "factsChanged", subject: ID });
      await settled();
    },
    pass: async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 1000) {
        time.elapsed += 1000;
        vi.advanceTimersByTime(1000);
        await settled();
      }
    },
  };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
}

function decided(verdict: Verdict): Decided {
  const model = { key: "location_playback", version: "1" };
  return { id: "e", verdict, eligible: true, decidedAt: "", expiresAt: null, model, reasons: [] };
}

it("is told to who knows another verdict, each time until they have read it", async () => {
  const { asked, watch, change } = start();
  const [current, behind] = [watch("DENY"), watch("ALLOW")];
  asked.answer = decided("DENY");
  await change();
  await change();
  expect([current.told.count, behind.told.count]).toEqual([0, 2]);
  behind.told.knows = "DENY";
  await change();
  expect(behind.told.count).toBe(2);
});

it("is asked for once, however many could not read it", async () => {
  const { asked, watch, pass } = start();
  const all = Array.from({ length: 100 }, () => watch(null));
  for (const { watching } of all) watching.failed();
  await pass(2000);
  expect(asked.count).toBe(1);
  expect(all.map(({ told }) => told.count)).toEqual(all.map(() => 1));
});

it("is asked for less and less often while there is no answer", async () => {
  const { asked, watch, change, pass } = start();
  const { told } = watch("ALLOW");
  asked.answer = new GraphQLError("no answer");
  await change();
  await pass(120_000);
  // At first, and after 2, 6, 14, 30, 60, 90 and 120 seconds.
  expect(asked.count).toBe(8);
  asked.answer = decided("DENY");
  await pass(30_000);
  expect(told.count).toBe(1);
});

it("is asked for once a minute, though the system's clock is set back", async () => {
  const { asked, time, watch, pass } = start();
  watch("ALLOW");
  time.now -= 86_400_000;
  await pass(61_000);
  expect(asked.count).toBe(1);
});

it("is asked for when its decision expires, and not at each look if it stays expired", async () => {
  const { asked, time, watch, pass } = start();
  const { watching } = watch("ALLOW");
  asked.answer = { ...decided("ALLOW"), expiresAt: new Date(NOW + 10_000) };
  watching.learn(asked.answer);
  await pass(9000);
  expect(asked.count).toBe(0);
  time.now += 11_000;
  await pass(10_000);
  expect(asked.count).toBe(5);
});
