/** Another version of the supergraph in a gateway that runs: no request fails, and none is answered by two. */
import { afterEach, describe, expect, it } from "vitest";
import { compose } from "../../schema/compose.ts";
import { createGateway } from "../../gateway/gateway.ts";
import { createMemoryTransport } from "../../gateway/transport/memory.ts";
import { buildSchema, execute, parse } from "graphql";
import { pino } from "pino";
import { ask } from "../support/decibel.ts";
import type { Gateway } from "../../gateway/gateway.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const OLD = "type Query { title: String old: String slow: String } type Mutation { write: String }";
const NEW = "type Query { title: String new: String slow: String } type Mutation { write: String }";

function supergraphOf(sdl: string): string {
  const subgraphs = [{ name: "books", routingUrl: "http://127.0.0.1:1/books", file: "books" }];
  return compose({ subgraphs }, new Map([["books", sdl]]));
}

/** Over a subgraph that has the fields of both. */
async function start() {
  const schema = buildSchema(
    "type Query { title: String old: String new: String slow: String } type Mutation { write: String }",
  );
  const slow = Promise.withResolvers<string>();
  const [asked, arrived] = [[] as string[], Promise.withResolvers<void>()];
  const rootValue = {
    title: "Dune",
    old: "old",
    new: "new",
    write: () => "written",
    slow() {
      arrived.resolve();
      return slow.promise;
    },
  };
  const transport = createMemoryTransport(async ({ query }) => {
    asked.push(query);
    return execute({ schema, document: parse(query), rootValue });
  });
  const gateway: Gateway = await createGateway({
    supergraph: supergraphOf(OLD),
    transports: new Map([["books", transport]]),
    log: pino({ enabled: false }),
  });
  cleanups.push(() => gateway.close());
  const url = await gateway.listen();
  return { gateway, asked, slow, arrived: arrived.promise, query: (text: string) => ask(url, text) };
}

describe("a gateway that is given another supergraph", () => {
  it("answers by it from then on, and by the old one what was in flight", async () => {
    const { gateway, slow, arrived, query } = await start();
    expect(await query("{ old }")).toEqual({ data: { old: "old" }, errors: [] });
    const inFlight = query("{ slow old }");
    await arrived;
    await gateway.reload({ supergraph: supergraphOf(NEW) });
    expect(await query("{ new }")).toEqual({ data: { new: "new" }, errors: [] });
    expect((await query("{ old }")).errors).toMatchObject([{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }]);
    slow.resolve("late");
    expect(await inFlight).toEqual({ data: { slow: "late", old: "old" }, errors: [] });
  });

  it("prepares what clients asked lately, and calls no subgraph for that", async () => {
    const { gateway, asked, query } = await start();
    await query("{ title }");
    await query("mutation { write }");
    const before = asked.length;
    await gateway.reload({ supergraph: supergraphOf(NEW) });
    expect(asked).toHaveLength(before);
    expect(await query("mutation { write }")).toEqual({ data: { write: "written" }, errors: [] });
    expect(asked).toHaveLength(before + 1);
  });

  it.each([
    ["that is no GraphQL", "type Query {", "Syntax Error"],
    ["that no subgraph answers", "type Query { title: String }", "it names no subgraph"],
    ["that is empty", "", "Syntax Error"],
  ])("refuses one %s, and keeps the old one", async (_what, supergraph, message) => {
    const { gateway, query } = await start();
    await expect(gateway.reload({ supergraph })).rejects.toThrow(message);
    expect(await query("{ old }")).toEqual({ data: { old: "old" }, errors: [] });
  });

  it("takes one after the other", async () => {
    const { gateway, query } = await start();
    const reloads = [supergraphOf(NEW), "broken", supergraphOf(OLD)].map((supergraph) =>
      gateway.reload({ supergraph }),
    );
    expect((await Promise.allSettled(reloads)).map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(await query("{ old }")).toEqual({ data: { old: "old" }, errors: [] });
  });

  it("loses no answer under load, and gives each from one of them", async () => {
    const { gateway, query } = await start();
    const wrong: unknown[] = [];
    const ending = new AbortController();
    const client = async (): Promise<void> => {
      while (!ending.signal.aborted) {
        const { data, errors } = await query("{ title }");
        if (errors.length > 0 || JSON.stringify(data) !== '{"title":"Dune"}') wrong.push({ data, errors });
      }
    };
    const clients = Array.from({ length: 4 }, client);
    for (let turn = 0; turn < 6; turn += 1)
      await gateway.reload({ supergraph: supergraphOf(turn % 2 === 0 ? NEW : OLD) });
    ending.abort();
    await Promise.all(clients);
    expect(wrong).toEqual([]);
  });
});
