/** The graph keeps its contract: nothing that clients rely on is removed or changed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { composeServices, compositionHasErrors } from "@theguild/federation-composition";
import { buildSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType, parse } from "graphql";
import type { GraphQLArgument, GraphQLField, GraphQLNamedType, GraphQLSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { readRover } from "../../schema/rover.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";

const root = projectRoot();
const contract = buildSchema(readFileSync(join(root, "test/schema/contract.graphql"), "utf8"));

/** Every difference that breaks a client, one line each. */
function broken(promised: GraphQLSchema, kept: GraphQLSchema): string[] {
  return Object.values(promised.getTypeMap())
    .filter(({ name }) => !name.startsWith("__"))
    .flatMap((type) => brokenType(type, kept.getType(type.name)));
}

function brokenType(promised: GraphQLNamedType, kept: GraphQLNamedType | undefined): string[] {
  const { name } = promised;
  if (!kept) return [`type ${name} is gone`];
  if (promised.constructor !== kept.constructor) return [`type ${name} is of another kind`];
  if (isEnumType(promised) && isEnumType(kept)) {
    return promised
      .getValues()
      .filter((value) => !kept.getValue(value.name))
      .map((value) => `${name}.${value.name} is gone`);
  }
  if (isInputObjectType(promised) && isInputObjectType(kept)) {
    return Object.values(promised.getFields()).flatMap((field) =>
      brokenArgument(`${name}.${field.name}`, field, kept.getFields()[field.name]),
    );
  }
  if ((isObjectType(promised) && isObjectType(kept)) || (isInterfaceType(promised) && isInterfaceType(kept))) {
    const interfaces = new Set(kept.getInterfaces().map((type) => type.name));
    return [
      ...promised
        .getInterfaces()
        .filter((type) => !interfaces.has(type.name))
        .map((type) => `${name} is no ${type.name} any more`),
      ...Object.values(promised.getFields()).flatMap((field) =>
        brokenField(`${name}.${field.name}`, field, kept.getFields()[field.name]),
      ),
    ];
  }
  return [];
}

function brokenField(
  name: string,
  promised: GraphQLField<unknown, unknown>,
  kept: GraphQLField<unknown, unknown> | undefined,
): string[] {
  if (!kept) return [`${name} is gone`];
  return [
    ...(String(promised.type) === String(kept.type)
      ? []
      : [`${name} was ${String(promised.type)}, is ${String(kept.type)}`]),
    ...promised.args.flatMap((argument) =>
      brokenArgument(
        `${name}(${argument.name}:)`,
        argument,
        kept.args.find((candidate) => candidate.name === argument.name),
      ),
    ),
    ...kept.args
      .filter((argument) => String(argument.type).endsWith("!") && argument.defaultValue === undefined)
      .filter((argument) => !promised.args.some((candidate) => candidate.name === argument.name))
      .map((argument) => `${name} now demands ${argument.name}`),
  ];
}

function brokenArgument(
  name: string,
  promised: Pick<GraphQLArgument, "type" | "defaultValue">,
  kept: Pick<GraphQLArgument, "type" | "defaultValue"> | undefined,
): string[] {
  if (!kept) return [`${name} is gone`];
  return [
    ...(String(promised.type) === String(kept.type)
      ? []
      : [`${name} was ${String(promised.type)}, is ${String(kept.type)}`]),
    ...(JSON.stringify(promised.defaultValue) === JSON.stringify(kept.defaultValue)
      ? []
      : [`${name} has another default`]),
  ];
}

/** The composed schema for clients. */
function publicGraph(): GraphQLSchema {
  const { subgraphs } = readRover(join(root, "rover.yaml"));
  const result = composeServices(
    subgraphs.map(({ name, file, routingUrl }) => ({
      name,
      url: routingUrl,
      typeDefs: parse(readFileSync(join(root, file), "utf8")),
    })),
  );
  if (compositionHasErrors(result)) throw new Error(result.errors.map(({ message }) => message).join("\n"));
  return buildSchema(result.publicSdl);
}

describe("the graph for clients", () => {
  it("has every type, field, argument, enum value, default and nullability of the contract", () => {
    expect(broken(contract, publicGraph())).toEqual([]);
  });

  it("has no facts and no federation types", () => {
    const types = Object.keys(publicGraph().getTypeMap());
    expect(types.filter((name) => /Facts$|^_|^join__|^link__/.test(name) && !name.startsWith("__"))).toEqual([]);
  });
});

describe("the comparison with the contract", () => {
  const promised = buildSchema(
    "enum E { A B } input I { a: Int } interface N { id: ID! } type T implements N { id: ID! f(x: Int = 1, y: E): [E!]! } type Query { t(i: I): T }",
  );
  it("finds everything that was removed, renamed, tightened or loosened", () => {
    const kept = buildSchema(
      "enum E { A } input I { a: Int! } interface N { id: ID! } type T { id: ID f(x: Int = 2, z: Int!): [E!] } type Query { t(i: I): T u: Int }",
    );
    expect(broken(promised, kept)).toEqual([
      "E.B is gone",
      "I.a was Int, is Int!",
      "T is no N any more",
      "T.id was ID!, is ID",
      "T.f was [E!]!, is [E!]",
      "T.f(x:) has another default",
      "T.f(y:) is gone",
      "T.f now demands z",
    ]);
  });
  it("allows additions", () => {
    const kept = buildSchema(
      "enum E { A B C } input I { a: Int b: Int } interface N { id: ID! } type T implements N { id: ID! f(x: Int = 1, y: E, z: Int): [E!]! g: Int } type Query { t(i: I): T } type U { a: Int }",
    );
    expect(broken(promised, kept)).toEqual([]);
  });
});
