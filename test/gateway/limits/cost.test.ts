/** What an operation can cost, computed before anything of it is run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  buildSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isCompositeType,
  isListType,
  isObjectType,
  parse,
} from "graphql";
import { describe, expect, it } from "vitest";
import { fragmentsIn } from "../../../gateway/engine/operation.ts";
import type { Lacking } from "../../../gateway/engine/operation.ts";
import { LACKING_NOTHING } from "../../../gateway/engine/scopes.ts";
import { compileCost } from "../../../gateway/limits/cost.ts";
import type { Cost, Counted } from "../../../gateway/limits/cost.ts";
import { readWeights } from "../../../gateway/limits/weights.ts";
import { SUPERGRAPH } from "../../../schema/rover.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";

const DIRECTIVES = `
  directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean) on FIELD_DEFINITION
  directive @decides(calls: Int! = 1, where: String) on FIELD_DEFINITION
  directive @defer(if: Boolean, label: String) on INLINE_FRAGMENT | FRAGMENT_SPREAD
`;
const BOOKS = `${DIRECTIVES}
  type Query {
    book: Book
    books(first: Int = 20): Books @listSize(slicingArguments: ["first"], sizedFields: ["edges", "nodes"])
    some(good: Boolean): [Book!] @listSize(assumedSize: 3) @decides(calls: 4, where: "good")
    unsized: [Book!]
    found(term: String @cost(weight: 7)): Found
    heavy: Heavy
  }
  type Mutation { buy: Book @decides(calls: 2) }
  type Books { nodes: [Book!]! edges: [Edge!]! total: Int @cost(weight: 5) }
  type Edge { node: Book! }
  type Book implements Found { id: ID! title: String verdict: Verdict @decides author(first: Int): Author @decides(calls: 3) related(first: Int = 2): Books @listSize(slicingArguments: ["first"], sizedFields: ["edges", "nodes"]) }
  type Author implements Found { id: ID! name: String verdict: Verdict @decides }
  type Verdict { allowed: Boolean alternative: Book }
  type Heavy @cost(weight: 9) { id: ID }
  interface Found { id: ID! verdict: Verdict }
`;

interface Asked {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly lacking?: Lacking;
}

function countedIn(sdl: string, source: string, { variables = {}, lacking = LACKING_NOTHING }: Asked = {}): Counted {
  const document = parse(source);
  const operation = getOperationAST(document);
  if (!operation) throw new RangeError("there is no operation");
  const fragments = fragmentsIn(document);
  const client = { schema: buildSchema(sdl), operation, fragments, variables, lacking };
  return compileCost(client, readWeights(sdl))(variables);
}
function cost(source: string, asked?: Asked): Cost {
  const { fieldCost, openTextCalls } = countedIn(BOOKS, source, asked);
  return { fieldCost, openTextCalls };
}
const values = (source: string, asked?: Asked): number => countedIn(BOOKS, source, asked).values;

describe("the cost of an operation", () => {
  it.each<[string, string, Cost]>([
    ["an object weighs 1, a scalar nothing", "{ book { id title } }", { fieldCost: 1, openTextCalls: 0 }],
    ["a type may weigh more", "{ heavy { id } }", { fieldCost: 9, openTextCalls: 0 }],
    ["a mutation begins with 10", "mutation { buy { id } }", { fieldCost: 11, openTextCalls: 2 }],
    ["a field may decide for an argument alone: without it", "{ some { id } }", { fieldCost: 3, openTextCalls: 0 }],
    [
      "a field may decide for an argument alone: with it",
      "{ some(good: true) { id } }",
      { fieldCost: 3, openTextCalls: 12 },
    ],
    ["an argument may weigh something", '{ found(term: "x") { id } }', { fieldCost: 8, openTextCalls: 0 }],
    [
      "a page has as many nodes as it asks for",
      "{ books(first: 5) { nodes { id } } }",
      { fieldCost: 6, openTextCalls: 0 },
    ],
    ["or as by default", "{ books { nodes { id } } }", { fieldCost: 21, openTextCalls: 0 }],
    [
      "also where null asks for the default",
      "{ books(first: null) { nodes { id } } }",
      { fieldCost: 21, openTextCalls: 0 },
    ],
    ["edges have a node each", "{ books(first: 5) { edges { node { id } } } }", { fieldCost: 11, openTextCalls: 0 }],
    ["a scalar may weigh something", "{ books(first: 5) { total } }", { fieldCost: 6, openTextCalls: 0 }],
    ["a list has the size that is assumed", "{ some { id } }", { fieldCost: 3, openTextCalls: 0 }],
    ["a list of which nothing is known has 20", "{ unsized { id } }", { fieldCost: 20, openTextCalls: 0 }],
    [
      "a field that decides is a call for each object",
      "{ some { verdict { allowed } } }",
      { fieldCost: 6, openTextCalls: 3 },
    ],
    [
      "lists multiply",
      "{ some { related(first: 4) { nodes { verdict { allowed } } } } }",
      { fieldCost: 30, openTextCalls: 12 },
    ],
    [
      "what a decision leads to is counted too",
      "{ book { verdict { alternative { verdict { allowed } } } } }",
      { fieldCost: 4, openTextCalls: 2 },
    ],
    [
      "of an interface the most expensive type counts",
      "{ found { ... on Author { verdict { allowed } } ... on Book { author { verdict { allowed } } } } }",
      { fieldCost: 3, openTextCalls: 4 },
    ],
    [
      "each alias is a call",
      "{ book { a: verdict { allowed } b: verdict { allowed } } }",
      { fieldCost: 3, openTextCalls: 2 },
    ],
    [
      "the same field in several fragments is one",
      "{ book { verdict { allowed } ...F ... { verdict { alternative { id } } } } } fragment F on Book { verdict { allowed } }",
      { fieldCost: 3, openTextCalls: 1 },
    ],
    [
      "unless one of them is deferred, and answered by itself",
      "{ book { verdict { allowed } ... @defer { verdict { allowed } } } }",
      { fieldCost: 3, openTextCalls: 2 },
    ],
    [
      "what is skipped costs nothing",
      "{ book { verdict @skip(if: true) { allowed } ... @include(if: false) { verdict { allowed } } id } }",
      { fieldCost: 1, openTextCalls: 0 },
    ],
    [
      "introspection costs nothing here",
      "{ __schema { types { name } } __typename }",
      { fieldCost: 0, openTextCalls: 0 },
    ],
  ])("%s", (_rule, source, expected) => {
    expect(cost(source)).toEqual(expected);
  });

  it("is computed for the values of the variables", () => {
    const source = "query ($n: Int) { books(first: $n) { nodes { verdict { allowed } } } }";
    const given = [{}, { n: null }, { n: 0 }, { n: -3 }, { n: 150 }];
    expect(given.map((variables) => cost(source, { variables }).openTextCalls)).toEqual([20, 20, 0, 0, 150]);
  });

  it("does not count what is refused, nor looks at what is below it", () => {
    const lacking: Lacking = (type, field) => (`${type}.${field}` === "Query.book" ? [["graph:read"]] : undefined);
    const doubling = Array.from(
      { length: 60 },
      (_, index) =>
        `fragment F${index} on Book { a: related { nodes { ...F${index + 1} } } b: related { nodes { ...F${index + 1} } } }`,
    );
    const source = `{ heavy { id } book { ...F0 } } ${doubling.join(" ")} fragment F60 on Book { id }`;
    expect(cost(source, { lacking })).toEqual({ fieldCost: 9, openTextCalls: 0 });
  });
});

describe("the values of a response", () => {
  it("are each field of each object", () => {
    expect(values("{ books(first: 5) { nodes { id title } total } }")).toBe(1 + 5 * 3 + 1);
    expect(values("{ some { a: id b: id c: id } __typename }")).toBe(3 * 4 + 1);
    expect(values("{ some { a: __typename b: __typename } }")).toBe(3 * 3);
  });

  it("are ten where a field is refused, whose error is as long", () => {
    const lacking: Lacking = (_type, field) => (field === "title" ? [["graph:read"]] : undefined);
    expect(values("{ books(first: 5) { nodes { id a: title b: title } } }", { lacking })).toBe(1 + 5 * (1 + 1 + 20));
  });
});

describe("in Decibel's supergraph", () => {
  const supergraph = readFileSync(join(projectRoot(), SUPERGRAPH), "utf8");
  const schema = buildSchema(supergraph, { assumeValid: true, assumeValidSDL: true });
  const weights = readWeights(supergraph);
  const fields = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith("__"))
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })));
  const isDecision = (name: string): boolean => {
    const type = schema.getType(name);
    return isObjectType(type) && type.getInterfaces().some((one) => one.name === "Decision");
  };

  it("every field that gives a decision says that it decides, except in payloads of mutations", () => {
    const missing = fields.filter(
      ({ type, field }) =>
        isDecision(getNamedType(field.type).name) &&
        weights.field(type.name, field.name).calls === 0 &&
        !type.name.endsWith("Payload"),
    );
    expect(missing.map(({ type, field }) => `${type.name}.${field.name}`)).toEqual([]);
  });

  it("every list of objects has a size", () => {
    const missing = fields.filter(({ type, field }) => {
      if (!isListType(getNullableType(field.type)) || !isCompositeType(getNamedType(field.type))) return false;
      return weights.field(type.name, field.name).list === undefined && !type.name.endsWith("Connection");
    });
    expect(missing.map(({ type, field }) => `${type.name}.${field.name}`)).toEqual([]);
  });

  it("every list that leads to decisions is a page, whose size is certain", () => {
    const leads = (name: string, seen: ReadonlySet<string>): boolean => {
      const type = schema.getType(name);
      if (!isObjectType(type) || seen.has(name)) return false;
      return Object.values(type.getFields()).some(
        (field) =>
          weights.field(name, field.name).calls > 0 || leads(getNamedType(field.type).name, new Set([...seen, name])),
      );
    };
    const uncertain = fields.filter(({ type, field }) => {
      const { list } = weights.field(type.name, field.name);
      if (!isListType(getNullableType(field.type)) || !leads(getNamedType(field.type).name, new Set())) return false;
      return list !== undefined && list.slicingArguments.length === 0;
    });
    expect(uncertain.map(({ type, field }) => `${type.name}.${field.name}`)).toEqual([]);
  });
});
