/** Operations that random ones over generated federations found to be answered wrongly, each in its smallest form. */
import { buildSchema, execute as executeLocally, getOperationAST, parse } from "graphql";
import { describe, expect, it } from "vitest";
import { createExecutor } from "../../../gateway/engine/engine.ts";
import { createNativeEngine } from "../../../gateway/engine/native.ts";
import type { CallSubgraph } from "../../../gateway/engine/run.ts";
import { compose } from "../../../schema/compose.ts";
import { ANYBODY } from "../../../subgraphs/platform/caller.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key", "@requires", "@external", "@shareable"])\n`;

/** An executor over the schemas of subgraphs, by their names. */
async function executorOf(schemas: Readonly<Record<string, string>>, call: CallSubgraph) {
  const names = Object.keys(schemas);
  const subgraphs = names.map((name) => ({ name, routingUrl: `http://${name}`, file: name }));
  const supergraph = compose({ subgraphs }, new Map(names.map((name) => [name, `${LINK}${schemas[name] ?? ""}`])));
  const executor = await createExecutor({ name: "rust", create: createNativeEngine }, supergraph);
  return async (source: string, variables: Readonly<Record<string, unknown>> = {}) => {
    const document = parse(source);
    const operation = getOperationAST(document) ?? expect.fail("there is no operation");
    const { response } = await executor.execute({ document, operation, variables, scopes: ANYBODY.scopes }, { call });
    const { data, errors = [] } = response;
    const found = errors.map(({ message, path, extensions }) => ({ message, path, code: extensions["code"] }));
    return { data: JSON.parse(JSON.stringify(data)) as unknown, errors: found };
  };
}

describe("a field that requires a list", () => {
  it("fails at its own path where an item of the list has failed", async () => {
    const ask = await executorOf(
      {
        items: `type Query { item: Item } type Item @key(fields: "id") { id: ID! tags: [String] }`,
        stamps: `type Item @key(fields: "id") { id: ID! tags: [String] @external stamp: String @requires(fields: "tags") }`,
      },
      async ({ query }) => {
        const alias = /(\w+): ?item/.exec(query)?.[1] ?? "item";
        return {
          data: { [alias]: { __typename: "Item", id: "1", tags: ["a", null] } },
          errors: [{ message: "no tag", path: [alias, "tags", 1] }],
        };
      },
    );
    expect(await ask("{ item { stamp } }")).toMatchObject({
      data: { item: { stamp: null } },
      errors: [{ message: "no tag", path: ["item", "stamp"] }],
    });
  });
});

describe("lists of lists of objects", () => {
  it("are merged from two subgraphs", async () => {
    const rows = (part: string): string => `type Query { rows: [[Cell]] @shareable } type Cell { ${part} }`;
    const ask = await executorOf({ left: rows("a: Int"), right: rows("b: Int") }, async ({ subgraph, document }) => {
      const schema = buildSchema(rows(subgraph === "left" ? "a: Int" : "b: Int").replace("@shareable", ""));
      const cell = { a: 1, b: 2 };
      const { data } = await executeLocally({ schema, document, rootValue: { rows: [[cell], [], [null, cell]] } });
      return { data: JSON.parse(JSON.stringify(data)) as unknown };
    });
    const cell = { a: 1, b: 2 };
    expect(await ask("{ rows { a b } }")).toEqual({ data: { rows: [[cell], [], [null, cell]] }, errors: [] });
  });
});

describe("null for a variable with a default", () => {
  const SDL = `
    type Query { page(first: Int! = 20, where: Where): [Int!] total: Int must(first: Int! = 20): Int! }
    type Mutation { remove(first: Int! = 20): Int count: Int }
    input Where { limit: Int! = 3 among: [Where!] }
  `;
  const called: string[] = [];
  const create = () =>
    executorOf({ pages: SDL }, async ({ query }) => {
      called.push(query);
      return { data: Object.fromEntries([...query.matchAll(/(\w+): ?(?:total|count)/g)].map(([, name]) => [name, 7])) };
    });

  it.each([
    ["query ($n: Int) { page(first: $n) total }", 'Argument "first" of non-null type "Int!" must not be null.'],
    ["query ($n: Int) { page(where: { limit: $n }) total }", /"where" has a null/],
    ["query ($n: Int) { page(where: { among: [{ limit: $n }] }) total }", /"where" has a null/],
    ["query ($n: Int) { page(where: { among: { limit: $n } }) total }", /"where" has a null/],
  ])("fails the field alone, which no subgraph is asked for: %s", async (query, message) => {
    called.length = 0;
    const ask = await create();
    expect(await ask(query, { n: null })).toEqual({
      data: { page: null, total: 7 },
      errors: [
        {
          message: typeof message === "string" ? message : expect.stringMatching(message),
          path: ["page"],
          code: "BAD_USER_INPUT",
        },
      ],
    });
    expect(called.join()).not.toContain("page");
  });

  it("uses the default of the schema where the variable is absent, with the same document", async () => {
    const ask = await create();
    const query = "query ($n: Int) { page(first: $n) total }";
    expect(await ask(query, {})).toMatchObject({ data: { page: null, total: 7 }, errors: [] });
  });

  it("fails the response where the field may not be null, and asks no subgraph", async () => {
    called.length = 0;
    const ask = await create();
    expect(await ask("query ($n: Int) { must(first: $n) total }", { n: null })).toMatchObject({
      data: null,
      errors: [{ path: ["must"], code: "BAD_USER_INPUT" }],
    });
    expect(called).toEqual([]);
  });

  it("runs the other fields of a mutation", async () => {
    called.length = 0;
    const ask = await create();
    expect(await ask("mutation ($n: Int) { remove(first: $n) count }", { n: null })).toMatchObject({
      data: { remove: null, count: 7 },
      errors: [{ path: ["remove"], code: "BAD_USER_INPUT" }],
    });
    expect(called).toHaveLength(1);
  });

  it("is refused as a condition", async () => {
    called.length = 0;
    const ask = await create();
    const query = "query ($c: Boolean = true) { total page @include(if: $c) }";
    await expect(ask(query, { c: null })).rejects.toMatchObject({
      message: 'Variable "$c" is null, and is a condition of @skip or @include',
      extensions: { code: "BAD_USER_INPUT" },
    });
    expect(called).toEqual([]);
  });
});

describe("arguments of one name and of different types", () => {
  it("keep their values beside one whose name ends with a number", async () => {
    const sdl = `
      type Query { all: [Some!]! }
      union Some = One | Other
      type One { echo(a: ID, a_1: String): String }
      type Other { echo(a: String, a_1: String): String }
    `;
    const echo = (args: { readonly a: string; readonly a_1: string }): string => `${args.a} ${args.a_1}`;
    const all = ["One", "Other"].map((type) => ({ __typename: type, echo }));
    const ask = await executorOf({ echoes: sdl }, async ({ document }, variables) => {
      const variableValues = { ...variables };
      const { data } = await executeLocally({ schema: buildSchema(sdl), document, variableValues, rootValue: { all } });
      return { data: JSON.parse(JSON.stringify(data)) as unknown };
    });
    const selection = `echo(a: "x", a_1: "y")`;
    expect(await ask(`{ all { ... on One { ${selection} } ... on Other { ${selection} } } }`)).toEqual({
      data: { all: [{ echo: "x y" }, { echo: "x y" }] },
      errors: [],
    });
  });
});

describe("two calls that fail below one null", () => {
  it("are one error, that of the field that made the null", async () => {
    const items = "type Query { items: [Item!] other: Int } type Item";
    const ask = await executorOf(
      {
        items: `${items} @key(fields: "id") { id: ID! }`,
        prices: `type Item @key(fields: "id") { id: ID! price: Int! }`,
        weights: `type Item @key(fields: "id") { id: ID! weight: Int! }`,
      },
      async ({ subgraph, document }) => {
        if (subgraph !== "items") return { errors: [{ message: `no ${subgraph}` }] };
        const schema = buildSchema(`${items} { id: ID! }`);
        const { data } = await executeLocally({ schema, document, rootValue: { items: [{ id: "1" }], other: 7 } });
        return { data: JSON.parse(JSON.stringify(data)) as unknown };
      },
    );
    expect(await ask("{ items { price weight } other }")).toEqual({
      data: { items: null, other: 7 },
      errors: [{ message: "no prices", path: ["items", 0, "price"] }],
    });
  });
});
