/** A client that goes away ends what the gateway does for it, and nothing else. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startSmallGateway } from "../../support/small-gateway.ts";
import type { SmallGateway } from "../../support/small-gateway.ts";

let gateway: SmallGateway;
beforeEach(async () => {
  gateway = await startSmallGateway();
});
afterEach(() => gateway.close());

const post = (query: string, signal?: AbortSignal): Promise<Response> =>
  fetch(gateway.url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
    ...(signal && { signal }),
  });

describe("a client that goes away", () => {
  it("ends its calls to subgraphs, and not those of another client", async () => {
    const client = new AbortController();
    const left = post("{ slow }", client.signal).catch((error: unknown) => error);
    const stayed = post("{ slow }");
    await expect.poll(() => gateway.requests.length).toBe(2);
    client.abort();
    await left;
    await expect.poll(() => gateway.requests.filter(({ signal }) => signal?.aborted)).toHaveLength(1);
    gateway.slow.resolve("at last");
    expect(await (await stayed).json()).toEqual({ data: { slow: "at last" } });
    expect(gateway.logged).toEqual([]);
  });

  it("does not begin the next field of its mutation", async () => {
    const client = new AbortController();
    const left = post('mutation { a: wait b: rename(id: "b1", title: "x") { id } }', client.signal).catch(
      (error: unknown) => error,
    );
    await expect.poll(() => gateway.requests.length).toBe(1);
    client.abort();
    await left;
    await expect.poll(() => gateway.requests[0]?.signal?.aborted).toBe(true);
    gateway.slow.resolve("at last");
    expect((await post("{ __typename }")).status).toBe(200);
    expect([gateway.requests.length, gateway.titles.get("b1")]).toEqual([1, "Dune"]);
  });
});

describe("a subgraph", () => {
  it("gets the name of the client's operation and the request's id with each call", async () => {
    const response = await fetch(gateway.url, {
      method: "POST",
      headers: { "content-type": "application/json", "x-request-id": "from-the-client" },
      body: JSON.stringify({ query: 'query Shelf { book(id: "b1") { title price } }' }),
    });
    expect(await response.json()).toEqual({ data: { book: { title: "Dune", price: 2 } } });
    expect(gateway.requests.map(({ operationName, requestId }) => [operationName, requestId])).toEqual([
      ["Shelf", "from-the-client"],
      ["Shelf", "from-the-client"],
    ]);
  });
});
