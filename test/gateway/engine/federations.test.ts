/** What the random operations over one world do not meet: forms of federation that its schema has not. */
import { buildSubgraphSchema } from "@apollo/subgraph";
import { execute, getOperationAST, parse, validate } from "graphql";
import type { GraphQLSchema } from "graphql";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import type { Fetch } from "../../../gateway/engine/compile.ts";
import { chooseEngine, createExecutor, javaScriptEngine } from "../../../gateway/engine/engine.ts";
import type { Engine } from "../../../gateway/engine/engine.ts";
import type { SubgraphResponse } from "../../../gateway/engine/run.ts";
import { compose } from "../../../schema/compose.ts";
import { ANYBODY } from "../../../subgraphs/platform/caller.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key", "@external", "@interfaceObject", "@provides", "@shareable"])\n`;

type Module = Extract<Parameters<typeof buildSubgraphSchema>[0], readonly unknown[]>[number];
type Resolvers = NonNullable<Extract<Module, { readonly typeDefs: unknown }>["resolvers"]>;

interface Subgraph {
  readonly sdl: string;
  readonly resolvers: Resolvers;
}

interface Ask {
  (query: string): Promise<unknown>;
  /** Names of the subgraphs that the last query asked. */
  readonly asked: readonly string[];
}

async function serve(engine: Engine, subgraphs: Readonly<Record<string, Subgraph>>): Promise<Ask> {
  const names = Object.keys(subgraphs);
  const schemas = new Map<string, GraphQLSchema>();
  const files = new Map<string, string>();
  for (const [name, { sdl, resolvers }] of Object.entries(subgraphs)) {
    schemas.set(name, buildSubgraphSchema([{ typeDefs: parse(LINK + sdl), resolvers }]));
    files.set(`${name}.graphql`, LINK + sdl);
  }
  const federation = names.map((name) => ({ name, routingUrl: `http://${name}`, file: `${name}.graphql` }));
  const executor = await createExecutor(engine, compose({ subgraphs: federation }, files));
  const asked: string[] = [];

  const ask = async (source: string): Promise<unknown> => {
    asked.length = 0;
    const document = parse(source);
    const operation = getOperationAST(document);
    if (!operation) throw new Error("no operation");
    expect(validate(executor.schema, document)).toEqual([]);
    const { response } = await executor.execute(
      { document, operation, variables: {}, scopes: ANYBODY.scopes },
      { call },
    );
    return JSON.parse(JSON.stringify(response)) as unknown;
  };
  return Object.assign(ask, { asked });

  async function call(
    { subgraph, query }: Fetch,
    variables: Readonly<Record<string, unknown>>,
  ): Promise<SubgraphResponse> {
    asked.push(subgraph);
    const schema = schemas.get(subgraph);
    if (!schema) throw new Error(`no subgraph ${subgraph}`);
    const document = parse(query);
    const errors = validate(schema, document);
    const variableValues = JSON.parse(JSON.stringify(variables)) as Record<string, unknown>;
    const result = errors.length > 0 ? { errors } : await execute({ schema, document, variableValues });
    return JSON.parse(JSON.stringify(result)) as SubgraphResponse;
  }
}

const ENGINES = [await chooseEngine(pino({ level: "silent" })), javaScriptEngine()] as const;

/** `catalogue` knows what a medium is; `charts` only that it is one. */
function media(lost: { fault?: string } = {}): Readonly<Record<string, Subgraph>> {
  const known = new Map([
    ["m1", { __typename: "Song", id: "m1", bpm: 120 }],
    ["m2", { __typename: "Talk", id: "m2", speaker: "Ada" }],
  ]);
  const find = ({ id }: { readonly id: string }) => {
    if (lost.fault !== undefined) throw new Error(lost.fault);
    return known.get(id) ?? null;
  };
  return {
    catalogue: {
      sdl: `
        type Query { newest: Medium }
        interface Medium @key(fields: "id") { id: ID! }
        type Song implements Medium @key(fields: "id") { id: ID! bpm: Int! }
        type Talk implements Medium @key(fields: "id") { id: ID! speaker: String! }
      `,
      resolvers: {
        Query: { newest: () => known.get("m1") },
        Medium: { __resolveReference: find },
        Song: { __resolveReference: find },
        Talk: { __resolveReference: find },
      },
    },
    charts: {
      sdl: `
        type Query { top: [Medium]! stray: Medium }
        type Medium @key(fields: "id") @interfaceObject { id: ID! plays: Int! }
      `,
      resolvers: {
        Query: { top: () => [{ id: "m1" }, { id: "m2" }], stray: () => ({ id: "m9" }) },
        Medium: {
          __resolveReference: ({ id }: { readonly id: string }) => ({ id }),
          plays: ({ id }: { readonly id: string }) => Number(id.slice(1)) * 10,
        },
      },
    },
  };
}

/** An interface without objects in the only subgraph that could find them. */
const BARE = `
  type Query { newest: Medium }
  interface Medium @key(fields: "id") { id: ID! }
`;

const HOST = { __typename: "Host", id: "h1", name: "Ada" };

const PEOPLE: Readonly<Record<string, Subgraph>> = {
  roster: {
    sdl: `
      type Query { hosts: [Host!]! }
      type Host { id: ID @shareable }
    `,
    resolvers: { Query: { hosts: () => [HOST] } },
  },
  credits: {
    sdl: `
      scalar Notes
      type Query { credits: [Credit!]! }
      union Credit = Host | Guest
      type Host @key(fields: "id") {
        id: ID! name: String initials(length: Int!): String mood: String notes: Notes
      }
      type Guest { id: ID name: String }
    `,
    resolvers: {
      Query: { credits: () => [HOST, { __typename: "Guest", id: "g1", name: "Bob" }] },
      Host: {
        __resolveReference: () => HOST,
        initials: ({ name }: { readonly name: string }, { length }: { readonly length: number }) =>
          name.slice(0, length).toUpperCase(),
        mood: () => {
          throw new Error("no mood");
        },
        notes: () => ({ name: "n", notes: [{ id: 1 }] }),
      },
    },
  },
};

const CUP = { __typename: "Cup", id: "c1", name: "a cup" };

/** `front` has all that a shelf shows, `back` finds it by key. */
const SHOP: Readonly<Record<string, Subgraph>> = {
  back: {
    sdl: `
      type Query { shelf: Place @shareable }
      interface Place { id: ID! }
      interface Ware { id: ID! }
      type Shelf implements Place @key(fields: "id") { id: ID! on: [Ware] @shareable }
      type Cup implements Ware @key(fields: "id") { id: ID! @external }
    `,
    resolvers: { Query: { shelf: () => ({ __typename: "Shelf", id: "s1", on: [CUP] }) } },
  },
  front: {
    sdl: `
      type Query { shelf: Place @shareable @provides(fields: "on { id name }") }
      interface Place { id: ID! on: [Ware] }
      interface Ware { id: ID! name: String }
      type Shelf implements Place { id: ID! @shareable on: [Ware] @external }
      type Cup implements Ware { id: ID! @external name: String @external }
    `,
    resolvers: { Query: { shelf: () => ({ __typename: "Shelf", id: "s1", on: [CUP] }) } },
  },
  store: {
    sdl: `
      type Query { stock: Int }
      interface Place { id: ID! on: [Ware] }
      interface Ware { id: ID! name: String }
      type Shelf implements Place @key(fields: "id") { id: ID! on: [Ware] @shareable }
      type Cup implements Ware @key(fields: "id") { id: ID! name: String }
    `,
    resolvers: {
      Shelf: { __resolveReference: () => ({ id: "s1", on: [CUP] }) },
      Cup: { __resolveReference: () => CUP },
    },
  },
};

for (const engine of ENGINES) {
  describe(`the engine in ${engine.name}`, () => {
    it("reads what an interface object has without asking for its type", async () => {
      const ask = await serve(engine, media());
      expect(await ask("{ top { id plays ... on Medium { key: id } } }")).toEqual({
        data: {
          top: [
            { id: "m1", plays: 10, key: "m1" },
            { id: "m2", plays: 20, key: "m2" },
          ],
        },
      });
      if (engine.name === "rust") expect(ask.asked).toEqual(["charts"]);
    });

    it("asks for the type of an interface object where the response depends on it", async () => {
      const ask = await serve(engine, media());
      expect(await ask("{ top { __typename plays } }")).toEqual({
        data: {
          top: [
            { __typename: "Song", plays: 10 },
            { __typename: "Talk", plays: 20 },
          ],
        },
      });
      expect(await ask("{ top { plays ... on Song { kind: __typename bpm } ... on Talk { speaker plays } } }")).toEqual(
        {
          data: {
            top: [
              { plays: 10, kind: "Song", bpm: 120 },
              { plays: 20, speaker: "Ada" },
            ],
          },
        },
      );
      expect(await ask("{ newest { __typename plays ... on Song { twice: plays } } }")).toEqual({
        data: { newest: { __typename: "Song", plays: 10, twice: 10 } },
      });
    });

    it("reads a field that two members of a union have with types that differ", async () => {
      const ask = await serve(engine, PEOPLE);
      expect(
        await ask("{ credits { ... on Host { id label: name } ... on Guest { id label: name } } hosts { id name } }"),
      ).toEqual({
        data: {
          credits: [
            { id: "h1", label: "Ada" },
            { id: "g1", label: "Bob" },
          ],
          hosts: [{ id: "h1", name: "Ada" }],
        },
      });
      expect(await ask(`{ hosts { id name again: name first: initials(length: 1) initials(length: 2) } }`)).toEqual({
        data: { hosts: [{ id: "h1", name: "Ada", again: "Ada", first: "A", initials: "AD" }] },
      });
    });

    it("leaves the values of leaves alone, whatever their keys", async () => {
      const ask = await serve(engine, PEOPLE);
      expect(await ask("{ hosts { who: name notes } }")).toEqual({
        data: { hosts: [{ who: "Ada", notes: { name: "n", notes: [{ id: 1 }] } }] },
      });
    });

    it("has the path of a failed field, whatever its name", async () => {
      const ask = await serve(engine, PEOPLE);
      expect(await ask("{ people: hosts { id name moods: mood mood } }")).toMatchObject({
        data: { people: [{ id: "h1", name: "Ada", moods: null, mood: null }] },
        errors: [
          { message: "no mood", path: ["people", 0, "moods"] },
          { message: "no mood", path: ["people", 0, "mood"] },
        ],
      });
    });

    it("rejects an operation that no subgraph can answer", async () => {
      const { catalogue, charts } = media();
      if (!catalogue || !charts) throw new Error("no subgraphs");
      const sdl = charts.sdl.replace('@key(fields: "id")', '@key(fields: "id", resolvable: false)');
      const ask = await serve(engine, { catalogue: { ...catalogue, sdl: BARE }, charts: { ...charts, sdl } });
      await expect(ask("{ newest { plays } }")).rejects.toThrow(/plan/);
    });
  });
}

const [fastest] = ENGINES;
describe.skipIf(fastest.name !== "rust")("the engine in rust", () => {
  it("has an error for an interface object whose type nobody knows", async () => {
    const ask = await serve(fastest, media());
    expect(await ask("{ stray { id plays } }")).toEqual({ data: { stray: { id: "m9", plays: 90 } } });
    for (const query of ["{ stray { __typename plays } }", "{ stray { plays ... on Song { bpm } } }"]) {
      expect(await ask(query)).toMatchObject({ data: { stray: null }, errors: [{ path: ["stray"] }] });
    }
  });

  it("has the subgraph's error for an interface object whose type it failed to find", async () => {
    const ask = await serve(fastest, media({ fault: "the catalogue is closed" }));
    expect(await ask("{ stray { id plays } }")).toEqual({ data: { stray: { id: "m9", plays: 90 } } });
    expect(await ask("{ stray { __typename plays } }")).toMatchObject({
      data: { stray: null },
      errors: [{ message: "the catalogue is closed", path: ["stray"] }],
    });
  });

  it("asks one subgraph for all that it provides", async () => {
    const ask = await serve(fastest, SHOP);
    expect(await ask("{ shelf { id on { name } } }")).toEqual({
      data: { shelf: { id: "s1", on: [{ name: "a cup" }] } },
    });
    expect(ask.asked).toEqual(["front"]);
  });
});
