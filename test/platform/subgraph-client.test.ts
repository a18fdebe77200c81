/** What a subgraph asks another one of which there are several replicas. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { ANYBODY } from "../../subgraphs/platform/caller.ts";
import { createSubgraphClient } from "../../subgraphs/platform/subgraph-client.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import { freePort } from "../support/programs.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A replica that knows one entity, and how often it was asked. */
async function replica() {
  const one = { url: "", asked: 0 };
  const server = createServer((_request, response) => {
    one.asked += 1;
    response.setHeader("content-type", "application/json");
    response.end('{"data":{"entities":[{"title":"Dune"}]}}');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  one.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return one;
}

async function dead(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}/graphql`;
}

function titleFrom(urls: readonly string[]) {
  const client = createSubgraphClient({ urlsOf: () => urls });
  cleanups.push(() => client.close());
  const context = { requestId: "r-1", readsAnew: true, caller: ANYBODY, log: pino({ enabled: false }) };
  const entity = z.object({ title: z.string() });
  return () =>
    client.entity(context as never, { subgraph: "books", type: "Book", id: "b1", selection: "title", entity });
}

describe("a subgraph that asks another one", () => {
  it("asks the next replica where one cannot be reached, and that one from then on", async () => {
    const there = await replica();
    const ask = titleFrom([await dead(), there.url]);
    expect(await ask()).toEqual({ title: "Dune" });
    expect(await ask()).toEqual({ title: "Dune" });
    expect(there.asked).toBe(2);
  });

  it("says which subgraph it is where none can be reached, or none is known", async () => {
    const error = await titleFrom([await dead(), await dead()])().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UpstreamError);
    expect(error).toMatchObject({ upstream: "books", failure: "UNREACHABLE" });
    await expect(titleFrom([])()).rejects.toThrow("Cannot ask books: its URL is not known");
  });
});
