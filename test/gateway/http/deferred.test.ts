/** Fragments with `@defer`: entities first, decisions as they arrive, by the clients that teams use. */
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { Defer20220824Handler, GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { Client, fetchExchange } from "@urql/core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ask, startTestDecibel } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";
import { startSmallGateway } from "../../support/small-gateway.ts";
import type { SmallGateway } from "../../support/small-gateway.ts";

const BY_PATH = "multipart/mixed;deferSpec=20220824";
const BY_ID = "multipart/mixed;incrementalSpec=v0.2";

let graph: TestDecibel;
let small: SmallGateway;
beforeAll(async () => {
  [graph, small] = await Promise.all([startTestDecibel(), startSmallGateway()]);
});
afterEach(() => graph.sandbox("opentext").behave());
afterAll(() => Promise.all([graph.stop(), small.close()]));

interface Payload {
  readonly data?: unknown;
  readonly hasNext: boolean;
  readonly pending?: readonly { readonly id: string; readonly path: readonly (string | number)[] }[];
  readonly completed?: readonly { readonly id: string; readonly errors?: readonly object[] }[];
  readonly incremental?: readonly {
    readonly id?: string;
    readonly data: unknown;
    readonly path?: readonly (string | number)[];
    readonly label?: string;
    readonly errors?: readonly { readonly path: readonly (string | number)[]; readonly extensions: object }[];
  }[];
}

async function send(
  url: string,
  query: string,
  accept: string,
): Promise<{ status: number; type: string; payloads: Payload[] }> {
  const headers = { "content-type": "application/json", accept };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
  const text = await response.text();
  const payloads = [...text.matchAll(/^(?:data: )?(\{.*\})\r?$/gm)].map(([, json = ""]) => JSON.parse(json) as Payload);
  return { status: response.status, type: response.headers.get("content-type") ?? "", payloads };
}

const BOOK = `{ book(id: "b1") { title ...P @defer(label: "price") } } fragment P on Book { price id }`;

describe("a response in parts", () => {
  it.each([
    [BY_PATH, `multipart/mixed;boundary="-";deferSpec=20220824`],
    ["multipart/mixed", `multipart/mixed;boundary="-";deferSpec=20220824`],
    [`${BY_PATH}, application/json;q=0.9`, `multipart/mixed;boundary="-";deferSpec=20220824`],
    ["text/event-stream", "text/event-stream; charset=utf-8"],
    ["application/json, text/event-stream;q=0.5", "text/event-stream; charset=utf-8"],
  ])("has the entity first, then the fragment by its path: %s", async (accept, type) => {
    const answer = await send(small.url, BOOK, accept);
    expect([answer.status, answer.type, answer.payloads]).toEqual([
      200,
      type,
      [
        { data: { book: { title: "Dune" } }, hasNext: true },
        { incremental: [{ data: { price: 2, id: "b1" }, path: ["book"], label: "price" }], hasNext: false },
      ],
    ]);
  });

  it("has the entity first, then the fragment by an id that was announced", async () => {
    const answer = await send(small.url, BOOK, BY_ID);
    expect([answer.type, answer.payloads]).toEqual([
      `multipart/mixed;boundary="-";incrementalSpec=v0.2`,
      [
        { data: { book: { title: "Dune" } }, pending: [{ id: "0", path: ["book"], label: "price" }], hasNext: true },
        { incremental: [{ id: "0", data: { price: 2, id: "b1" } }], completed: [{ id: "0" }], hasNext: false },
      ],
    ]);
  });

  it.each(["application/json", "application/graphql-response+json", "*/*"])(
    "is whole for a client that accepts no parts: %s",
    async (accept) => {
      const { payloads } = await send(small.url, BOOK, accept);
      expect(payloads).toEqual([{ data: { book: { title: "Dune", price: 2, id: "b1" } } }]);
    },
  );

  it.each([
    ["no fragment is deferred", `{ book(id: "b1") { title } }`],
    ["the condition is false", `{ book(id: "b1") { title ... @defer(if: false) { price } } }`],
    ["the object is null", `{ book(id: "none") { title ... @defer { price } } }`],
    ["the fragment is skipped", `{ book(id: "b1") { title ... @defer @skip(if: true) { price } } }`],
  ])("is whole where %s", async (_title, query) => {
    const parts = await send(small.url, query, `${BY_PATH}, application/json`);
    const whole = await ask(small.url, query);
    expect([parts.type, parts.payloads]).toEqual(["application/json; charset=utf-8", [{ data: whole.data }]]);
  });

  it("may defer fragments of the query itself, under hostile names", async () => {
    const { payloads } = await send(
      small.url,
      `{ __proto__: book(id: "b1") { id: title ... @defer { constructor: price } } ... @defer { toString: book(id: "b1") { title } } }`,
      BY_PATH,
    );
    const parts = payloads.slice(1).flatMap(({ incremental = [] }) => incremental);
    expect(JSON.stringify(payloads[0])).toBe('{"data":{"__proto__":{"id":"Dune"}},"hasNext":true}');
    expect(parts).toHaveLength(2);
    expect(parts).toContainEqual({ path: ["__proto__"], data: { constructor: 2 } });
    expect(parts).toContainEqual({ path: [], data: { toString: { title: "Dune" } } });
  });
});

const BOARD = `{ campaigns(first: 5) { nodes { id name ...T @defer(label: "targeting") } } } fragment T on Campaign { targeting { verdict } }`;

describe("a deferred fragment", () => {
  it.each([
    [
      "a variable as its label",
      `query ($l: String) { book(id: "b1") { ... @defer(label: $l) { price } } }`,
      "GRAPHQL_VALIDATION_FAILED",
    ],
    [
      "the label of another",
      `{ book(id: "b1") { ... @defer(label: "a") { price } ... @defer(label: "a") { title } } }`,
      "GRAPHQL_VALIDATION_FAILED",
    ],
    ["too many beside it", `{ ${"... @defer { __typename } ".repeat(21)} }`, "LIMIT_EXCEEDED"],
    [
      "too many selections",
      `{ ${Array.from({ length: 20 }, (_none, index) => `... @defer { ${Array.from({ length: 49 }, (_one, nth) => `a${index}_${nth}: book(id: "b1") { title price }`).join(" ")} }`).join(" ")} }`,
      "LIMIT_EXCEEDED",
    ],
  ])("is refused before anything is sent with %s", async (_title, query, code) => {
    const { payloads } = await send(small.url, query, `${BY_PATH}, application/json`);
    expect(payloads).toMatchObject([{ errors: [{ extensions: { code } }] }]);
  });
});

describe("decisions that are deferred", () => {
  it("arrive after their entities, and are those of the whole response", async () => {
    const { payloads } = await send(graph.decibel.url, BOARD, BY_PATH);
    const whole = await graph.query<{ campaigns: { nodes: { id: string; name: string; targeting: object }[] } }>(
      "{ campaigns(first: 5) { nodes { id name targeting { verdict } } } }",
    );
    const { nodes } = whole.data.campaigns;
    expect(payloads[0]).toEqual({
      data: { campaigns: { nodes: nodes.map(({ id, name }) => ({ id, name })) } },
      hasNext: true,
    });
    const parts = payloads.slice(1).flatMap(({ incremental = [] }) => incremental);
    expect(parts).toEqual(
      nodes.map(({ targeting }, index) => ({
        data: { targeting },
        path: ["campaigns", "nodes", index],
        label: "targeting",
      })),
    );
    expect(payloads.at(-1)?.hasNext).toBe(false);
  });

  it("fail each in its own part", async () => {
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const query = BOARD.replace("first: 5", "first: 3, status: PAUSED");
    const { payloads } = await send(graph.decibel.url, query, BY_PATH);
    expect(payloads[0]).not.toHaveProperty("errors");
    const parts = payloads.slice(1).flatMap(({ incremental = [] }) => incremental);
    expect(parts).toMatchObject(
      [0, 1, 2].map((index) => ({
        data: { targeting: null },
        path: ["campaigns", "nodes", index],
        errors: [{ path: ["campaigns", "nodes", index, "targeting"], extensions: { decision: "campaign_targeting" } }],
      })),
    );
  });
});

describe("clients", () => {
  it.each([
    ["Apollo Client, by the draft of 2022", () => new Defer20220824Handler()],
    ["Apollo Client, by the draft of 2023", () => new GraphQL17Alpha9Handler()],
  ])("get entities and deferred decisions: %s", async (_title, handler) => {
    const client = new ApolloClient({
      link: new HttpLink({ uri: graph.decibel.url }),
      cache: new InMemoryCache(),
      // The client's own types of the two handlers differ under exact optional properties.
      incrementalHandler: handler() as Defer20220824Handler,
    });
    const seen: unknown[] = [];
    const query = gql(BOARD);
    const result = await new Promise<unknown>((resolve, reject) => {
      client.watchQuery({ query }).subscribe({
        next: ({ data, dataState, error }) => {
          if (error) reject(error);
          if (data) seen.push(dataState);
          if (dataState === "complete") resolve(data);
        },
        error: reject,
      });
    });
    expect(result).toMatchObject({
      campaigns: { nodes: Array.from({ length: 5 }, () => ({ targeting: { verdict: expect.any(String) } })) },
    });
    expect(seen[0]).toBe("streaming");
    client.stop();
  });

  it("get entities and deferred decisions: urql", async () => {
    const client = new Client({ url: graph.decibel.url, exchanges: [fetchExchange], preferGetMethod: false });
    const seen: { readonly data: unknown; readonly hasNext: boolean }[] = [];
    await new Promise<void>((resolve, reject) => {
      client.query(BOARD, {}).subscribe(({ data, error, hasNext }) => {
        if (error) reject(error);
        seen.push({ data: structuredClone(data) as unknown, hasNext });
        if (!hasNext) resolve();
      });
    });
    expect(seen[0]?.hasNext).toBe(true);
    expect(JSON.stringify(seen[0]?.data)).not.toContain("verdict");
    expect(seen.at(-1)?.data).toMatchObject({
      campaigns: { nodes: Array.from({ length: 5 }, () => ({ targeting: { verdict: expect.any(String) } })) },
    });
  });
});

// Last, because it decides much that other tests count.
describe("a stream of deferred decisions", () => {
  it("ends with a client that goes away at any moment, and nothing else ends", async () => {
    for (let wait = 0; wait < 40; wait += 1) {
      const client = new AbortController();
      const sent = fetch(graph.decibel.url, {
        method: "POST",
        headers: { "content-type": "application/json", accept: BY_PATH },
        body: JSON.stringify({ query: BOARD.replace("first: 5", "first: 20") }),
        signal: client.signal,
      }).then((response) => response.text());
      setTimeout(() => client.abort(), wait);
      await sent.catch(() => {});
    }
    // A rejection without a handler would end the process, and fail the run.
    expect((await send(graph.decibel.url, BOARD, BY_PATH)).payloads.at(-1)?.hasNext).toBe(false);
    expect(graph.logged.filter(({ level }) => level >= 50)).toEqual([]);
  });
});
