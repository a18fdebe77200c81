/**
 * Several processes over one Redis: what each of them asks once, none of them asks again, and a Redis that hangs or dies
 * costs milliseconds. Between them and it is a line that the test cuts.
 */
import { randomUUID } from "node:crypto";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Context } from "../../subgraphs/platform/context.ts";
import { decision } from "../../subgraphs/pipeline/decision.ts";
import { createPipeline } from "../../subgraphs/pipeline/pipeline.ts";
import type { Pipeline } from "../../subgraphs/pipeline/pipeline.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { OpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import { SUBJECT } from "../support/asks.ts";
import { CONVENTION, compiled } from "../support/otdt.ts";
import { redisForTests } from "../support/redis.ts";

const silent = pino({ enabled: false });

const redis = await redisForTests();

/** Its questions are this run's own: others may use the same Redis. */
const shared = decision({
  key: `shared_${randomUUID().replaceAll("-", "")}`,
  inputs: { number: "number" },
  outputs: {},
  freshForMs: 60_000,
  answer: () => ({}),
});
const request = (): Context => ({ requestId: "test", caller: "test", log: silent });
const numbers = Array.from({ length: 20 }, (_none, number) => number);
const table = compiled({
  key: shared.key,
  inputs: shared.inputs,
  outputs: CONVENTION,
  rules: [
    ...numbers.map(
      (number) =>
        ({ number: ["==", String(number)], verdict: "REVIEW", reason_code: `N${number}`, reason: "Is it" }) as const,
    ),
    { verdict: "ALLOW", reason_code: "CLEAR", reason: "Nothing objects" },
  ],
});

describe.runIf(redis)("processes that share a Redis", () => {
  let line: Line;
  let sandbox: OpenTextSandbox;
  let origin: string;
  let clock: number;
  const open: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    line = await openLine(redis ?? new URL("redis://127.0.0.1"));
    // Every test asks other questions than those before: in their time, nothing of now is fresh any more.
    clock = (clock ?? Date.now()) + 3_600_000;
    sandbox = createOpenTextSandbox({ tables: [table], now: () => clock });
    open.push(sandbox);
    origin = await sandbox.listen();
  });
  afterEach(async () => {
    for (const part of open.splice(0).toReversed()) await part.close();
    await line.close();
  });

  async function start(): Promise<Pipeline> {
    const pipeline = createPipeline({
      account: {
        baseUrl: origin,
        tenantId: "sandbox",
        clientId: "sandbox",
        clientSecret: "sandbox",
        timeoutMs: 5000,
        batchTimeoutMs: 10_000,
        concurrency: 16,
        requestsPerSecond: undefined,
        queueLimit: 1000,
        recoveryMs: 50,
        versionIntervalMs: 3_600_000,
      },
      declared: [{ decisions: [shared], tables: [table] }],
      cacheUrl: line.url,
      log: silent,
      now: () => clock,
    });
    open.push(pipeline);
    await pipeline.start();
    // The connection may take longer than any decision waits for it.
    const first = async (): Promise<string> =>
      (await pipeline.decide(request(), shared, { number: -1 }, SUBJECT)).origin;
    await expect.poll(first, { timeout: 15_000 }).toBe("CACHE");
    return pipeline;
  }

  /** One request for all numbers; gives where the answers came from. */
  async function board({ decide }: Pipeline): Promise<readonly string[]> {
    const context = request();
    const decided = await Promise.all(numbers.map((number) => decide(context, shared, { number }, SUBJECT)));
    expect(decided.map(({ reasons }) => reasons[0]?.code)).toEqual(numbers.map((number) => `N${number}`));
    return [...new Set(decided.map(({ origin: from }) => from))];
  }
  const executes = async (): Promise<number> => (await sandbox.app.inject("/sandbox/calls")).json().executes as number;

  it("ask no worse than once each where all of them are asked at once, and a process that comes later asks nothing", async () => {
    const processes = [await start(), await start(), await start()];
    const before = await executes();
    await Promise.all(processes.flatMap((one) => Array.from({ length: 10 }, () => board(one))));
    expect((await executes()) - before).toBeLessThanOrEqual(processes.length * numbers.length);
    const later = await start();
    const until = await executes();
    expect(await board(later)).toEqual(["CACHE"]);
    expect(await executes()).toBe(until);
  });

  it.each(["hangs", "dies"] as const)(
    "go on deciding where it %s in the middle, at once, and share again when it is back",
    async (how) => {
      const [one, other] = [await start(), await start()];
      await board(one);
      expect(await board(other)).toEqual(["CACHE"]);

      await (how === "hangs" ? line.hang() : line.cut());
      clock += 61_000;
      for (let times = 0; times < 5; times += 1) {
        const startedAt = performance.now();
        expect(await board(one)).toEqual(["SERVICE"]);
        // Two waits of 54 ms, and whatever the machine is busy with.
        expect(performance.now() - startedAt).toBeLessThan(1000);
      }

      await line.mend();
      await expect
        .poll(
          async () => {
            clock += 61_000;
            return [await board(one), await board(other)];
          },
          { interval: 100, timeout: 15_000 },
        )
        .toEqual([["SERVICE"], ["CACHE"]]);
    },
    20_000,
  );

  it("give up a connection on which nothing is answered, and what waits for an answer with it", async () => {
    const one = await start();
    await board(one);
    await line.hang();
    const before = line.opened();
    clock += 61_000;
    await expect
      .poll(
        async () => {
          await board(one);
          return line.held();
        },
        { interval: 20, timeout: 5000 },
      )
      .toBe(0);
    expect(line.opened()).toBe(before);
  });
});

interface Line {
  readonly url: string;
  /** Connections stay, and nothing comes through any more. */
  hang(): Promise<void>;
  /** Connections break, and there are no others. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Connections there are. */
  held(): number;
  /** Connections there were. */
  opened(): number;
  close(): Promise<void>;
}

/** Through a port of its own. */
async function openLine(to: URL): Promise<Line> {
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
    held: () => sockets.size / 2,
    opened: () => opened,
    close: stop,
  };
}
