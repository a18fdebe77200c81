/** Every field that clients can get says which scopes it needs, and each says what the table says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildASTSchema, getNamedType, isObjectType, parse, valueFromASTUntyped } from "graphql";
import type { ConstDirectiveNode, GraphQLField, GraphQLObjectType } from "graphql";
import { describe, expect, it } from "vitest";
import { SUPERGRAPH, readRover } from "../../schema/rover.ts";
import { SCOPES, satisfies } from "../../schema/scope.ts";
import type { RequiredScopes } from "../../schema/scope.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { SCOPES_OF } from "./scopes-table.ts";

const root = projectRoot();
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const schemaOf = (sdl: string) => buildASTSchema(parse(sdl), { assumeValid: true, assumeValidSDL: true });

type AnyField = GraphQLField<unknown, unknown>;

const directiveOf = (one: AnyField | GraphQLObjectType, name: string): ConstDirectiveNode | undefined =>
  one.astNode?.directives?.find((directive) => directive.name.value === name);

function requiredBy(field: AnyField): RequiredScopes | undefined {
  const value = directiveOf(field, "requiresScopes")?.arguments?.[0]?.value;
  if (value) return valueFromASTUntyped(value) as RequiredScopes;
  return directiveOf(field, "authenticated") ? [] : undefined;
}

const inWords = (required: RequiredScopes | undefined): string => {
  if (!required) return "undecided";
  if (required.length === 0) return "any caller";
  return required.map((scopes) => [...scopes].toSorted().join(" + ")).toSorted().join(" or "); // prettier-ignore
};

/** Fields of objects that clients see, by `Type.field`. */
function fieldsOf(sdl: string): ReadonlyMap<string, AnyField> {
  const isSeen = (one: AnyField | GraphQLObjectType): boolean => !directiveOf(one, "inaccessible");
  const types = Object.values(schemaOf(sdl).getTypeMap()).filter((type) => isObjectType(type));
  return new Map(
    types
      .filter((type) => isSeen(type) && !type.name.startsWith("__"))
      .flatMap((type) =>
        Object.values(type.getFields())
          .filter(isSeen)
          .map((field) => [`${type.name}.${field.name}`, field] as const),
      ),
  );
}

const fields = fieldsOf(read(SUPERGRAPH));
const listed: ReadonlyMap<string, string> = new Map(
  Object.entries(SCOPES_OF).flatMap(([words, types]) =>
    Object.entries(types).flatMap(([type, names]) =>
      names.split(" ").map((name) => [`${type}.${name}`, words] as const),
    ),
  ),
);

describe("the scopes of fields", () => {
  it("are those of the table, for every field", () => {
    const declared = Object.fromEntries([...fields].map(([name, field]) => [name, inWords(requiredBy(field))]));
    expect(declared).toEqual(Object.fromEntries(listed));
  });

  it("name each field once", () => {
    const names = Object.values(SCOPES_OF).flatMap((types) =>
      Object.entries(types).flatMap(([type, own]) => own.split(" ").map((name) => `${type}.${name}`)),
    );
    expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
  });

  it("are all used", () => {
    const used = new Set([...fields.values()].flatMap((field) => requiredBy(field) ?? []).flat());
    expect(SCOPES.filter((scope) => !used.has(scope))).toEqual([]);
  });

  it("are of fields, never of types: a gateway passes through types", () => {
    const types = Object.values(schemaOf(read(SUPERGRAPH)).getTypeMap()).filter((type) => isObjectType(type));
    const ofTypes = types.filter((type) => directiveOf(type, "requiresScopes") ?? directiveOf(type, "authenticated"));
    expect(ofTypes.map(({ name }) => name)).toEqual([]);
  });

  it("let every caller who reaches an entity read its key, which a gateway selects on its way", () => {
    const keys = new Map(
      Object.values(schemaOf(read(SUPERGRAPH)).getTypeMap()).flatMap((type) => {
        const isEntity = isObjectType(type) && type.astNode?.directives?.some((one) => one.name.value === "join__type" && one.arguments?.some(({ name }) => name.value === "key")); // prettier-ignore
        const id = isEntity ? type.getFields()["id"] : undefined;
        return id ? [[type.name, requiredBy(id) ?? []] as const] : [];
      }),
    );
    expect([...keys.keys()].toSorted()).toEqual(["Campaign", "Episode", "Evaluation", "Listener", "Location", "PlaylistRequest", "Review", "Show", "Sponsorship", "SupportCase"]); // prettier-ignore
    const unreadable = [...fields].flatMap(([name, field]) => {
      const key = keys.get(getNamedType(field.type).name);
      const required = requiredBy(field) ?? [];
      return key && !required.every((scopes) => satisfies(new Set(scopes), key)) ? [name] : [];
    });
    expect(unreadable).toEqual([]);
  });

  it("are the same in every subgraph that has the field", () => {
    const { subgraphs } = readRover(join(root, "rover.yaml"));
    for (const { name, file } of subgraphs) {
      const own = [...fieldsOf(read(file))].filter(([, field]) => !directiveOf(field, "external"));
      const different = own.filter(([field, one]) => field in Object.fromEntries(listed) && inWords(requiredBy(one)) !== listed.get(field)); // prettier-ignore
      expect([name, different.map(([field]) => field)]).toEqual([name, []]);
    }
  });
});
