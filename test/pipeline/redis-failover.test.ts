/** A Redis that fails over, is a cluster, or refuses: what the shared cache does, and what it says. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Outcome } from "../../subgraphs/pipeline/ask.ts";
import { layeredStore } from "../../subgraphs/pipeline/layered-store.ts";
import { sharedOutcomes } from "../../subgraphs/pipeline/outcome-store.ts";
import { memoryStore } from "../../subgraphs/platform/store/store.ts";
import type { Store } from "../../subgraphs/platform/store/store.ts";
import { SILENT, readableLog } from "../support/loans.ts";
import { freePort } from "../support/programs.ts";
import {
  LINKED,
  hasRedisServer,
  startRedisCluster,
  startRedisServer,
  startTlsRedis,
  until,
} from "../support/redis-server.ts";
import type { RedisCluster, RedisServer } from "../support/redis-server.ts";
import { openSwitch } from "../support/switch.ts";

const outcome = (id: string, decidedAt = 1, expiresAt = 2): Outcome => ({
  id,
  model: { key: "loan", version: "1" },
  factsDigest: "d",
  rows: [{ verdict: "ALLOW", reason_code: "C", reason: "R", priority: 1 }],
  verdict: "ALLOW",
  decidedAt,
  expiresAt,
  origin: "SERVICE",
});

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function open(url: string, log = SILENT): Store<Outcome> {
  const store = sharedOutcomes(url, log);
  cleanups.push(() => store.close());
  return store;
}

/** How many of so many new outcomes are read as they were written. */
async function shared(store: Store<Outcome>, count: number): Promise<number> {
  const keys = Array.from({ length: count }, () => randomUUID());
  await store.setMany(keys.map((key) => ({ key, value: outcome(key), ttl: 60_000 })));
  return (await store.getMany(keys)).filter((found, index) => found?.id === keys[index]).length;
}

const PATIENCE = { timeout: 30_000, interval: 50 };
/** As long as Redis tries a failover that was asked for, and a little. */
const FAILOVER_MS = 6000;

describe.runIf(hasRedisServer)("a Redis that fails over", { timeout: 30_000 }, () => {
  let primary: RedisServer;
  let replica: RedisServer;
  beforeAll(async () => {
    primary = await startRedisServer();
    replica = await startRedisServer({ replicaof: `127.0.0.1 ${primary.port}` });
    await until(replica, ["info", "replication"], LINKED);
  });
  afterAll(async () => void (await Promise.all([primary.stop(), replica.stop()])));

  it("is written to again, once the address of a connection to a replica leads to the primary", async () => {
    const address = await openSwitch(replica.port);
    cleanups.push(() => address.close());
    const { log, lines } = readableLog();
    const store = open(`redis://127.0.0.1:${address.port}`, log);
    await expect
      .poll(async () => {
        await shared(store, 3);
        return lines.map(({ err }) => String((err as Error | undefined)?.message));
      }, PATIENCE)
      .toContainEqual(expect.stringMatching(/^READONLY /));
    address.to(primary.port);
    // Nobody cuts the connection to the replica.
    await expect.poll(() => shared(store, 3), PATIENCE).toBe(3);
  });

  it("is read again, once the address of a connection to a replica without a primary leads to the new one", async () => {
    const alone = await startRedisServer({
      replicaof: `127.0.0.1 ${await freePort()}`,
      "replica-serve-stale-data": "no",
    });
    cleanups.push(() => alone.stop());
    const address = await openSwitch(alone.port);
    cleanups.push(() => address.close());
    const { log, lines } = readableLog();
    const store = open(`redis://127.0.0.1:${address.port}`, log);
    await expect
      .poll(async () => {
        await store.getMany([randomUUID()]);
        return lines.map(({ err }) => String((err as Error | undefined)?.message));
      }, PATIENCE)
      .toContainEqual(expect.stringMatching(/^MASTERDOWN /));
    address.to(primary.port);
    await expect.poll(() => shared(store, 3), PATIENCE).toBe(3);
  });
});

describe.runIf(hasRedisServer)("a Redis Cluster", { timeout: 60_000 }, () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster({ requirepass: "s3cret", masterauth: "s3cret" });
  });
  afterAll(() => cluster.stop());

  it("keeps the outcomes of all its nodes, with the credentials of the URL, also after a failover", async () => {
    const [first, second, replica] = cluster.nodes;
    const store = open(`redis://:s3cret@127.0.0.1:${second.port}`);
    await expect.poll(() => shared(store, 50), PATIENCE).toBe(50);
    const other = open(`redis://:s3cret@127.0.0.1:${first.port}`);
    await expect.poll(() => shared(other, 50), PATIENCE).toBe(50);
    const sizes = await Promise.all([first, second].map((node) => node.command("dbsize")));
    expect(sizes.map(Number).every((size) => size > 10)).toBe(true);

    let askedAt = Number.NEGATIVE_INFINITY;
    const failover = async (): Promise<string> => {
      // On a busy machine the other nodes may not vote in time: then it has to be asked for again.
      if (performance.now() - askedAt > FAILOVER_MS) {
        askedAt = performance.now();
        await replica.command("cluster", "failover").catch(String);
      }
      return first.command("info", "replication");
    };
    await expect.poll(failover, { timeout: 40_000, interval: 100 }).toContain("role:slave");
    await expect.poll(() => shared(store, 50), PATIENCE).toBe(50);
  });

  it("is found again by the nodes that are left, when the one in the URL has gone", async () => {
    const [first, , replica] = cluster.nodes;
    const store = open(`redis://:s3cret@127.0.0.1:${replica.port}`);
    await expect.poll(() => shared(store, 50), PATIENCE).toBe(50);
    await replica.program.stop();
    await expect.poll(() => first.command("cluster", "failover", "takeover").catch(String), PATIENCE).toBe("OK");
    await expect.poll(() => shared(store, 50), { timeout: 30_000, interval: 100 }).toBe(50);
  });
});

describe.runIf(hasRedisServer)("a Redis that refuses", { timeout: 30_000 }, () => {
  const guarded = async (password: string) => {
    const server = await startRedisServer({ requirepass: "s3cret" });
    return { url: `redis://${password}127.0.0.1:${server.port}`, stop: () => server.stop() };
  };

  it.each([
    ["a missing password", () => guarded(""), /^NOAUTH /],
    ["a wrong password", () => guarded(":wrong@"), /^WRONGPASS /],
    ["a certificate of an unknown authority", startTlsRedis, /^self-signed certificate/],
    ["every connection", async () => ({ url: "redis://127.0.0.1:1", stop: async () => {} }), /^connect ECONNREFUSED/],
  ])("%s is said in its own words, once", async (_what, start, words) => {
    const server = await start();
    cleanups.push(() => server.stop());
    const { log, lines } = readableLog();
    const store = open(server.url, log);
    const own = (): readonly string[] =>
      lines
        .flatMap(({ err }) => (err === undefined ? [] : [(err as Error).message]))
        .filter((reason) => words.test(reason));
    const attempt = async (): Promise<number> => {
      await shared(store, 2);
      return own().length;
    };
    // A busy machine may be slower than an operation waits.
    await expect.poll(attempt, PATIENCE).toBeGreaterThan(0);
    for (let time = 0; time < 8; time += 1) await attempt();
    // An operation of each kind says it.
    expect(own().length).toBeLessThanOrEqual(2);
  });
});

describe("a shared store behind memory", () => {
  const failing: Store<Outcome> = {
    getMany: async (keys) => keys.map(() => undefined),
    setMany: async () => {},
    close: async () => {},
  };

  it("gives what this process has seen while the shared one fails", async () => {
    const store = layeredStore(memoryStore<Outcome>(100), failing, () => 1);
    await store.setMany([{ key: "a", value: outcome("a"), ttl: 60_000 }]);
    expect(await store.getMany(["b", "a"])).toEqual([undefined, outcome("a")]);
  });

  it("asks the shared one only for what is not fresh here, and takes the later of both", async () => {
    const asked: (readonly string[])[] = [];
    const far = memoryStore<Outcome>(100);
    const recording: Store<Outcome> = { ...far, getMany: (keys) => (asked.push(keys), far.getMany(keys)) };
    const store = layeredStore(memoryStore<Outcome>(100), recording, () => 100);
    await store.setMany([
      { key: "fresh", value: outcome("fresh", 50, 150), ttl: 60_000 },
      { key: "old", value: outcome("old", 10, 20), ttl: 60_000 },
      { key: "oldest", value: outcome("kept", 10, 20), ttl: 60_000 },
    ]);
    await far.setMany([
      { key: "old", value: outcome("newer", 60, 160), ttl: 60_000 },
      { key: "oldest", value: outcome("stale", 5, 15), ttl: 60_000 },
      { key: "other", value: outcome("other", 60, 160), ttl: 60_000 },
    ]);
    const ids = async (): Promise<readonly unknown[]> =>
      (await store.getMany(["fresh", "old", "oldest", "other"])).map((found) => found?.id);
    expect(await ids()).toEqual(["fresh", "newer", "kept", "other"]);
    expect(await ids()).toEqual(["fresh", "newer", "kept", "other"]);
    expect(asked).toEqual([["old", "oldest", "other"], ["oldest"]]);
  });
});
