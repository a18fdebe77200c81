/** Whether it costs an attempt to come back when an upstream has asked for it. */
import { expect, it } from "vitest";
import { waitAsked } from "../../subgraphs/records/outbox/asked.ts";
import type { Marks } from "../../subgraphs/records/outbox/marks.ts";
import { DAY_MS } from "../support/times.ts";

/** The waits of a job whose upstream always asks for so many milliseconds. */
async function waits(askedMs: number, howMany: number, job: { retryDelay: number; retryDelayMax?: number }) {
  let [now, times, retryCount] = [0, 0, 0];
  const marks: Marks = {
    ageMs: async () => now,
    count: async () => (times += 1),
    forget: async () => {},
  };
  const found: string[] = [];
  while (found.length < howMany) {
    const { ms, isCounted } = await waitAsked(askedMs, { ...job, retryCount }, marks, () => 1);
    found.push(`${ms / 1000}${isCounted ? " counted" : ""}`);
    now += ms;
    if (isCounted) retryCount += 1;
  }
  return found;
}

it("is an ordinary retry if that is before the outbox would come back", async () => {
  expect(await waits(1000, 4, { retryDelay: 1, retryDelayMax: 300 })).toEqual([
    "1 counted",
    "4 counted",
    "16 counted",
    "64 counted",
  ]);
});

it("costs nothing as long as that is later, and then it is an ordinary retry", async () => {
  expect(await waits(5000, 6, { retryDelay: 1, retryDelayMax: 300 })).toEqual([
    "5",
    "5",
    "5",
    "8 counted",
    "32 counted",
    "128 counted",
  ]);
});

it("costs nothing for a day", async () => {
  const found = await waits(7_200_000, 15, { retryDelay: 1, retryDelayMax: 300 });
  expect(found).toEqual([
    ...Array.from({ length: 12 }, () => "7200"),
    ...Array.from({ length: 3 }, () => "7200 counted"),
  ]);
  expect(await waits(DAY_MS, 2, { retryDelay: 1, retryDelayMax: 300 })).toEqual(["86400", "86400 counted"]);
});

it("waits also in a queue without delays", async () => {
  expect(await waits(2000, 3, { retryDelay: 0 })).toEqual(["2", "2 counted", "8 counted"]);
});

it("does not come back before, and not all at once", async () => {
  const marks: Marks = { ageMs: async () => 0, count: async () => 1, forget: async () => {} };
  const job = { retryCount: 5, retryDelay: 1, retryDelayMax: 300 };
  expect(await waitAsked(1000, job, marks, () => 0)).toEqual({ ms: 16_000, isCounted: true });
  expect(await waitAsked(30_000, job, marks, () => 0)).toEqual({ ms: 30_000, isCounted: true });
});
