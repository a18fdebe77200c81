/** What a client is told of what its operation took: the plan, the calls of subgraphs, and the decisions of all of them. */
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { javaScriptEngine } from "../../../gateway/engine/engine.ts";
import type { Explain } from "../../../gateway/http/explain.ts";
import { WAYS } from "../../../subgraphs/platform/wave.ts";
import { startTestDecibel } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";
import { NOW, clockOf } from "../../support/now.ts";
import { startSmallGateway } from "../../support/small-gateway.ts";
import type { SmallGateway } from "../../support/small-gateway.ts";
import { TOKEN_SETTINGS, tokenFor } from "../../support/tokens.ts";

interface Answered {
  readonly status: number;
  readonly body: {
    readonly data?: unknown;
    readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
    readonly extensions?: { readonly explain?: Explain; readonly cost?: unknown };
  };
}

async function send(url: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json", ...headers },
    body: JSON.stringify({ extensions: { explain: true }, ...body }),
  });
  return { status: response.status, body: (await response.json()) as Answered["body"] };
}

async function explain(url: string, query: string, variables?: object): Promise<Explain> {
  const { body } = await send(url, { query, variables });
  return body.extensions?.explain ?? expect.fail("it is not explained");
}

/** A call, without its times. */
function untimed({ startedMs, ms, ...fetch }: Explain["fetches"][number]): object {
  expect(startedMs >= 0 && ms >= 0).toBe(true);
  return fetch;
}

const TITLE = "query ($s0_id: ID!) {\n  book(id: $s0_id) {\n    title\n  }\n}";
const PRICE =
  "query ($representations: [_Any!]!) {\n  _entities(representations: $representations) {\n    ... on Book {\n      price\n    }\n  }\n}";
const KEY = "{\n  ... on Book {\n    __typename\n    id\n  }\n}";

describe("an explanation", () => {
  let small: SmallGateway;
  beforeAll(async () => {
    small = await startSmallGateway({ tokens: TOKEN_SETTINGS, clock: clockOf(() => NOW) });
  });
  afterAll(() => small.close());
  const allowed = async (scope = "graph:read") => ({ authorization: `Bearer ${await tokenFor(NOW, { scope })}` });
  const explained = async (query: string, more: object = {}): Promise<Explain> => {
    const { body } = await send(small.url, { query, ...more }, await allowed());
    return body.extensions?.explain ?? expect.fail("it is not explained");
  };

  it("has the plan as a tree, in the client's names, and each call", async () => {
    const { plan, fetches, decisions, openTextCalls, ms } = await explained(
      '{ dune: book(id: "b1") { title cost: price } }',
    );
    expect(plan).toEqual({
      kind: "Sequence",
      nodes: [
        { kind: "Fetch", id: 1, subgraph: "titles", operation: expect.stringContaining("dune: book(id: $s0_id)") },
        {
          kind: "Flatten",
          paths: ["dune"],
          node: {
            kind: "Fetch",
            id: 2,
            subgraph: "prices",
            operation: PRICE.replace("price", "cost: price"),
            requires: KEY,
          },
        },
      ],
    });
    expect(fetches.map(untimed)).toEqual([
      { id: 1, subgraph: "titles", paths: [], entities: 0, errors: 0 },
      { id: 2, subgraph: "prices", paths: ["dune"], entities: 1, errors: 0 },
    ]);
    expect([decisions, openTextCalls, ms > 0]).toEqual([[], 0, true]);
  });

  it("of one call has no steps, and of none has no calls", async () => {
    const one = await explained('{ book(id: "b1") { title } }');
    expect(one.plan).toEqual({ kind: "Fetch", id: 1, subgraph: "titles", operation: TITLE });
    expect(await explained("{ __typename }")).toMatchObject({ plan: { kind: "Sequence", nodes: [] }, fetches: [] });
  });

  it("of entities at several places has one call for all of them, each once", async () => {
    const { plan, fetches } = await explained('{ a: book(id: "b1") { price } b: book(id: "b1") { price } }');
    expect(plan).toMatchObject({ nodes: [{ kind: "Fetch" }, { kind: "Flatten", paths: ["a", "b"] }] });
    expect(fetches.map(untimed)).toContainEqual({
      id: 2,
      subgraph: "prices",
      paths: ["a", "b"],
      entities: 1,
      errors: 0,
    });
  });

  it("of a mutation has its fields one after the other", async () => {
    const { plan, fetches } = await explained(
      'mutation { a: rename(id: "b1", title: "Dune") { title } b: rename(id: "b1", title: "Dune") { price } }',
    );
    expect(plan).toMatchObject({
      kind: "Sequence",
      nodes: [
        { kind: "Fetch", id: 1 },
        {
          kind: "Sequence",
          nodes: [
            { kind: "Fetch", id: 2 },
            { kind: "Flatten", node: { id: 3 } },
          ],
        },
      ],
    });
    expect(fetches.map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it("of a call that fails has its code, and nothing that is masked", async () => {
    const { fetches } = await explained("{ bug }");
    expect(fetches.map(untimed)).toEqual([
      { id: 1, subgraph: "titles", paths: [], entities: 0, errors: 1, code: "PLANTED" },
    ]);
  });

  it("of an answer in parts comes with the last one", async () => {
    const query = '{ book(id: "b1") { title ... @defer(label: "later") { price } } }';
    for (const accept of ["multipart/mixed", "multipart/mixed;incrementalSpec=v0.2", "text/event-stream"]) {
      const response = await fetch(small.url, {
        method: "POST",
        headers: { "content-type": "application/json", accept, ...(await allowed()) },
        body: JSON.stringify({ query, extensions: { explain: true } }),
      });
      const payloads = [...(await response.text()).matchAll(/^(?:data: )?(\{.*\})\r?$/gm)].map(
        ([, json = ""]) => JSON.parse(json) as Answered["body"],
      );
      expect(payloads.map(({ extensions }) => extensions !== undefined)).toEqual([false, true]);
      const { plan, fetches } = payloads.at(-1)?.extensions?.explain ?? expect.fail("it is not explained");
      expect(plan).toEqual({
        kind: "Defer",
        primary: { kind: "Fetch", id: 1, subgraph: "titles", operation: expect.any(String) },
        deferred: [
          {
            label: "later",
            type: "Book",
            node: {
              kind: "Flatten",
              paths: ["@"],
              node: { kind: "Fetch", id: 2, subgraph: "prices", operation: PRICE, requires: KEY },
            },
          },
        ],
      });
      expect(fetches.map(({ id }) => id)).toEqual([1, 2]);
    }
  });

  it("comes by GET, as events, and over a WebSocket", async () => {
    const query = '{ book(id: "b1") { title } }';
    const headers = { ...(await allowed()), "apollo-require-preflight": "true" };
    const search = new URLSearchParams({ query, extensions: '{"explain":true}' });
    const byGet = await fetch(`${small.url}?${search}`, { headers });
    const asEvents = await fetch(`${small.url}?${search}`, { headers: { ...headers, accept: "text/event-stream" } });
    expect([await byGet.text(), await asEvents.text()].map((text) => text.includes('"explain":{"ms":'))).toEqual([
      true,
      true,
    ]);
    const client = createClient({
      url: small.url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      connectionParams: headers,
    });
    const answers = [];
    for await (const one of client.iterate({ query, extensions: { explain: true } })) answers.push(one);
    await client.dispose();
    expect(answers).toMatchObject([{ extensions: { explain: { plan: { kind: "Fetch" } } } }]);
  });

  it.each(["yes", 1, {}, []])("is refused where it is asked for by %j", async (value) => {
    const { status, body } = await send(
      small.url,
      { query: "{ echo }", extensions: { explain: value } },
      await allowed(),
    );
    expect([status, body.errors]).toEqual([
      400,
      [
        {
          message: "Cannot read the request: extensions.explain is neither true nor false",
          extensions: { code: "BAD_REQUEST" },
        },
      ],
    ]);
  });

  it.each([null, false, undefined])("is not given where it is asked for by %j", async (value) => {
    const { body } = await send(small.url, { query: "{ echo }", extensions: { explain: value } }, await allowed());
    expect(body).toEqual({ data: { echo: null } });
  });

  it("is not for callers without graph:read, and nothing is executed for them", async () => {
    const before = small.requests.length;
    const { status, body } = await send(small.url, { query: "{ echo }" }, await allowed("eligibility:read audit:read"));
    expect([status, body]).toEqual([
      403,
      {
        errors: [
          {
            message: "Cannot explain: the caller needs the scope graph:read",
            extensions: { code: "FORBIDDEN" },
          },
        ],
      },
    ]);
    expect(small.requests.length).toBe(before);
  });

  it.each([
    ["that is not valid", { query: "{ nothing }" }, "GRAPHQL_VALIDATION_FAILED"],
    ["of no known document", { documentId: `sha256:${"0".repeat(64)}` }, "DOCUMENT_NOT_TRUSTED"],
    [
      "with a wrong variable",
      { query: "query ($t: String) { echo(text: $t) }", variables: { t: {} } },
      "BAD_USER_INPUT",
    ],
  ])("is not of an operation %s, which is refused as ever", async (_which, body, code) => {
    const answer = await send(small.url, body, await allowed());
    expect([answer.status, answer.body.extensions, answer.body.errors?.[0]?.extensions.code]).toEqual([
      400,
      undefined,
      code,
    ]);
  });

  it("asks subgraphs to explain only where the client does", async () => {
    await send(small.url, { query: "{ echo }", extensions: {} }, await allowed());
    expect(small.requests.at(-1)?.explains).toBe(false);
    await explained("{ echo }");
    expect(small.requests.at(-1)?.explains).toBe(true);
  });

  it("of the engine in JavaScript has the calls, and no plan", async () => {
    const stitched = await startSmallGateway({ engine: javaScriptEngine() });
    const { plan, fetches } = await explain(stitched.url, '{ book(id: "b1") { title price } }');
    await stitched.close();
    expect(plan).toBeNull();
    expect(fetches.map(untimed)).toEqual([
      { id: null, subgraph: "titles", paths: [], entities: 0, errors: 0 },
      { id: null, subgraph: "prices", paths: [], entities: 1, errors: 0 },
    ]);
  });
});

describe.each(["memory", "http"])("decisions of subgraphs asked by %s", (transport) => {
  let graph: TestDecibel;
  beforeAll(async () => {
    graph = await startTestDecibel({ variables: { SUBGRAPH_TRANSPORT: transport, OPENTEXT_RECOVERY_MS: "1" } });
  }, 60_000);
  afterEach(() => graph.sandbox("opentext").behave());
  afterAll(() => graph.stop());

  /** By model, without what is zero; each entry adds up. */
  async function waveOf(query: string) {
    await graph.sandbox("opentext").forget();
    const { decisions, openTextCalls } = await explain(graph.decibel.url, query);
    const { executes } = await graph.sandbox("opentext").calls();
    expect(openTextCalls).toBe(executes);
    const entries = decisions.map(({ model, ms, ...counts }) => {
      expect(WAYS.reduce((sum, way) => sum + counts[way], counts.failed)).toBe(counts.asked);
      expect(ms).toBeGreaterThan(0);
      return [model, Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))] as const;
    });
    return Object.fromEntries(entries);
  }

  const TARGETING = "{ campaigns(first: 5) { nodes { targeting { verdict } again: targeting { origin } } } }";

  it("are called with an empty cache, joined where asked twice, and cached the second time", async () => {
    const { campaign_targeting: first, ...others } = await waveOf(TARGETING);
    const { called = 0, equivalent = 0, calls, ...rest } = first ?? {};
    expect([others, rest, called, called + equivalent]).toEqual([{}, { asked: 10, joined: 5, batches: 1 }, calls, 5]);
    const { campaign_targeting: second } = await waveOf(TARGETING);
    const { cached = 0, equivalent: still = 0, joined = 0, ...nothing } = second ?? {};
    expect([cached + still + joined, nothing]).toEqual([10, { asked: 10, batches: 1 }]);
  });

  it("are added up over all subgraphs, as the origins of the answer", async () => {
    const query = `{ campaigns(first: 3) { nodes { targeting { origin } } } locations(first: 8) { nodes { playback { origin } } } }`;
    const { body } = await send(graph.decibel.url, { query });
    const models = body.extensions?.explain?.decisions.map(({ model, asked }) => [model, asked]);
    expect(models).toEqual([
      ["campaign_targeting", 3],
      ["location_playback", 8],
    ]);
    const origins = [...JSON.stringify(body.data).matchAll(/"origin":"(\w+)"/g)].map(([, origin]) => origin);
    const count = (way: "called" | "cached" | "equivalent"): number | undefined =>
      body.extensions?.explain?.decisions.reduce((sum, counts) => sum + counts[way], 0);
    const of = (origin: string): number => origins.filter((one) => one === origin).length;
    expect([count("called"), count("cached"), count("equivalent")]).toEqual([
      of("SERVICE"),
      of("CACHE"),
      of("EQUIVALENT"),
    ]);
  });

  it("of a mutation are called, whatever is known, also where it is only tried", async () => {
    const input = 'campaignId: "campaign_45b09d9d-5b33-41bc-91a8-75ecdb4f050e", dryRun: true';
    const wave = await waveOf(`mutation { applyTargeting(input: { ${input} }) { decision { origin } } }`);
    expect(wave).toEqual({ campaign_targeting: { asked: 1, called: 1, batches: 1, calls: 1 } });
  });

  it("that fail are counted as failed, with every call that was made for them", async () => {
    await graph.sandbox("opentext").misbehave({ status: 400 });
    const { episode_publishing: counts } = await waveOf("{ episodes(first: 3) { nodes { publishing { verdict } } } }");
    const { calls = 0, ...rest } = counts ?? {};
    expect(rest).toEqual({ asked: 3, failed: 3, batches: 1 });
    expect(calls).toBeGreaterThan(0);
  });
});
