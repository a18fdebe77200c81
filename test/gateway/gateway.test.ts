/**
 * What clients and operators see of the gateway: HTTP, errors, request ids and both engines. Over 200 lines, because
 * all tests share one started graph.
 */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chooseEngine, javaScriptEngine } from "../../gateway/engine/engine.ts";
import type { Engine } from "../../gateway/engine/engine.ts";
import { createGateway } from "../../gateway/gateway.ts";
import type { Gateway, GatewayOptions } from "../../gateway/gateway.ts";
import { routed } from "../../gateway/supergraph.ts";
import type { RoutingUrls } from "../../gateway/supergraph.ts";
import { SUPERGRAPH } from "../../schema/rover.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { ask, startTestDecibel } from "../support/decibel.ts";
import type { LogLine, TestDecibel } from "../support/decibel.ts";
import { collectServers } from "../support/servers.ts";

/** False on a platform without a build of the native engine. */
const hasNativeEngine = await import("@graphql-hive/router-query-planner").then(
  () => true,
  () => false,
);
const signalListeners = () => [process.listenerCount("SIGINT"), process.listenerCount("SIGTERM")];
const listenersBefore = signalListeners();

let graph: TestDecibel;
beforeAll(async () => {
  graph = await startTestDecibel();
});
afterAll(() => graph.stop());

async function post(
  body: string,
  headers: Readonly<Record<string, string>> = {},
  url = graph.decibel.url,
): Promise<{ status: number; body: unknown; id: string | null }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  const text = await response.text();
  const id = response.headers.get("x-request-id");
  return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : text, id };
}
const send = (query: string) => post(JSON.stringify({ query }));

const ENGINES: readonly (readonly [Engine["name"], () => Promise<Engine>])[] = [
  ["rust", () => chooseEngine(pino({ enabled: false }))],
  ["javascript", async () => javaScriptEngine()],
];

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A second gateway over the subgraphs of the graph; `urls` replaces the URLs of some. */
async function startGateway(options: Partial<GatewayOptions> & { readonly urls?: RoutingUrls } = {}) {
  const logged: LogLine[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => logged.push(JSON.parse(line) as LogLine) });
  const { urls, ...more } = options;
  const subgraphUrls = Object.fromEntries(graph.decibel.parts.filter(([, url]) => url.endsWith("/graphql")));
  delete subgraphUrls["gateway"];
  const supergraph = routed(await readFile(join(projectRoot(), SUPERGRAPH), "utf8"), { ...subgraphUrls, ...urls });
  const gateway: Gateway = await createGateway({ supergraph, log, ...more });
  cleanups.push(() => gateway.close());
  return { url: await gateway.listen(), logged };
}

/** An HTTP server until the end of the test. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

describe("the gateway", () => {
  it("uses the native engine on a platform that has a build of it, else the one in JavaScript", () => {
    expect(graph.decibel.engine).toBe(hasNativeEngine ? "rust" : "javascript");
  });

  it("adds no signal listener to the process: only close() ends requests", async () => {
    expect(await ask(graph.decibel.url, "{ __typename }")).toMatchObject({ errors: [] });
    expect(signalListeners()).toEqual(listenersBefore);
  });

  it("answers data: null for an executed query that failed, and no data for one that was not executed", async () => {
    const executed = await send("{ campaigns(first: 0) { totalCount } }");
    expect(executed.body).toMatchObject({
      data: null,
      errors: [{ path: ["campaigns"], extensions: { code: "BAD_USER_INPUT", argument: "first" } }],
    });
    const invalid = await send("{ nothing }");
    expect(invalid.body).toEqual({
      errors: [expect.objectContaining({ message: 'Cannot query field "nothing" on type "Query".' })],
    });
  });

  it("answers null for an unknown entity beside a known one", async () => {
    const { data } = await graph.query(
      '{ a: campaign(id: "campaign_00000000-0000-4000-8000-000000000000") { id } b: campaigns(first: 1) { nodes { id } } }',
    );
    expect(data).toEqual({ a: null, b: { nodes: [{ id: expect.stringMatching(/^campaign_/) }] } });
  });

  it("shows public fields in introspection, and no facts that subgraphs exchange", async () => {
    const { data } = await graph.query<{ __type: { fields: readonly { name: string }[] } }>(
      '{ __type(name: "Episode") { fields { name } } }',
    );
    const fields = new Set(data.__type.fields.map(({ name }) => name));
    expect([fields.has("placement"), fields.has("facts")]).toEqual([true, false]);
  });

  it.each([
    ["a body that is not JSON", "not json", 400],
    ["a body without a query", "{}", 400],
    ["a query that does not parse", JSON.stringify({ query: "{" }), 200],
  ])("refuses %s with a GraphQL error", async (_title, body, status) => {
    const answer = await post(body);
    expect([answer.status, answer.body]).toEqual([
      status,
      { errors: [expect.objectContaining({ message: expect.any(String) })] },
    ]);
  });

  it("serves browsers GraphiQL without other hosts, and its first query succeeds", async () => {
    const page = await (await fetch(graph.decibel.url, { headers: { accept: "text/html" } })).text();
    expect(page.match(/<(?:script|link|img)[^>]*(?:src|href)=["']?https?:[^>]*>/g)).toBeNull();
    const query = /"defaultQuery":("(?:[^"\\]|\\.)*")/.exec(page)?.[1] ?? '""';
    const { errors, data } = await graph.query<{ episodes: { nodes: readonly unknown[] } }>(
      JSON.parse(query) as string,
    );
    expect([errors, data.episodes.nodes.length]).toEqual([[], 100]);
  });

  it.each(["/health", "/ready"])("answers %s", async (path) => {
    expect((await fetch(new URL(path, graph.decibel.url))).status).toBe(200);
  });

  it.each([
    ["forwards a client's request id", "from-the-client", "from-the-client"],
    ["creates a request id if a client sends none", "", expect.stringMatching(/^[\da-f-]{36}$/)],
    ["creates a request id if a client sends an invalid one", "two words", expect.stringMatching(/^[\da-f-]{36}$/)],
  ])("%s, which every subgraph logs", async (_title, sent, expected) => {
    const before = graph.logged.length;
    const { id } = await post(
      JSON.stringify({ query: "{ campaigns(first: 1) { nodes { targeting { verdict } } } }" }),
      sent === "" ? {} : { "x-request-id": sent },
    );
    expect(id).toEqual(expected);
    const decided = graph.logged.slice(before).filter(({ msg }) => msg === "decided");
    expect(decided.map(({ requestId }) => requestId)).toEqual([id]);
  });

  it.skipIf(!hasIPv6())("gives a valid URL for an IPv6 address", async () => {
    const { url } = await startGateway({ host: "::1" });
    expect(url).toMatch(/^http:\/\/\[::1\]:\d+\/graphql$/);
    expect(await ask(url, "{ __typename }")).toEqual({ data: { __typename: "Query" }, errors: [] });
  });

  it("survives errors of its server, and logs them", async () => {
    const servers = collectServers(cleanups);
    const { url, logged } = await startGateway();
    for (const message of ["too many open files", "still too many"]) servers[0]?.emit("error", new Error(message));
    expect(logged).toMatchObject([
      { level: 50, msg: "the gateway's server failed", err: { message: "too many open files" } },
      { level: 50, msg: "the gateway's server failed", err: { message: "still too many" } },
    ]);
    expect(await ask(url, "{ __typename }")).toEqual({ data: { __typename: "Query" }, errors: [] });
  });

  it.skipIf(!hasNativeEngine)('answers "Internal error" for a bug of its own, and logs it', async () => {
    const create = () => (): never => {
      throw new RangeError("10.0.0.7 is out of range");
    };
    const { url, logged } = await startGateway({ engine: { name: "rust", create } });
    expect(await ask(url, "{ campaigns { totalCount } }")).toEqual({
      data: null,
      errors: [
        { message: "Internal error", extensions: { code: "INTERNAL_SERVER_ERROR", requestId: expect.any(String) } },
      ],
    });
    expect(logged).toMatchObject([
      { level: 50, msg: "unexpected error", err: { type: "RangeError", message: "10.0.0.7 is out of range" } },
    ]);
  });
});

describe.each(ENGINES)("the gateway with the engine in %s", (_name, engine) => {
  const JSON_TYPE = { accept: "application/json" };
  const GRAPHQL_TYPE = { accept: "application/graphql-response+json" };
  const NEEDS = "query ($first: Int!, $id: ID!) { campaigns(first: $first) { totalCount } campaign(id: $id) { id } }";

  describe("given variables that do not fit their types", () => {
    let url: string;
    beforeEach(async () => {
      ({ url } = await startGateway({ engine: await engine() }));
    });
    const missing = (name: string, type: string): unknown => ({
      message: `Variable "$${name}" of required type "${type}" was not provided.`,
      locations: [{ line: 1, column: expect.any(Number) }],
      extensions: { code: "BAD_USER_INPUT" },
    });

    it.each([
      [GRAPHQL_TYPE, 400],
      [JSON_TYPE, 200],
    ])("names them and does not execute the query: %o is answered %i", async (headers, status) => {
      expect(await post(JSON.stringify({ query: NEEDS }), headers, url)).toMatchObject({
        status,
        body: { errors: [missing("first", "Int!"), missing("id", "ID!")] },
      });
      const one = await post(JSON.stringify({ query: NEEDS, variables: { first: "x", id: "a" } }), headers, url);
      expect([one.status, one.body]).toEqual([
        status,
        {
          errors: [
            {
              message: 'Variable "$first" got invalid value "x"; Int cannot represent non-integer value: "x"',
              locations: [{ line: 1, column: 8 }],
              extensions: { code: "BAD_USER_INPUT" },
            },
          ],
        },
      ]);
    });

    it("executes a query with valid variables", async () => {
      const variables = { first: 1, id: "campaign_00000000-0000-4000-8000-000000000000", unused: "x" };
      expect(await post(JSON.stringify({ query: NEEDS, variables }), GRAPHQL_TYPE, url)).toMatchObject({
        status: 200,
        body: { data: { campaigns: { totalCount: 60 }, campaign: null } },
      });
    });

    it("answers data: null for an executed query that failed", async () => {
      const answer = await post(JSON.stringify({ query: "{ campaigns(first: 0) { totalCount } }" }), GRAPHQL_TYPE, url);
      expect(answer).toMatchObject({ status: 200, body: { data: null, errors: [{ path: ["campaigns"] }] } });
    });
  });

  describe("with an unavailable subgraph", () => {
    const UNREACHABLE = "Cannot ask campaigns: it cannot be reached";
    const UNEXPECTED = "Cannot ask campaigns: it answered unexpectedly";
    const page: RequestListener = (_request, response) =>
      response.writeHead(502, { "content-type": "text/html" }).end("<title>10.0.0.7 is down</title>");
    const cut: RequestListener = (_request, response) => void response.socket?.destroy();
    const empty: RequestListener = (_request, response) => void response.end();
    const stranger: RequestListener = (_request, response) => void response.writeHead(503).end('{"statusCode":503}');

    it.each([
      ["does not listen", undefined, UNREACHABLE, { failure: "UNREACHABLE" }],
      ["hangs up", cut, UNREACHABLE, { failure: "UNREACHABLE" }],
      ["is behind a proxy that answers a page", page, UNEXPECTED, { failure: "UNEXPECTED", status: 502 }],
      ["answers an empty body", empty, UNEXPECTED, { failure: "UNEXPECTED", status: 200 }],
      ["answers JSON that is not GraphQL", stranger, UNEXPECTED, { failure: "UNEXPECTED", status: 503 }],
    ])("names the subgraph and the failure: it %s", async (_title, answer, message, failure) => {
      const campaigns = answer ? await serve(answer) : "http://127.0.0.1:1/graphql";
      const { url, logged } = await startGateway({ engine: await engine(), urls: { campaigns } });
      const query = `query ($id: ID!) {
        campaign(id: $id) { name }
        episodes(first: 1) { nodes { title placement(campaignId: $id) { verdict } } }
      }`;
      const variables = { id: "campaign_00000000-0000-4000-8000-000000000000" };
      const { body, id } = await post(JSON.stringify({ query, variables }), { "x-request-id": "dead" }, url);
      expect(body).toEqual({
        data: { campaign: null, episodes: { nodes: [{ title: expect.any(String), placement: null }] } },
        errors: [0, 1].map(() => ({
          message,
          path: expect.any(Array),
          extensions: { code: "SUBGRAPH_UNAVAILABLE", service: "campaigns", retryable: true },
        })),
      });
      const line = { level: 40, msg: message, subgraph: "campaigns", requestId: id, ...failure };
      expect(logged).toMatchObject([line, line]);
      expect(JSON.stringify(logged)).not.toMatch(/127\.0\.0|10\.0\.0|campaign_0/);
    });
  });
});

function hasIPv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === "::1"));
}
