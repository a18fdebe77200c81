/** Compiled documents are executed as graphql-js executes them; what differs in the library is made up for. */
import { GraphQLError, buildSchema, defaultFieldResolver, execute, parse } from "graphql";
import type { GraphQLSchema } from "graphql";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createContext } from "../../subgraphs/platform/context.ts";
import { createExecuteCompiled } from "../../subgraphs/server/compiled.ts";

const SDL = `
  type Query { item(id: ID!): Item items(first: Int = 2): [Item!]! node: Node search: [Found] must: Item! some: [Item] all: [Item!] deep: [[Int]] }
  interface Node { id: ID! }
  type Item implements Node { id: ID! name: String kind: Kind price: Int total: Int next: Item! tags: [String!] }
  type Note implements Node { id: ID! text: String }
  union Found = Item | Note
  enum Kind { SMALL LARGE }
`;

const broken = async () => {
  throw new GraphQLError("planted", { extensions: { code: "PLANTED" } });
};

const item = (id: string) => ({
  __typename: "Item",
  id,
  name: async () => `name ${id}`,
  kind: "SMALL",
  price: id === "odd" ? 1.5 : 3,
  total: () => 7,
  next: id === "last" ? null : { __typename: "Item", id: "last", tags: ["a", null] },
  tags: ["a", "b"],
});

function schemaOf(): GraphQLSchema {
  const schema = buildSchema(SDL);
  const fields = schema.getQueryType()?.getFields() ?? {};
  const resolvers: Record<string, (source: unknown, args: Record<string, string>) => unknown> = {
    item: (_source, { id = "" }) => item(id),
    items: async (_source, { first }) => Array.from({ length: Number(first) }, (_none, index) => item(`i${index}`)),
    node: () => ({ __typename: "Note", id: "n", text: "t" }),
    search: () => [item("a"), { __typename: "Note", id: "n", text: "t" }, null],
    some: () => [broken(), item("a"), broken(), item("b"), broken()],
    all: () => [item("a"), broken()],
    deep: () => [[1, broken()], broken(), [2]],
    must: () => {
      throw new GraphQLError("planted", { extensions: { code: "PLANTED" } });
    },
  };
  for (const [name, resolve] of Object.entries(resolvers)) if (fields[name]) fields[name].resolve = resolve;
  const own = schema.getType("Item");
  for (const name of ["name", "total"]) {
    if (own && "getFields" in own && own.getFields()[name])
      Object.assign(own.getFields()[name] ?? {}, { resolve: defaultFieldResolver });
  }
  return schema;
}

const QUERIES: readonly (readonly [query: string, variables: Record<string, unknown>])[] = (
  [
    [`{ item(id: "x") { id name kind price total tags } }`],
    [`{ a: item(id: "x") { b: name } c: item(id: "y") { d: name } }`],
    [`{ items { id } more: items(first: 3) { name } }`],
    [
      `query ($id: ID!, $yes: Boolean!) { item(id: $id) { id name @include(if: $yes) kind @skip(if: $yes) } }`,
      { id: "v", yes: true },
    ],
    [
      `query ($id: ID!, $yes: Boolean!) { item(id: $id) { id name @include(if: $yes) kind @skip(if: $yes) } }`,
      { id: "v", yes: false },
    ],
    [`{ node { id ... on Note { text } ... on Item { name } __typename } }`],
    [`{ search { ... on Item { id name } ... on Note { text } } }`],
    [`{ item(id: "odd") { id price } }`],
    [`{ item(id: "last") { id next { id } } }`],
    [`{ item(id: "x") { next { tags } } }`],
    [`{ must { id } item(id: "x") { id } }`],
    [`{ some { id } }`],
    [`{ all { id } item(id: "x") { id } }`],
    [`{ deep }`],
    [`query ($first: Int) { items(first: $first) { id } }`, {}],
    [`query ($first: Int!) { items(first: $first) { id } }`, { first: "x" }],
  ] as const
).map(([query, variables = {}]) => [query, variables]);

describe("a compiled document", () => {
  it.each(QUERIES)("has the data and the errors that graphql-js gives: %s %o", async (query, variables) => {
    const schema = schemaOf();
    const document = parse(query);
    const run = createExecuteCompiled(schema);
    const context = createContext(pino({ enabled: false }), { requestId: "r", operationName: undefined });
    const expected = await execute({ schema: schemaOf(), document, variableValues: variables });
    // Compiled by the first, kept for the second.
    for (const _time of [1, 2]) {
      const actual = await run({ key: query, document: () => document, variables, context });
      expect(JSON.parse(JSON.stringify({ data: actual.data }))).toEqual(
        JSON.parse(JSON.stringify({ data: expected.data })),
      );
      const paths = (errors: readonly GraphQLError[] = []) =>
        errors.map(({ path, message, extensions }) => JSON.stringify([path, message, extensions])).toSorted();
      expect(paths(actual.errors)).toEqual(paths(expected.errors));
      for (const error of actual.errors ?? []) expect(error).toBeInstanceOf(GraphQLError);
    }
  });
});

describe("a document whose fragments spread each other", () => {
  it("is executed without code for every path through them", async () => {
    const depth = 18;
    const spreads = Array.from({ length: depth }, (_none, index) => {
      const next = `...F${index + 1}`;
      return `fragment F${index} on Item { a: next { ${next} } b: next { ${next} } }`;
    });
    const query = `{ item(id: "last") { ...F0 } } ${spreads.join(" ")} fragment F${depth} on Item { id }`;
    const run = createExecuteCompiled(schemaOf());
    const context = createContext(pino({ enabled: false }), { requestId: "r", operationName: undefined });
    // As code it would be a quarter of a million selections.
    const { data, errors } = await run({ key: query, document: () => parse(query), variables: {}, context });
    expect(data).toEqual({ item: null });
    expect(errors?.[0]?.path).toEqual(["item", "a"]);
  });
});

describe("a document that selects fields with scopes", () => {
  const sdl = `
    directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION
    type Query { song: Song work: Work plain: Int }
    interface Work { title: String }
    type Song implements Work {
      title: String @requiresScopes(scopes: [["graph:read"], ["decisions:write"]])
      next: Song
    }
    type Talk implements Work { title: String @requiresScopes(scopes: [["listeners:read", "eligibility:read"]]) }
    type Mutation { act: Int @requiresScopes(scopes: [["decisions:write"]]) }
  `;

  async function ask(query: string, ...scopes: readonly string[]) {
    const resolved: string[] = [];
    const schema = buildSchema(sdl);
    const song = { __typename: "Song", title: "t", next: null };
    for (const [name, value] of Object.entries({ song, work: song, plain: 1, act: 2 })) {
      const field = schema.getQueryType()?.getFields()[name] ?? schema.getMutationType()?.getFields()[name];
      if (field)
        field.resolve = () => {
          resolved.push(name);
          return value;
        };
    }
    const caller = { id: "tester", scopes: new Set(scopes), accounts: undefined };
    const context = createContext(pino({ enabled: false }), { requestId: "r", operationName: undefined, caller });
    const run = createExecuteCompiled(schema);
    const { data, errors = [] } = await run({ key: query, document: () => parse(query), variables: {}, context });
    return { data, resolved, errors: errors.map(({ message, extensions }) => ({ message, extensions })) };
  }

  const refused = (message: string, requiredScopes: readonly (readonly string[])[]) => ({
    data: undefined,
    resolved: [],
    errors: [{ message, extensions: { code: "FORBIDDEN", requiredScopes } }],
  });

  it("is executed for a caller with one of the alternatives", async () => {
    expect(await ask("{ song { title } }", "graph:read")).toMatchObject({ data: { song: { title: "t" } }, errors: [] });
    expect(await ask("{ song { title } }", "decisions:write")).toMatchObject({ errors: [] });
  });

  it("is refused as a whole before anything is resolved, wherever the field stands", async () => {
    const needs = "Cannot answer Song.title: it needs the scopes graph:read, or decisions:write";
    for (const query of [
      "{ plain song { title } }",
      "{ plain song { next { next { a: title } } } }",
      "{ plain ...F } fragment F on Query { song { ...G } } fragment G on Song { title }",
      "{ plain work { ... on Song { title } } }",
    ])
      expect(await ask(query, "audit:read")).toEqual(refused(needs, [["graph:read"], ["decisions:write"]]));
  });

  it("is refused where a field of an interface is one that the caller may not have of any of its types", async () => {
    const required = [["listeners:read", "eligibility:read"]];
    const needs = "Cannot answer Talk.title: it needs the scopes listeners:read and eligibility:read";
    expect(await ask("{ work { title } }", "graph:read", "listeners:read")).toEqual(refused(needs, required));
    expect(await ask("{ work { title } }", "graph:read", "listeners:read", "eligibility:read")).toMatchObject({
      data: { work: { title: "t" } },
    });
  });

  it("is refused for a mutation, which does not run", async () => {
    const needs = "Cannot answer Mutation.act: it needs the scope decisions:write";
    expect(await ask("mutation { act }", "graph:read")).toEqual(refused(needs, [["decisions:write"]]));
    expect(await ask("mutation { act }", "decisions:write")).toMatchObject({ data: { act: 2 }, resolved: ["act"] });
  });

  it("needs no scopes for other fields", async () => {
    expect(await ask("{ plain work { __typename } }")).toMatchObject({ errors: [], data: { plain: 1 } });
  });
});
