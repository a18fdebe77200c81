/** What processes tell each other of their last hour, over a Redis; and what becomes of it where that is down. */
import { randomUUID } from "node:crypto";
import { createClient } from "@keyv/redis";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { sharedMinutes, unsharedMinutes } from "../../subgraphs/platform/store/shared-minutes.ts";
import type { SharedMinutes } from "../../subgraphs/platform/store/shared-minutes.ts";
import { NOW } from "../support/now.ts";
import { redisForTests } from "../support/redis.ts";

const redis = await redisForTests();
const MINUTE_MS = 60_000;
const LATER = { timeout: 30_000, interval: 5 };
const log = pino({ enabled: false });
const Counted = z.object({ count: z.number() });
type Counted = z.infer<typeof Counted>;

interface Process extends SharedMinutes<Counted> {
  /** Counts one more in the current minute. */
  count(): void;
}

describe.runIf(redis)("minutes that processes share", () => {
  const open: SharedMinutes<Counted>[] = [];
  const clock = { now: NOW };
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
    clock.now = NOW;
  });

  /** What is not written at once is not written before it closes. */
  function start(group: string, everyMs = 1): Process {
    const minutes = new Map<number, Counted>();
    const shared = sharedMinutes({
      url: redis?.href ?? "",
      group,
      schema: Counted,
      log,
      now: () => clock.now,
      everyMs,
      timeoutMs: LATER.timeout,
    });
    shared.share((since) => [...minutes].filter(([at]) => at >= since));
    open.push(shared);
    return {
      ...shared,
      count() {
        const at = clock.now - (clock.now % MINUTE_MS);
        minutes.set(at, { count: 1 + (minutes.get(at)?.count ?? 0) });
        shared.changed();
      },
    };
  }
  const toldTo = async (one: Process) => (await one.others())?.map(({ at, note }) => [at - NOW, note.count]);

  it("are read by the others, each minute once, and not by the one that counted them", async () => {
    const group = randomUUID();
    const [one, two, three] = [start(group), start(group), start(group)];
    one.count();
    await expect.poll(() => toldTo(two), LATER).toEqual([[0, 1]]);
    one.count();
    one.count();
    await expect.poll(() => toldTo(two), LATER).toEqual([[0, 3]]);
    clock.now += MINUTE_MS;
    one.count();
    three.count();
    await expect
      .poll(async () => (await toldTo(two))?.toSorted(), LATER)
      .toEqual([
        [0, 3],
        [MINUTE_MS, 1],
        [MINUTE_MS, 1],
      ]);
    expect(new Set((await two.others())?.map(({ process }) => process)).size).toBe(2);
    await expect.poll(() => toldTo(one), LATER).toEqual([[MINUTE_MS, 1]]);
  });

  it("are kept after their process has ended, which tells what it had not told", async () => {
    const group = randomUUID();
    const [one, two] = [start(group, 3_600_000), start(group)];
    await expect.poll(() => toldTo(two), LATER).toEqual([]);
    one.count();
    await one.close();
    await expect.poll(() => toldTo(two), LATER).toEqual([[0, 1]]);
    clock.now += 60 * MINUTE_MS;
    await expect.poll(() => toldTo(two), LATER).toEqual([]);
  });

  it("are those of one group alone", async () => {
    const group = randomUUID();
    const [one, other, two] = [start(group), start(randomUUID()), start(group)];
    one.count();
    await expect.poll(() => toldTo(two), LATER).toEqual([[0, 1]]);
    await expect.poll(() => toldTo(other), LATER).toEqual([]);
  });

  it("end with their keys, and are not written while nothing happens", async () => {
    const group = randomUUID();
    const [one, two] = [start(group), start(group)];
    const client = await createClient({ url: redis?.href ?? "" }).connect();
    const keys = (): Promise<string[]> => client.keys(`decibel:activity:{${group}}:*`);
    expect(await keys()).toEqual([]);
    one.count();
    await expect.poll(() => toldTo(two), LATER).toEqual([[0, 1]]);
    const [key = "", ...others] = await keys();
    expect(others).toEqual([]);
    expect(await client.pTTL(key)).toBeGreaterThan(59 * MINUTE_MS);
    // Only what is written makes it again.
    await client.del(key);
    await one.close();
    expect(await keys()).toEqual([]);
    client.destroy();
  });

  it("leave out what another version wrote", async () => {
    const group = randomUUID();
    const [one, two] = [start(group), start(group)];
    one.share(() => [[NOW, { count: "many" } as unknown as Counted]]);
    two.share(() => [[NOW, { count: 2 }]]);
    const three = start(group);
    one.changed();
    two.changed();
    await expect.poll(() => toldTo(three), LATER).toEqual([[0, 2]]);
  });
});

describe("minutes over a Redis that is down", () => {
  it("are not known, and hold up nobody", async () => {
    const lines: string[] = [];
    const shared = sharedMinutes({
      url: "redis://127.0.0.1:1",
      group: "x",
      schema: Counted,
      log: pino({}, { write: (line: string) => lines.push(line) }),
      now: () => NOW,
      everyMs: 1,
    });
    shared.share(() => [[NOW, { count: 1 }]]);
    shared.changed();
    expect(await shared.others()).toBeUndefined();
    await shared.close();
    expect(lines.length).toBeGreaterThan(0);
  });
});

it("minutes without a Redis are of no others", async () => {
  const shared = unsharedMinutes();
  shared.changed();
  expect([await shared.others(), shared.isShared]).toEqual([[], false]);
});
