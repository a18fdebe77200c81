import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Outcome } from "../../subgraphs/pipeline/ask.ts";
import { sharedOutcomes } from "../../subgraphs/pipeline/outcome-store.ts";
import { memoryStore } from "../../subgraphs/platform/store/store.ts";
import type { Store } from "../../subgraphs/platform/store/store.ts";
import { redisForTests } from "../support/redis.ts";

const silent = pino({ enabled: false });
const outcome = (id: string): Outcome => ({
  id,
  model: { key: "loan", version: "1" },
  factsDigest: "d",
  rows: [{ verdict: "ALLOW", reason_code: "C", reason: "R", priority: 1 }],
  verdict: "ALLOW",
  decidedAt: 1,
  expiresAt: 2,
  origin: "SERVICE",
});
const key = (): string => `test:${randomUUID()}`;

const redis = await redisForTests();
const stores: [string, () => Store<Outcome>][] = [["memory", () => memoryStore(50_000)]];
if (redis) stores.push(["Redis", () => sharedOutcomes(redis.href, silent)]);

describe.each(stores)("a store in %s", (_name, open) => {
  const store = open();
  beforeAll(async () => {
    const name = key();
    // The connection may take longer than an operation waits.
    const use = async (): Promise<void> => {
      await store.setMany([{ key: name, value: outcome("first"), ttl: 10_000 }]);
      if ((await store.getMany([name]))[0] === undefined) throw new Error("nothing was stored");
    };
    await vi.waitFor(use, { timeout: 30_000 });
  });
  afterAll(() => store.close());

  it("returns outcomes aligned with the keys, undefined for missing ones", async () => {
    const [a, b, c] = [key(), key(), key()];
    await store.setMany([
      { key: a, value: outcome("a"), ttl: 10_000 },
      { key: c, value: outcome("c"), ttl: 10_000 },
    ]);
    expect(await store.getMany([c, b, a, c])).toEqual([outcome("c"), undefined, outcome("a"), outcome("c")]);
  });

  it("replaces an outcome by a later one", async () => {
    const name = key();
    await store.setMany([{ key: name, value: outcome("old"), ttl: 10_000 }]);
    await store.setMany([{ key: name, value: outcome("new"), ttl: 10_000 }]);
    expect(await store.getMany([name])).toEqual([outcome("new")]);
  });

  it("drops an outcome after its time to live", async () => {
    const name = key();
    await store.setMany([{ key: name, value: outcome("short"), ttl: 1 }]);
    await expect.poll(() => store.getMany([name]), { interval: 2 }).toEqual([undefined]);
  });

  it("accepts an empty batch", async () => {
    expect(await store.getMany([])).toEqual([]);
    await store.setMany([]);
  });

  it("accepts a batch of thousands", async () => {
    const keys = Array.from({ length: 5000 }, key);
    const entries = keys.map((name) => ({ key: name, value: outcome(name), ttl: 10_000 }));
    // A batch may time out on a busy machine.
    const found = async (): Promise<number> => {
      await store.setMany(entries);
      return (await store.getMany(keys)).filter((one, index) => one?.id === keys[index]).length;
    };
    await expect.poll(found, { timeout: 30_000 }).toBe(5000);
  });
});

describe.runIf(redis)("a stored outcome that has no verdict", () => {
  it("is a miss: an older version of the code wrote it", async () => {
    const store = sharedOutcomes(redis?.href ?? "", silent);
    const name = key();
    const { verdict: _verdict, ...older } = outcome("older");
    const find = async (value: Outcome): Promise<string | undefined> => {
      await store.setMany([{ key: name, value, ttl: 10_000 }]);
      return (await store.getMany([name]))[0]?.id;
    };
    // The connection may take longer than an operation waits.
    await expect.poll(() => find(outcome("newer")), { timeout: 30_000 }).toBe("newer");
    expect(await find(older as Outcome)).toBeUndefined();
    await store.close();
  });
});

describe("a store in memory, when full", () => {
  it("drops the least recently used outcome", async () => {
    const store = memoryStore<Outcome>(2);
    const put = (name: string) => store.setMany([{ key: name, value: outcome(name), ttl: 10_000 }]);
    await put("a");
    await put("b");
    await store.getMany(["a"]);
    await put("c");
    expect((await store.getMany(["a", "b", "c"])).map((found) => found?.id)).toEqual(["a", undefined, "c"]);
  });
});

describe("a Redis that fails", () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  /** A server that handles connections by the function. */
  async function fake(onConnection: (socket: Socket) => void): Promise<string> {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      closing.push(() => socket.destroy());
      onConnection(socket);
    });
    closing.push(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it.each([
    ["is down", async () => "redis://127.0.0.1:1"],
    ["accepts connections and does not answer", () => fake(() => {})],
    ["closes connections", () => fake((socket) => socket.destroy())],
    ["answers another protocol", () => fake((socket) => socket.on("data", () => socket.write("HTTP/1.1 400\r\n\r\n")))],
  ])(
    "because it %s returns nothing, stores nothing, and its circuit opens after a few attempts",
    async (_title, url) => {
      const lines: string[] = [];
      const store = sharedOutcomes(await url(), pino({}, { write: (line: string) => lines.push(line) }));
      closing.push(() => void store.close());
      for (let attempt = 0; attempt < 6; attempt += 1)
        expect(await store.getMany(["a", "b"])).toEqual([undefined, undefined]);
      await store.setMany([{ key: "a", value: outcome("a"), ttl: 1000 }]);
      const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
      expect(messages.filter((message) => message.includes("circuit opened"))).toHaveLength(1);
      expect(messages.length).toBeLessThanOrEqual(4);
    },
  );
});
