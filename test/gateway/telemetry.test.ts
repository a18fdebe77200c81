/** What operators learn of the gateway's requests: metrics, also of several processes, and lines in the log. */
import { once } from "node:events";
import { request } from "node:http";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterEach, describe, expect, it } from "vitest";
import { createGathered } from "../../gateway/telemetry/gathered.ts";
import { createGatewayMetrics } from "../../gateway/telemetry/metrics.ts";
import { createMetricsServer } from "../../subgraphs/platform/metrics-server.ts";
import { TOKEN_SETTINGS, authorized } from "../support/tokens.ts";
import { startTestDecibel } from "../support/decibel.ts";
import { samplesOf } from "../support/loans.ts";
import { startSmallGateway } from "../support/small-gateway.ts";
import type { GatewayOptions } from "../../gateway/gateway.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(options: Partial<GatewayOptions> = {}) {
  const registry = new Registry();
  const gateway = await startSmallGateway({ metrics: createGatewayMetrics(registry), ...options });
  cleanups.push(() => gateway.close());
  const send = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    fetch(gateway.url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { gateway, send, figures: (name: string) => samplesOf(registry, `decibel_gateway_${name}`) };
}

describe("the gateway's metrics", () => {
  it("count requests by operation and status, how long they take, and the calls for them", async () => {
    const { send, figures } = await start();
    const query = '{ book(id: "b1") { title price } }';
    await send({ query });
    await send({ query });
    await send({ query: 'mutation { rename(id: "b1", title: "Emma") { title } }' });
    expect(await figures("requests_total")).toEqual({
      'operation="query",status="200"': 2,
      'operation="mutation",status="200"': 1,
    });
    expect(await figures("request_duration_seconds_count")).toEqual({
      'operation="query"': 2,
      'operation="mutation"': 1,
    });
    expect(await figures("subgraph_calls_total")).toEqual({
      'subgraph="titles",outcome="answered"': 3,
      'subgraph="prices",outcome="answered"': 2,
    });
    expect(await figures("subgraph_call_duration_seconds_count")).toEqual({
      'subgraph="titles"': 3,
      'subgraph="prices"': 2,
    });
    expect(await figures("plans_total")).toEqual({ 'how="loaded"': 2, 'how="kept"': 1 });
    expect(await figures("documents_total")).toEqual({ 'document="sent"': 3 });
    expect(Object.values(await figures("engine"))).toEqual([1]);
    expect(await figures("requests_in_flight")).toEqual({ "": 0 });
  });

  it("count what is refused, by code, before anything is executed", async () => {
    const { send, figures } = await start({ tokens: TOKEN_SETTINGS, limits: { requestsPerMinute: 6 } });
    const as = await authorized(Date.now());
    await send({ query: "{ __typename }" });
    await send("{", as);
    await send({ query: "{" }, as);
    await send({ query: "{ nothing }" }, as);
    await send({ query: "query ($id: ID!) { book(id: $id) { id } }" }, as);
    await send({ query: "{ a: __typename }", operationName: "other" }, as);
    await send({ extensions: { persistedQuery: { version: 1, sha256Hash: "a".repeat(64) } } }, as);
    await send({ query: "{ __typename }" }, as);
    expect(await figures("refusals_total")).toEqual({
      'code="UNAUTHENTICATED"': 1,
      'code="BAD_REQUEST"': 1,
      'code="GRAPHQL_PARSE_FAILED"': 1,
      'code="GRAPHQL_VALIDATION_FAILED"': 1,
      'code="BAD_USER_INPUT"': 1,
      'code="OPERATION_RESOLUTION_FAILURE"': 1,
      'code="PERSISTED_QUERY_NOT_FOUND"': 1,
      'code="RATE_LIMITED"': 1,
    });
    expect(await figures("requests_total")).toMatchObject({
      'operation="none",status="401"': 1,
      'operation="none",status="400"': 1,
      'operation="none",status="429"': 1,
    });
  });

  it("have no label that a client can make up", async () => {
    const { send, figures } = await start();
    for (let count = 0; count < 5; count += 1) {
      await send({ query: `query Made${count} { alias${count}: echo(text: "${count}") }` });
      await send({ query: `query Made${count} { wrong${count} }` });
    }
    expect(await figures("requests_total")).toEqual({
      'operation="query",status="200"': 5,
      'operation="none",status="200"': 5,
    });
    expect(await figures("refusals_total")).toEqual({ 'code="GRAPHQL_VALIDATION_FAILED"': 5 });
    expect(await figures("documents_total")).toEqual({ 'document="sent"': 10 });
  });

  it("have a client that has left as one, with status 499", async () => {
    const { gateway, figures } = await start();
    const sent = request(gateway.url, {
      method: "POST",
      agent: false,
      headers: { "content-type": "application/json" },
    });
    sent.on("error", () => {});
    sent.end(JSON.stringify({ query: "{ slow }" }));
    await expect.poll(() => gateway.requests.length).toBe(1);
    expect(await figures("requests_in_flight")).toEqual({ "": 1 });
    sent.destroy();
    await expect.poll(() => figures("requests_total")).toEqual({ 'operation="query",status="499"': 1 });
    expect(await figures("requests_in_flight")).toEqual({ "": 0 });
    expect(await figures("subgraph_calls_total")).toEqual({ 'subgraph="titles",outcome="aborted"': 1 });
    gateway.slow.resolve("late");
  });
});

describe("the log of requests", () => {
  const ACCESS = "request answered";

  it("has a line for each, with its caller and its cost, if that is asked for", async () => {
    const { gateway, send } = await start({ logsAccess: true, tokens: TOKEN_SETTINGS });
    await send(
      { query: 'query Book { book(id: "b1") { title } }' },
      { ...(await authorized(Date.now())), "x-request-id": "one" },
    );
    await send({ query: "{ __typename }" }, { "x-request-id": "two" });
    const lines = () => gateway.logged.filter(({ msg }) => msg === ACCESS);
    await expect.poll(() => lines().length).toBe(2);
    expect(lines()).toMatchObject([
      { level: 30, requestId: "one", caller: "token:ada", type: "query", operation: "Book", status: 200 },
      { level: 30, requestId: "two", type: "none", status: 401, code: "UNAUTHENTICATED" },
    ]);
    expect([typeof lines()[0]?.["ms"], typeof lines()[0]?.["cost"]]).toEqual(["number", "number"]);
  });

  it("has none otherwise", async () => {
    const { gateway, send } = await start();
    await send({ query: "{ __typename }" });
    expect(gateway.logged.filter(({ msg }) => msg === ACCESS)).toEqual([]);
  });
});

describe("the metrics of several processes", () => {
  const countedBy = async (requests: number, inFlight = 0) => {
    const registry = new Registry();
    const metrics = createGatewayMetrics(registry);
    for (let count = 0; count < requests; count += 1) metrics.began()("query", 200, 1);
    for (let count = 0; count < inFlight; count += 1) metrics.began();
    metrics.runs("rust");
    return JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())) as readonly object[];
  };

  it("are added up, and never become fewer where a process ends", async () => {
    const gathered = createGathered();
    const figures = (name: string) => samplesOf({ metrics: () => gathered.text() }, `decibel_gateway_${name}`);
    const [one, other] = [{}, {}];
    expect(await gathered.text()).toMatch(/^\s*$/);
    gathered.counted(one, await countedBy(3, 1));
    gathered.counted(other, await countedBy(4, 1));
    expect(await figures("requests_total")).toEqual({ 'operation="query",status="200"': 7 });
    expect(await figures("request_duration_seconds_count")).toEqual({ 'operation="query"': 7 });
    expect(await figures("requests_in_flight")).toEqual({ "": 2 });
    expect(await figures("engine")).toEqual({ 'engine="rust"': 1 });
    gathered.ended(one);
    gathered.counted(other, await countedBy(5));
    expect(await figures("requests_total")).toEqual({ 'operation="query",status="200"': 8 });
    expect(await figures("requests_in_flight")).toEqual({ "": 0 });
  });

  it("are served by the first one, at a port of their own, and not where clients ask", async () => {
    const variables = { GATEWAY_WORKERS: "2", METRICS_PORT: "0" };
    const graph = await startTestDecibel({ variables });
    cleanups.push(() => graph.stop());
    for (let count = 0; count < 4; count += 1) await graph.query("{ campaigns(first: 1) { nodes { id } } }");
    const url = graph.part("metrics").url;
    expect(new URL(url).hostname).toBe("127.0.0.1");
    const text = async () => (await fetch(url)).text();
    expect(await samplesOf({ metrics: text }, "decibel_gateway_requests_total")).toEqual({
      'operation="query",status="200"': 4,
    });
    expect(await text()).toContain("decibel_outbox_effects");
    expect((await fetch(new URL("/metrics", graph.decibel.url))).status).toBe(404);
  }, 60_000);
});

describe("the port of metrics", () => {
  it("has nothing else, and is for no page of another site", async () => {
    const registry = new Registry();
    createGatewayMetrics(registry);
    const server = createMetricsServer(registry, { host: "127.0.0.1", log: pino({ enabled: false }) });
    cleanups.push(() => server.close());
    const url = await server.listen(0);
    const statusOf = async (path: string, host?: string): Promise<number | undefined> => {
      const sent = request(new URL(path, url), { agent: false, ...(host !== undefined && { headers: { host } }) });
      sent.end();
      const [response] = (await once(sent, "response")) as [{ readonly statusCode?: number; resume(): void }];
      response.resume();
      return response.statusCode;
    };
    expect(await statusOf("/metrics")).toBe(200);
    expect(await statusOf("/graphql")).toBe(404);
    expect(await statusOf("/metrics", "evil.example")).toBe(421);
  });
});
