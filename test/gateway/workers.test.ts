/** Several processes serve one gateway: each its share, and none loses a request of another. */
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { json, text } from "node:stream/consumers";
import { buildSchema, execute, parse } from "graphql";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { createWorkers } from "../../gateway/workers.ts";
import type { WorkersOptions } from "../../gateway/workers.ts";
import { compose } from "../../schema/compose.ts";
import type { LogLine } from "../support/decibel.ts";

/** Milliseconds. A worker takes a second to start, and longer on a busy machine. */
const PATIENCE = 60_000;
const SDL = "type Query { echo(text: String): String slow: String }";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Two processes over one subgraph, whose `slow` is answered when the test says so. */
async function start({ readiness }: Pick<WorkersOptions, "readiness"> = {}) {
  const [asked, slow] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
  const rootValue = {
    echo: (args: { readonly text: string }) => args.text,
    slow() {
      asked.resolve();
      return slow.promise;
    },
  };
  const schema = buildSchema(SDL);
  const answer = async (body: unknown): Promise<string> => {
    const { query, variables } = body as { readonly query: string; readonly variables: Record<string, unknown> };
    return JSON.stringify(await execute({ schema, document: parse(query), rootValue, variableValues: variables }));
  };
  const subgraph = createServer((incoming, response) => {
    void json(incoming)
      .then(answer)
      .then((answered) => response.end(answered));
  }).listen(0, "127.0.0.1");
  await once(subgraph, "listening");
  cleanups.push(() => {
    subgraph.closeAllConnections();
    subgraph.close();
  });
  const routingUrl = `http://127.0.0.1:${(subgraph.address() as AddressInfo).port}/graphql`;
  const supergraph = compose({ subgraphs: [{ name: "one", routingUrl, file: "one" }] }, new Map([["one", SDL]]));
  const logged: LogLine[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => logged.push(JSON.parse(line) as LogLine) });
  const workers = createWorkers({ count: 2, supergraph, log, ...(readiness && { readiness }) });
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= workers.close());
  cleanups.push(close);
  const url = await workers.listen();
  /** Of the processes that have served, the oldest first. */
  const pids = () => logged.flatMap(({ msg, pid }) => (msg === "a gateway process serves" ? [Number(pid)] : []));
  return { workers, url, supergraph, asked: asked.promise, slow, logged, pids, close };
}

/** On a connection of its own. */
async function ask(url: string, query: string): Promise<string> {
  const sent = request(url, { method: "POST", agent: false, headers: { "content-type": "application/json" } });
  sent.end(JSON.stringify({ query }));
  const [response] = (await once(sent, "response")) as [Parameters<typeof text>[0]];
  return text(response);
}

const echoes = (url: string, many: number): readonly Promise<string>[] =>
  Array.from({ length: many }, (_none, index) => ask(url, `{ echo(text: "${index}") }`));
const answers = (many: number) => Array.from({ length: many }, (_none, index) => `{"data":{"echo":"${index}"}}`);

/** As many of the promises as are fulfilled. */
function countFulfilled(promises: readonly Promise<unknown>[]): () => number {
  let count = 0;
  for (const promise of promises) void promise.then(() => (count += 1));
  return () => count;
}

describe("several processes", { timeout: PATIENCE }, () => {
  it("take another supergraph, all of them, or none where it is broken", async () => {
    const { workers, url, supergraph } = await start();
    const renamed = supergraph.replaceAll("echo", "say");
    await expect(workers.reload({ supergraph: "broken" })).rejects.toThrow("Syntax Error");
    expect(await Promise.all(echoes(url, 4))).toEqual(answers(4));
    await workers.reload({ supergraph: renamed });
    const said = await Promise.all(echoes(url, 4));
    expect(said.filter((text) => text.includes("GRAPHQL_VALIDATION_FAILED"))).toHaveLength(4);
    await workers.reload({ supergraph });
    expect(await Promise.all(echoes(url, 4))).toEqual(answers(4));
  });

  it("answer on one port, each its share, with one engine", async () => {
    const { workers, url, pids } = await start();
    expect(workers.engine).toBe("rust");
    const [first = 0] = pids();
    expect(new Set(pids()).size).toBe(2);
    process.kill(first, "SIGSTOP");
    const sent = echoes(url, 8);
    const fulfilled = countFulfilled(sent);
    await expect.poll(fulfilled).toBe(4);
    process.kill(first, "SIGCONT");
    expect(await Promise.all(sent)).toEqual(answers(8));
  });

  it("are ready when the first one is", async () => {
    let reason: string | undefined = "Cannot ask database: it only reads (25006)";
    const { url } = await start({ readiness: async () => reason });
    const probe = async (): Promise<string> => (await fetch(new URL("/ready", url))).text();
    const notReady = JSON.stringify({ status: "not ready", reason });
    expect(await Promise.all([probe(), probe()])).toEqual([notReady, notReady]);
    reason = undefined;
    expect(await probe()).toBe('{"status":"ready"}');
  });

  it("answer instead of one that is killed, also what it has not read, and another is started", async () => {
    const { url, pids, logged } = await start();
    const [first = 0] = pids();
    process.kill(first, "SIGSTOP");
    const sent = echoes(url, 8);
    await expect.poll(countFulfilled(sent)).toBe(4);
    process.kill(first, "SIGKILL");
    expect(await Promise.all([...sent, ...echoes(url, 8)])).toEqual([...answers(8), ...answers(8)]);
    expect(logged.filter(({ level }) => level >= 50)).toMatchObject([
      { msg: "a gateway process ended: starting another", pid: first, signal: "SIGKILL" },
    ]);
    await expect.poll(() => pids().length, { timeout: PATIENCE }).toBe(3);
  });

  it("let requests wait while there is none", async () => {
    const { url, pids } = await start();
    for (const pid of pids()) process.kill(pid, "SIGKILL");
    expect(await Promise.all(echoes(url, 4))).toEqual(answers(4));
  });

  it("answer the requests in flight before they end", async () => {
    const { url, asked, slow, close, pids } = await start();
    const answer = ask(url, "{ slow }");
    await asked;
    const others = echoes(url, 8);
    const closed = close();
    expect(await Promise.all(others)).toEqual(answers(8));
    await expect.poll(() => ask(url, "{ slow }").catch(({ code }: { code: string }) => code)).toBe("ECONNREFUSED");
    slow.resolve("at last");
    expect(await answer).toBe('{"data":{"slow":"at last"}}');
    await closed;
    for (const pid of pids()) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });
});

describe("several processes that cannot start", { timeout: PATIENCE }, () => {
  const log = pino({ enabled: false });

  it("reject with the error of the port", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    cleanups.push(() => other.close());
    const workers = createWorkers({ count: 2, supergraph: "", log });
    const { port } = other.address() as AddressInfo;
    await expect(workers.listen(port)).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect(() => workers.engine).toThrow("not known before they listen");
    await workers.close();
  });

  it("reject with the error of the first of them", async () => {
    const workers = createWorkers({ count: 2, supergraph: "type Query {", log });
    await expect(workers.listen()).rejects.toThrow("Syntax Error");
    await workers.close();
  });
});
