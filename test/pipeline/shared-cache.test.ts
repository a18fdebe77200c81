/**
 * Several processes share one Redis: a question that one of them asked is not asked by another, and a Redis that hangs
 * or is down is not used for long. Its connections go through a proxy that the test can stop. Over 200 lines, because
 * the proxy is in this file.
 */
import { randomUUID } from "node:crypto";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decision } from "../../subgraphs/pipeline/decision.ts";
import { createMetrics } from "../../subgraphs/pipeline/metrics.ts";
import { createPipeline } from "../../subgraphs/pipeline/pipeline.ts";
import type { Pipeline, PipelineOptions } from "../../subgraphs/pipeline/pipeline.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { OpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import { SUBJECT } from "../support/asks.ts";
import { SILENT, accountAt, readableLog, request, samplesOf } from "../support/loans.ts";
import { NUMBER_DECISION, numbersTable } from "../support/numbers.ts";
import { redisForTests } from "../support/redis.ts";
import { misbehave } from "../support/sandbox-control.ts";

const redis = await redisForTests();

/** Its key is unique to this run: other runs may use the same Redis. */
const shared = decision({
  key: `shared_${randomUUID().replaceAll("-", "")}`,
  ...NUMBER_DECISION,
});
const numbers = Array.from({ length: 20 }, (_none, number) => number);
const table = numbersTable(shared.key, 20);

describe.runIf(redis)("processes that share a Redis", () => {
  let proxy: Proxy;
  let sandbox: OpenTextSandbox;
  let origin: string;
  let clock: number;
  const open: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    proxy = await openProxy(redis ?? new URL("redis://127.0.0.1"));
    // An hour later, no outcome of an earlier test is fresh.
    clock = (clock ?? Date.now()) + 3_600_000;
    sandbox = createOpenTextSandbox({ tables: [table], now: () => clock });
    open.push(sandbox);
    origin = await sandbox.listen();
  });
  afterEach(async () => {
    for (const part of open.splice(0).toReversed()) await part.close();
    await proxy.close();
  });

  /** The connection may take longer than a decision waits: then another process is started. */
  async function start(options: Partial<PipelineOptions> = {}): Promise<Pipeline> {
    const { metrics = createMetrics() } = options;
    const pipeline = createPipeline({
      account: accountAt(origin, { timeoutMs: 5000, batchTimeoutMs: 10_000, versionIntervalMs: 3_600_000 }),
      declared: [{ decisions: [shared], tables: [table] }],
      cacheUrl: proxy.url,
      log: SILENT,
      now: () => clock,
      ...options,
      metrics,
    });
    open.push(pipeline);
    await pipeline.start();
    await pipeline.decide(request(), shared, { number: -1 }, SUBJECT);
    const failures = await samplesOf(metrics.registry, "decibel_cache_failures_total");
    if (Object.values(failures).every((count) => count === 0)) return pipeline;
    metrics.registry.resetMetrics();
    return start(options);
  }

  /** One request for all numbers: the distinct origins of the answers. */
  async function board({ decide }: Pipeline): Promise<readonly string[]> {
    const context = request();
    const decided = await Promise.all(numbers.map((number) => decide(context, shared, { number }, SUBJECT)));
    expect(decided.map(({ reasons }) => reasons[0]?.code)).toEqual(numbers.map((number) => `N${number}`));
    return [...new Set(decided.map(({ origin: from }) => from))];
  }
  const executes = async (): Promise<number> => (await sandbox.app.inject("/sandbox/calls")).json().executes as number;

  it("make at most one call each for a question asked by all at once, and none in a process started later", async () => {
    const processes = [await start(), await start(), await start()];
    const before = await executes();
    await Promise.all(processes.flatMap((one) => Array.from({ length: 10 }, () => board(one))));
    expect((await executes()) - before).toBeLessThanOrEqual(processes.length * numbers.length);
    const later = await start();
    const until = await executes();
    expect(await board(later)).toEqual(["CACHE"]);
    expect(await executes()).toBe(until);
  });

  it("give what another one was answered while the service is down, although they have compared nothing yet", async () => {
    const [one, later] = [await start(), await start()];
    const originOf = async ({ decide }: Pipeline, number: number, context = request()): Promise<string> =>
      (await decide(context, shared, { number }, SUBJECT)).origin;
    // Of one class: no rule is for these numbers.
    expect([await originOf(one, 40), await originOf(one, 50)]).toEqual(["SERVICE", "SERVICE"]);
    await misbehave(sandbox, { status: 503 });
    const context = request();
    const [lowest, between, highest] = await Promise.allSettled(
      [40, 50, 70].map((number) => originOf(later, number, context)),
    );
    const cached = { status: "fulfilled", value: "CACHE" };
    expect([lowest, between]).toEqual([cached, cached]);
    expect(highest).toMatchObject({ status: "rejected", reason: { code: "DECISION_UNAVAILABLE" } });
  });

  it.each(["hangs", "is down"] as const)(
    "decide without it after three failures while it %s, and share again when it recovers",
    async (how) => {
      const { log, lines } = readableLog();
      const metrics = createMetrics();
      const failures = () => samplesOf(metrics.registry, "decibel_cache_failures_total");
      const [one, other] = [await start({ log, metrics }), await start()];
      await board(one);
      expect(await board(other)).toEqual(["CACHE"]);

      // Until its write is confirmed, a board joins the one before.
      await expect.poll(() => board(one), { interval: 5 }).toEqual(["CACHE"]);
      await (how === "hangs" ? proxy.hang() : proxy.cut());
      lines.length = 0;
      metrics.registry.resetMetrics();
      const before = await executes();
      for (let times = 1; times <= 5; times += 1) {
        // What is in memory is no longer fresh.
        clock += 61_000;
        expect(await board(one)).toEqual(["SERVICE"]);
        // A board joins the one before until that has been written.
        const each = { 'operation="read"': times, 'operation="write"': times };
        await expect.poll(failures, { interval: 5 }).toEqual(each);
      }
      expect((await executes()) - before).toBe(5 * numbers.length);
      // Of five reads and five writes, the third one opened the circuit: the others did not wait.
      expect(lines.map(({ msg }) => msg).slice(0, 3)).toEqual([
        "decision cache not read",
        "decision cache not written",
        "decision cache keeps failing: circuit opened",
      ]);
      expect(lines.filter(({ msg }) => msg?.startsWith("decision cache not"))).toHaveLength(2);

      await proxy.mend();
      await expect
        .poll(
          async () => {
            clock += 61_000;
            return [await board(one), await board(other)];
          },
          { interval: 100, timeout: 30_000 },
        )
        .toEqual([["SERVICE"], ["CACHE"]]);
    },
    20_000,
  );

  it("close a connection that does not answer, with the commands that wait on it", async () => {
    const one = await start();
    await board(one);
    await proxy.hang();
    const before = proxy.openedConnections();
    await expect
      .poll(
        async () => {
          clock += 61_000;
          await board(one);
          return proxy.openConnections();
        },
        { interval: 20, timeout: 30_000 },
      )
      .toBe(0);
    expect(proxy.openedConnections()).toBe(before);
  });
});

interface Proxy {
  readonly url: string;
  /** Keeps connections open, and forwards nothing. */
  hang(): Promise<void>;
  /** Closes connections, and accepts no others. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Connections that are open. */
  openConnections(): number;
  /** Connections that were ever opened. */
  openedConnections(): number;
  close(): Promise<void>;
}

/** A proxy on a port of its own. */
async function openProxy(to: URL): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let isHanging = false;
  let opened = 0;
  const server: Server = createServer((near) => {
    opened += 1;
    const far = connect(Number(to.port || 6379), to.hostname);
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (data) => void (isHanging || into.write(data)));
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        into.destroy();
      });
    }
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve) => void server.listen(port, "127.0.0.1", resolve));
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `redis://127.0.0.1:${port}${to.pathname}`,
    hang: async () => void (isHanging = true),
    cut: stop,
    async mend() {
      isHanging = false;
      if (!server.listening) await listen(port);
    },
    openConnections: () => sockets.size / 2,
    openedConnections: () => opened,
    close: stop,
  };
}
