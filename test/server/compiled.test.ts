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
