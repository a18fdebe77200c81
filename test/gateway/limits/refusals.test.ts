/** Every limit of a request: what is beyond it is refused with a status, a code, and a message that names it and its value. */
import { maxHeaderSize } from "node:http";
import { connect } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KNOWN_PER_MINUTE, REFUSED_PER_MINUTE, createRateLimit } from "../../../gateway/limits/rate.ts";
import { SUPERGRAPH } from "../../../schema/rover.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { ANYBODY, withAllRights } from "../../../subgraphs/platform/caller.ts";
import { createGraphQLServer } from "../../../subgraphs/platform/http-errors.ts";
import { memoryCounter, redisCounter } from "../../../subgraphs/platform/budget/counter.ts";
import { pino } from "pino";
import { randomUUID } from "node:crypto";
import { redisForTests } from "../../support/redis.ts";
import { startSmallGateway } from "../../support/small-gateway.ts";
import type { SmallGateway } from "../../support/small-gateway.ts";

const redis = await redisForTests();

let gateway: SmallGateway;
/** Of the whole graph, without its subgraphs: what is refused reaches none. */
let graph: SmallGateway;
beforeAll(async () => {
  gateway = await startSmallGateway({ limits: { cost: 100, bodyBytes: 200_000, timeoutMs: 2000 } });
  const supergraph = readFileSync(join(projectRoot(), SUPERGRAPH), "utf8");
  graph = await startSmallGateway({ supergraph, limits: { openTextCalls: 10 } });
});
afterAll(async () => {
  gateway.slow.resolve("late");
  await Promise.all([gateway.close(), graph.close()]);
});

interface Refused {
  readonly status: number;
  readonly errors: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

async function post(
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  { url } = gateway,
): Promise<Refused> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json", ...headers },
    body: JSON.stringify(body),
  });
  const { errors } = (await response.json()) as Pick<Refused, "errors">;
  return { status: response.status, errors };
}
async function answerTo(body: object): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  return (await fetch(gateway.url, { method: "POST", headers, body: JSON.stringify(body) })).json();
}
const query = (source: string): Promise<Refused> => post({ query: source });
const ofGraph = (source: string): Promise<Refused> => post({ query: source }, {}, graph);
const many = (count: number, of: (index: number) => string): string => Array.from({ length: count }, (_, at) => of(at)).join(" "); // prettier-ignore

/** With headers that no client sends. */
async function withHugeHeader(): Promise<Refused> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET /graphql HTTP/1.1\r\nhost: localhost\r\nx-much: ${"x".repeat(maxHeaderSize)}\r\n\r\n`);
  const [head = "", body = "{}"] = (await text(socket)).split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), ...(JSON.parse(body) as Pick<Refused, "errors">) };
}

describe("what is beyond a limit", () => {
  it.each<[string, () => Promise<Refused>, number, string, string]>([
    ["tokens", () => query(`{ ${many(10_001, () => "__typename")} }`), 400, "LIMIT_EXCEEDED", "Cannot execute: the document has more than 10000 tokens"],
    ["levels", () => query(`{ ${"...{".repeat(501)} __typename ${"}".repeat(501)} }`), 400, "LIMIT_EXCEEDED", "Cannot execute: the document has more than 500 levels"],
    ["aliases", () => query(`{ ${many(1001, (at) => `a${at}: __typename`)} }`), 400, "LIMIT_EXCEEDED", "Cannot execute: the document has more than 1000 aliases"],
    ["directives", () => query(`{ __typename ${many(1001, () => "@skip(if: false)")} }`), 400, "LIMIT_EXCEEDED", "Cannot execute: the document has more than 1000 directives"],
    ["deferred fragments", () => post({ query: `{ ${many(21, (at) => `... @defer(label: "a${at}") { a${at}: __typename }`)} }` }, { accept: "multipart/mixed, application/graphql-response+json" }), 400, "LIMIT_EXCEEDED", "Cannot execute: the operation has more than 20 deferred fragments"],
    ["introspections", () => query(`{ ${many(11, (at) => `a${at}: __schema { __typename }`)} }`), 400, "LIMIT_EXCEEDED", "Cannot execute: the operation has more than 10 introspections"],
    ["selections", () => query(`{ ${many(700, (at) => `a${at}: book(id: "b1") { id title price }`)} }`), 400, "LIMIT_EXCEEDED", "Cannot execute: the operation has more than 2000 selections"],
    ["cost", () => query(`{ ${many(101, (at) => `a${at}: book(id: "b1") { id }`)} }`), 400, "LIMIT_EXCEEDED", "Cannot execute: the cost of the operation is 101, and LIMIT_COST allows 100; ask for smaller pages, or for less in one request"],
    ["values", () => query(`{ ${many(90, (at) => `a${at}: book(id: "b1") { ...F }`)} } fragment F on Book { ${many(50, (at) => `t${at}: __typename`)} }`), 400, "LIMIT_EXCEEDED", "Cannot execute: the response may have 4590 values, and LIMIT_COST allows 2000; ask for smaller pages, or for less in one request"],
    ["repetitions to be validated", () => query(`{ book(id: "b1") { ${"id ".repeat(9900)} } }`), 400, "LIMIT_EXCEEDED", "Cannot execute: the document has too many selections of the same fields to be validated"],
    ["levels of fields", () => ofGraph(`{ campaigns { nodes { ${"cases { nodes { campaign { ".repeat(15)} id ${"} } } ".repeat(15)} } } }`), 400, "LIMIT_EXCEEDED", "Cannot execute: the operation has more than 45 levels"],
    ["calls of OpenText", () => ofGraph("{ campaigns(first: 11) { nodes { targeting { verdict } } } }"), 400, "LIMIT_EXCEEDED", "Cannot execute: the operation may call the decision service 11 times, and LIMIT_OPENTEXT_CALLS allows 10; ask for smaller pages, or for less in one request"],
    ["bytes", () => query(`{ __typename } # ${"x".repeat(200_000)}`), 413, "PAYLOAD_TOO_LARGE", "Cannot read the request: the body has more than 200000 bytes, which LIMIT_BODY_BYTES allows"],
    ["headers", withHugeHeader, 431, "HEADERS_TOO_LARGE", `Cannot read the request: its headers and its path have more than ${maxHeaderSize} bytes`],
    ["operations in a request", () => post([{ query: "{ __typename }" }, { query: "{ __typename }" }]), 400, "BAD_REQUEST", "Cannot read the request: it is a batch, and a request has one operation"],
    ["time", () => query("{ slow }"), 504, "TIMEOUT", "Cannot answer: the request took longer than 2000 ms, which REQUEST_TIMEOUT_MS allows"],
  ])("is refused: %s", async (_limit, send, status, code, message) => {
    const refused = await send();
    expect([refused.status, refused.errors[0]?.extensions.code]).toEqual([status, code]);
    expect(refused.errors[0]?.message).toContain(message);
  }); // prettier-ignore

  it("is told with its cost, and what is within is where that is asked for", async () => {
    const costly = `{ ${many(101, (at) => `a${at}: book(id: "b1") { id }`)} }`;
    const refused = await query(costly);
    expect(refused.errors[0]?.extensions).toEqual({
      code: "LIMIT_EXCEEDED",
      cost: { fieldCost: 101, openTextCalls: 0 },
    });
    const book = '{ book(id: "b1") { id } }';
    const data = { book: { id: "b1" } };
    expect(await answerTo({ query: book, extensions: { cost: true } })).toEqual({
      data,
      extensions: { cost: { fieldCost: 1, openTextCalls: 0 } },
    });
    expect(await answerTo({ query: book })).toEqual({ data });
  });

  it("is a page that costs too much before anything is asked of a subgraph", async () => {
    const before = gateway.requests.length;
    await query(`{ ${many(101, (at) => `a${at}: book(id: "b1") { id }`)} }`);
    expect(gateway.requests.length).toBe(before);
  });
});

describe("a request that takes too long to arrive", () => {
  const HEAD = "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";

  it.each([
    ["nothing", "", undefined],
    ["its headers", HEAD, "x: y\r\n"],
    ["its body", `${HEAD}content-length: 1000\r\n\r\n{`, " "],
    ["much of its body", `${HEAD}content-length: 8000000\r\n\r\n{`, " ".repeat(100_000)],
  ])("is ended while the client sends %s", async (_what, first, more) => {
    const server = createGraphQLServer(pino({ enabled: false }), { allowedHosts: [], arrivalMs: 100 });
    server.post("/graphql", () => "late");
    const socket = connect(Number(new URL(await server.listen({ port: 0 })).port));
    socket.write(first);
    const sending = setInterval(() => more !== undefined && socket.writable && socket.write(more), 20);
    expect(await text(socket)).toMatch(/^HTTP\/1.1 408 .*"REQUEST_TIMEOUT"/s);
    clearInterval(sending);
    await server.close();
  });
});

describe("requests beyond the rate", () => {
  it("are answered 429 with when to come back, and others are not", async () => {
    const limited = await startSmallGateway({ limits: { requestsPerMinute: 3 } });
    const send = () => fetch(`${limited.url}?query={__typename}`, { headers: { "apollo-require-preflight": "true" } });
    const statuses = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await send()).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await send();
    const seconds = refused.headers.get("retry-after");
    expect(Number(seconds)).toBeGreaterThan(0);
    expect(await refused.json()).toEqual({
      errors: [
        {
          message: `Cannot answer: more than 3 requests in a minute, which LIMIT_REQUESTS_PER_MINUTE allows; come back in ${seconds} s`,
          extensions: { code: "RATE_LIMITED" },
        },
      ],
    });
    expect((await fetch(new URL("/health", limited.url))).status).toBe(200);
    await limited.close();
  });
});

describe("the rate of requests", () => {
  const MINUTE = 60_000;
  const created = (requestsPerMinute: number | undefined, counter = memoryCounter()) => {
    const clock = { now: 100 * MINUTE };
    return { clock, limit: createRateLimit({ requestsPerMinute, counter, now: () => clock.now }) };
  };
  const isRefused = (admitted: Promise<void>): Promise<boolean> => admitted.then(() => false, () => true); // prettier-ignore
  const [ann, bob] = [withAllRights("ann"), withAllRights("bob")];

  it("is counted by caller, and by address for those who do not say who they are", async () => {
    const { limit } = created(1);
    const refused = [];
    for (const [caller, address] of [
      [ann, "1"],
      [bob, "1"],
      [ann, "2"],
      [ANYBODY, "1"],
      [ANYBODY, "2"],
      [ANYBODY, "1"],
    ] as const)
      // prettier-ignore
      refused.push(await isRefused(limit.admit(caller, address)));
    expect(refused).toEqual([false, false, true, false, false, true]);
  });

  it("allows more as time passes", async () => {
    const { limit, clock } = created(2);
    for (let index = 0; index < 2; index += 1) await limit.admit(ann, "1");
    expect(await isRefused(limit.admit(ann, "1"))).toBe(true);
    clock.now += 2 * MINUTE;
    expect(await isRefused(limit.admit(ann, "1"))).toBe(false);
  });

  it("has no limit for anybody, and a high one for known callers, where none is set", async () => {
    const { limit } = created(undefined);
    for (let index = 0; index < KNOWN_PER_MINUTE; index += 1) await limit.admit(ann, "1");
    expect(await isRefused(limit.admit(ann, "1"))).toBe(true);
    for (let index = 0; index <= KNOWN_PER_MINUTE; index += 1) await limit.admit(ANYBODY, "1");
  });

  it.each([
    ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true],
    ["2001:db8:1::1", "2001:db8:1:0:5::", true],
    ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
    ["::1", "1::", false],
    ["fe80::1%eth0", "fe80::2%eth1", true],
    ["::ffff:10.0.0.1", "10.0.0.1", true],
    ["::ffff:10.0.0.1", "::ffff:10.0.0.2", false],
    ["10.0.0.1", "10.0.0.2", false],
  ])("counts %s and %s as one: %s", async (one, other, areOne) => {
    const { limit } = created(1);
    await limit.admit(ANYBODY, one);
    expect(await isRefused(limit.admit(ANYBODY, other))).toBe(areOne);
  });

  it("of invalid credentials is limited by address", async () => {
    const { limit } = created(undefined);
    for (let index = 0; index < REFUSED_PER_MINUTE; index += 1) await limit.refused("1");
    await expect(limit.refused("1")).rejects.toMatchObject({
      status: 429,
      code: "RATE_LIMITED",
      message: expect.stringContaining(
        `more than ${REFUSED_PER_MINUTE} requests in a minute without valid credentials`,
      ),
    });
    await limit.refused("2");
  });

  it.skipIf(!redis)("is counted by all processes that share a Redis", async () => {
    const url = redis?.href ?? "";
    const log = pino({ enabled: false });
    const counters = [1, 2].map(() => redisCounter({ url, log, namespace: "decibel:test", timeoutMs: 5000 })); // prettier-ignore
    // The connection may take longer than an operation waits.
    const window = { name: randomUUID(), index: 1, windowMs: 60_000 };
    await expect.poll(async () => Promise.all(counters.map(async (one) => (await one.add(window, 1)).current > 1))).toEqual([true, true]); // prettier-ignore
    const caller = withAllRights(randomUUID());
    const limits = counters.map((counter) => createRateLimit({ requestsPerMinute: 4, counter }));
    const refused = [];
    for (const limit of [...limits, ...limits, ...limits]) refused.push(await isRefused(limit.admit(caller, "1")));
    await Promise.all(counters.map((counter) => counter.close()));
    // A minute may begin in between.
    expect(refused.filter(Boolean).length).toBeGreaterThan(0);
  });
});
