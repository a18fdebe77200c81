/**
 * What does a caller get of a field that it lacks scopes for?
 *
 * Every field of Decibel's graph is asked for with every scope, from the one table of scopes, of subgraphs in
 * which nothing is null. They are asked for nothing that the caller may not have, or the test fails.
 */
import { execute, getNamedType, getOperationAST, isAbstractType, isEnumType, isLeafType, isListType, isNonNullType, isObjectType, isScalarType, parse, validate } from "graphql"; // prettier-ignore
import type { GraphQLError, GraphQLField, GraphQLInputType, GraphQLObjectType, GraphQLOutputType, GraphQLResolveInfo, GraphQLSchema } from "graphql"; // prettier-ignore
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createExecutor } from "../../../gateway/engine/engine.ts";
import { createNativeEngine } from "../../../gateway/engine/native.ts";
import type { CallSubgraph } from "../../../gateway/engine/run.ts";
import { compose } from "../../../schema/compose.ts";
import { readFieldScopes, requirementsIn } from "../../../schema/field-scopes.ts";
import { SUPERGRAPH, readRover } from "../../../schema/rover.ts";
import { SCOPES, satisfies } from "../../../schema/scope.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { SCOPES_OF } from "../../schema/scopes-table.ts";
import { executableSchema } from "./generated/executable.ts";

/** By `Type.field`: alternatives of scopes. */
const TABLE: ReadonlyMap<string, readonly (readonly string[])[]> = new Map(
  Object.entries(SCOPES_OF).flatMap(([words, types]) => {
    const alternatives = words === "any caller" ? [[]] : words.split(" or ").map((one) => one.split(" + "));
    return Object.entries(types).flatMap(([type, names]) =>
      names.split(" ").map((name) => [`${type}.${name}`, alternatives] as const),
    );
  }),
);

type Ask = (source: string, scopes: ReadonlySet<string>) => Promise<readonly GraphQLError[]>;

let schema: GraphQLSchema;
let ask: Ask;
beforeAll(async () => {
  const read = (file: string): Promise<string> => readFile(join(projectRoot(), file), "utf8");
  const { subgraphs } = readRover(join(projectRoot(), "rover.yaml"));
  const servers = new Map(
    await Promise.all(subgraphs.map(async ({ name, file }) => [name, executableSchema(await read(file))] as const)),
  );
  const executor = await createExecutor({ name: "rust", create: createNativeEngine }, await read(SUPERGRAPH));
  ({ schema } = executor);
  ask = async (source, scopes) => {
    const document = parse(source);
    const operation = getOperationAST(document) ?? expect.fail("there is no operation");
    const [invalid] = validate(schema, document);
    if (invalid) throw invalid;
    const call: CallSubgraph = async ({ subgraph, document: asked }, variables) => {
      const server = servers.get(subgraph) ?? expect.fail(`there is no subgraph ${subgraph}`);
      for (const [required, field] of requirementsIn([asked], server, readFieldScopes(server)))
        if (!satisfies(scopes, required)) throw new Error(`${subgraph} was asked for ${field}`);
      const sent = { schema: server, document: asked, variableValues: variables, fieldResolver: filled };
      const { data, errors } = await execute({ ...sent, typeResolver: (value: Filled) => value.__typename });
      expect(errors).toBeUndefined();
      return { data: JSON.parse(JSON.stringify(data)) as Record<string, unknown> };
    };
    const { response } = await executor.execute({ document, operation, variables: {}, scopes }, { call });
    return response.errors ?? [];
  };
});

interface Filled {
  readonly __typename: string;
}

/** Nothing is null, and each list has one item. */
function filled(
  _source: unknown,
  { representations }: { readonly representations?: unknown },
  _: unknown,
  info: GraphQLResolveInfo,
): unknown {
  return representations ?? valueOf(info.returnType, info.schema);
}

function valueOf(type: GraphQLOutputType, server: GraphQLSchema): unknown {
  if (isNonNullType(type)) return valueOf(type.ofType, server);
  if (isListType(type)) return [valueOf(type.ofType, server)];
  if (isEnumType(type)) return type.getValues()[0]?.value;
  if (isScalarType(type)) return VALUES[type.name] ?? "1";
  return { __typename: isAbstractType(type) ? server.getPossibleTypes(type)[0]?.name : type.name };
}

const VALUES: Readonly<Record<string, unknown>> = { Boolean: true, Int: 1, Float: 1, DateTime: "2026-01-01T00:00:00Z", CountryCode: "DE" }; // prettier-ignore

interface Step {
  readonly type: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
}

/** The shortest way from a root to each field. */
function waysTo(schema: GraphQLSchema): ReadonlyMap<string, readonly Step[]> {
  const ways = new Map<string, readonly Step[]>();
  const roots = [schema.getQueryType(), schema.getMutationType()].flatMap((type) => type ?? []);
  let ends: readonly { readonly type: GraphQLObjectType; readonly way: readonly Step[] }[] = roots.map((type) => ({ type, way: [] })); // prettier-ignore
  const seen = new Set<string>();
  while (ends.length > 0) {
    const next: { type: GraphQLObjectType; way: readonly Step[] }[] = [];
    for (const { type, way } of ends) {
      if (seen.has(type.name)) continue;
      seen.add(type.name);
      for (const field of Object.values(type.getFields())) {
        const longer = [...way, { type, field }];
        ways.set(`${type.name}.${field.name}`, longer);
        const below = getNamedType(field.type);
        const types = isAbstractType(below) ? schema.getPossibleTypes(below) : isObjectType(below) ? [below] : [];
        for (const one of types) next.push({ type: one, way: longer });
      }
    }
    ends = next;
  }
  return ways;
}

function operationOf(way: readonly Step[]): string {
  const inside = way.toReversed().reduce((below, { field }, index) => {
    const given = field.args.filter((one) => isNonNullType(one.type) && one.defaultValue === undefined);
    const args = given.map(({ name, type: of }) => `${name}: ${literal(of)}`).join(", ");
    const named = getNamedType(field.type);
    const next = way[way.length - index]?.type;
    const selected = next && isAbstractType(named) ? `... on ${next.name} { ${below} }` : below;
    return `${field.name}${args === "" ? "" : `(${args})`}${isLeafType(named) ? "" : ` { ${index === 0 ? "__typename" : selected} }`}`;
  }, "");
  return `${way[0]?.type.name === "Mutation" ? "mutation" : "query"} { ${inside} }`;
}

function literal(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(type.ofType);
  const text = String(type);
  if (text.startsWith("[")) return "[]";
  if ("getValues" in type) return type.getValues()[0]?.name ?? "";
  if ("getFields" in type) {
    const needed = Object.values(type.getFields()).filter((one) => isNonNullType(one.type) && one.defaultValue === undefined); // prettier-ignore
    return `{ ${needed.map((one) => `${one.name}: ${literal(one.type)}`).join(", ")} }`;
  }
  return JSON.stringify(VALUES[text] ?? "1");
}

const scopesOf = ({ type, field }: Step): readonly (readonly string[])[] =>
  TABLE.get(`${type.name}.${field.name}`) ?? [];
const allows = (scopes: ReadonlySet<string>, alternatives: readonly (readonly string[])[]): boolean =>
  alternatives.some((one) => one.every((scope) => scopes.has(scope)));

/** Of the ways to meet what all fields before the last one need, one that leaves most to be asked of the last. */
function scopesBefore(way: readonly Step[]): ReadonlySet<string> {
  const last = way.at(-1);
  const choices = way
    .slice(0, -1)
    .reduce<readonly (readonly string[])[]>(
      (before, step) => before.flatMap((one) => scopesOf(step).map((scopes) => one.concat(scopes))),
      [[]],
    );
  const best = choices.find((one) => last && !allows(new Set(one), scopesOf(last))) ?? choices[0];
  return new Set(best);
}

describe("a caller", () => {
  it("gets a field exactly where its scopes are those of the table, whatever it has besides", async () => {
    const ways = waysTo(schema);
    const asked = [...TABLE.keys()].filter((name) => !/^(?:Subscription|EligibilityChange)\./.test(name));
    expect([...ways.keys()].toSorted()).toEqual(asked.toSorted());
    const wrong: string[] = [];
    let [granted, refused] = [0, 0];
    for (const [name, way] of ways) {
      const source = operationOf(way);
      const before = scopesBefore(way);
      const alternatives = TABLE.get(name) ?? [];
      const callers = [...SCOPES.map((scope) => [scope]), ...alternatives];
      for (const added of callers) {
        const scopes = new Set([...before, ...added]);
        const [error, ...others] = await ask(source, scopes);
        const isRefused =
          error?.extensions["code"] === "FORBIDDEN" && error.message.startsWith(`Cannot answer ${name}: `);
        if (isRefused === allows(scopes, alternatives) || (error && !isRefused) || others.length > 0)
          wrong.push(`${name} with ${[...scopes].join(" ")}: ${[error, ...others].join(", ")}`);
        if (isRefused) refused += 1;
        else granted += 1;
      }
    }
    expect(wrong).toEqual([]);
    expect(granted).toBeGreaterThan(500);
    expect(refused).toBeGreaterThan(500);
  }, 120_000);
});

describe("a subscription", () => {
  it("leads to nothing that needs more than itself, where the engine does not read what it tells", () => {
    const told = [...TABLE].filter(([name]) => name.startsWith("EligibilityChange."));
    expect(told.length).toBeGreaterThan(5);
    for (const [, scopes] of told) expect(scopes).toEqual(TABLE.get("Subscription.eligibilityChanged"));
  });
});

describe("a mutation", () => {
  const SDL = `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requiresScopes"])
    type Query { nothing: Int }
    type Mutation {
      first: Int
      second: Int @requiresScopes(scopes: [["reviews:write"]])
      third: Int
      must: Int! @requiresScopes(scopes: [["reviews:write"]])
    }`;

  async function run(source: string) {
    const supergraph = compose({ subgraphs: [{ name: "one", routingUrl: "http://one", file: "one" }] }, new Map([["one", SDL]])); // prettier-ignore
    const executor = await createExecutor({ name: "rust", create: createNativeEngine }, supergraph);
    const ran: string[] = [];
    const call: CallSubgraph = async ({ query }) => {
      const [, alias = "", field = ""] = /(\w+): ?(\w+)/.exec(query) ?? [];
      ran.push(field);
      return { data: { [alias]: ran.length } };
    };
    const document = parse(source);
    const operation = getOperationAST(document) ?? expect.fail("there is no operation");
    const request = { document, operation, variables: {}, scopes: new Set(["decisions:write"]) };
    const { data, errors = [] } = (await executor.execute(request, { call })).response;
    return { ran, data: { ...data }, errors: errors.map(({ path, extensions }) => [path, extensions]) };
  }

  const FORBIDDEN = { code: "FORBIDDEN", requiredScopes: [["reviews:write"]] };

  it("that is refused does not run, and the others do, in their order", async () => {
    expect(await run("mutation { third a: second first }")).toEqual({
      ran: ["third", "first"],
      data: { third: 1, a: null, first: 2 },
      errors: [[["a"], FORBIDDEN]],
    });
  });

  it("whose refusal leaves nothing of the response runs nothing", async () => {
    expect(await run("mutation { first must }")).toEqual({ ran: [], data: {}, errors: [[["must"], FORBIDDEN]] });
  });
});
