/** How subgraphs are asked over HTTP: what they get, and when a call ends. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createHttpTransport } from "../../../gateway/transport/http.ts";
import { TransportError } from "../../../gateway/transport/transport.ts";
import { ANYBODY } from "../../../subgraphs/platform/caller.ts";
import { monotonic } from "../../../subgraphs/platform/clock.ts";
import type { ReplicaTransport } from "../../../gateway/transport/replicas.ts";
import type { SubgraphRequest } from "../../../gateway/transport/transport.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Received {
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
  /** Resolves when the connection is closed before the response is sent. */
  readonly cut: Promise<void>;
}

/** A subgraph, and a transport to it. */
async function subgraph(
  answer: (response: ServerResponse) => void,
  timeoutMs = 60_000,
): Promise<{ transport: ReplicaTransport; received: Received[]; connections: () => number }> {
  const received: Received[] = [];
  let connections = 0;
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const cut = new Promise<void>(
      (resolve) => void response.once("close", () => !response.writableFinished && resolve()),
    );
    received.push({ headers: request.headers, body: JSON.parse(text), cut });
    answer(response);
  });
  server.on("connection", () => void (connections += 1));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql?tenant=1`;
  const transport = createHttpTransport(url, { timeoutMs });
  cleanups.push(() => transport.close());
  return { transport, received, connections: () => connections };
}

const REQUEST: SubgraphRequest = {
  query: "query($id: ID!){book(id: $id){title}}",
  variables: { id: "b1" },
  operationName: undefined,
  requestId: "r-1",
  caller: ANYBODY,
  readsAnew: false,
  endsAt: Infinity,
  signal: undefined,
};
const ok = (response: ServerResponse): void => void response.end('{"data":{"book":null}}');

describe("a subgraph over HTTP", () => {
  it("gets the query, the variables and the request's id, on connections that are kept open", async () => {
    const { transport, received, connections } = await subgraph(ok);
    const requests = [1, 2, 3, 4, 5];
    for (const _request of requests) expect(await transport.send(REQUEST)).toEqual({ data: { book: null } });
    expect(received).toMatchObject(
      requests.map(() => ({
        headers: { "content-type": "application/json", "x-request-id": "r-1" },
        body: { query: REQUEST.query, variables: { id: "b1" } },
      })),
    );
    expect(connections()).toBeLessThanOrEqual(2);
  });

  it.each([
    ["query($id: ID!){book(id: $id){title}}", "query Shelf($id: ID!){book(id: $id){title}}"],
    ["mutation{rename{id}}", "mutation Shelf{rename{id}}"],
    ["{book{id}}", "query Shelf {book{id}}"],
  ])("gets the name of the client's operation: %s", async (query, named) => {
    const { transport, received } = await subgraph(ok);
    await transport.send({ ...REQUEST, query, operationName: "Shelf" });
    expect(received).toMatchObject([{ body: { query: named, operationName: "Shelf" } }]);
  });

  it("is told where facts have to be read anew", async () => {
    const { transport, received } = await subgraph(ok);
    await transport.send({ ...REQUEST, readsAnew: true });
    await transport.send(REQUEST);
    expect(received.map(({ headers }) => headers["cache-control"])).toEqual(["no-cache", undefined]);
  });

  it("is told how long somebody waits", async () => {
    const { transport, received } = await subgraph(ok);
    await transport.send({ ...REQUEST, endsAt: monotonic() + 5000 });
    const left = Number(received[0]?.headers["x-decibel-deadline-ms"]);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(5000);
  });

  it("is not asked any longer if the client goes away", async () => {
    const { transport, received } = await subgraph(() => {});
    const client = new AbortController();
    const sent = transport.send({ ...REQUEST, signal: client.signal });
    await expect.poll(() => received.length).toBe(1);
    client.abort(new Error("gone"));
    await expect(sent).rejects.toThrow("gone");
    await received[0]?.cut;
  });

  it("has a limited time for each part of its answer", async () => {
    const { transport, received } = await subgraph((response) => void response.write('{"data":'), 50);
    await expect(transport.send(REQUEST)).rejects.toMatchObject({ failure: "TIMEOUT" });
    await received[0]?.cut;
  });

  it.each([
    ["nothing", (response: ServerResponse) => void response.end(), { failure: "UNEXPECTED", status: 200 }],
    [
      "a page",
      (response: ServerResponse) => void response.writeHead(502).end("<p>"),
      { failure: "UNEXPECTED", status: 502 },
    ],
    ["null", (response: ServerResponse) => void response.end("null"), { failure: "UNEXPECTED" }],
    ["a list", (response: ServerResponse) => void response.end("[]"), { failure: "UNEXPECTED" }],
    ["neither data nor errors", (response: ServerResponse) => void response.end("{}"), { failure: "UNEXPECTED" }],
    ["data that is a text", (response: ServerResponse) => void response.end('{"data":"x"}'), { failure: "UNEXPECTED" }],
    [
      "errors without messages",
      (response: ServerResponse) => void response.end('{"errors":[{}]}'),
      { failure: "UNEXPECTED" },
    ],
    [
      "half a response",
      (response: ServerResponse) =>
        void response.writeHead(200, { "content-length": 9 }).write("{", () => response.destroy()),
      { failure: "UNREACHABLE" },
    ],
  ])("has failed if it answers %s", async (_title, answer, expected) => {
    const { transport } = await subgraph(answer);
    const error: unknown = await transport.send(REQUEST).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject(expected);
  });
});

describe("a subgraph that leaves", () => {
  it("says so by ending its connections", async () => {
    let leaves = false;
    const { transport } = await subgraph((response) => {
      response.shouldKeepAlive = !leaves;
      ok(response);
    });
    await transport.send(REQUEST);
    expect(transport.leavesUntil()).toBeLessThan(monotonic());
    leaves = true;
    await transport.send(REQUEST);
    expect(transport.leavesUntil()).toBeGreaterThan(monotonic());
  });
});
