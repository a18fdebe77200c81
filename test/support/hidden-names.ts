/**
 * What do partners not see, and how could they ask for it?
 *
 * All that the supergraph has, with what it hides from every client, and that their graph has not. Each name is asked for
 * where GraphQL takes one: on every type that they see, in fragments, variables, arguments, and introspection.
 */
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
} from "graphql";
import type { GraphQLNamedType, GraphQLObjectType, GraphQLSchema } from "graphql";

export interface HiddenName {
  readonly kind: "type" | "field" | "argument" | "enum value" | "directive";
  readonly name: string;
  /** Documents with it. `name` is to be put in. */
  readonly documents: readonly ((name: string) => string)[];
}

/** `path` gives a document that selects something on an object of a type. */
type Path = (selection: string) => string;

export function hiddenNames(whole: GraphQLSchema, seen: GraphQLSchema): readonly HiddenName[] {
  const paths = pathsOf(seen);
  const types = Object.values(whole.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
  return [
    ...types.filter(({ name }) => !seen.getType(name)).map(({ name }) => typeNamed(name)),
    ...fieldNames(types).map((name) => fieldNamed(name, seen, paths)),
    ...argumentNames(types).map((name) => argumentNamed(name, seen, paths)),
    ...valueNames(types, seen).map((name) => valueNamed(name)),
    ...whole.getDirectives().flatMap(({ name }) => (seen.getDirective(name) ? [] : [directiveNamed(name)])),
  ];
}

function typeNamed(own: string): HiddenName {
  const documents = [
    (name: string) => `{ ... on ${name} { __typename } }`,
    (name: string) => `{ campaigns { nodes { ... on ${name} { id } } } }`,
    (name: string) => `query { ...A } fragment A on ${name} { __typename }`,
    (name: string) => `query ($a: ${name}) { __typename }`,
    (name: string) => `query ($a: [${name}!]!) { campaigns(first: $a) { nodes { id } } }`,
    (name: string) => `{ __type(name: "${name}") { name kind description fields { name } enumValues { name } } }`,
    (name: string) => `query ($a: String = "${name}") { __type(name: $a) { name } }`,
  ];
  return { kind: "type", name: own, documents };
}

/** On every type that has it not, whether another one has it or not. */
function fieldNamed(own: string, seen: GraphQLSchema, paths: ReadonlyMap<string, Path>): HiddenName {
  const lacking = [...paths].flatMap(([type, path]) => (own in objectType(seen, type).getFields() ? [] : [path]));
  const selected = lacking.flatMap((path) => [(name: string) => path(name), (name: string) => path(`${name} { id }`)]);
  const documents = [
    ...selected,
    (name: string) => `mutation { ${name} }`,
    (name: string) => `mutation { ${name}(input: { id: "a" }) { id } }`,
    (name: string) => `subscription { ${name} }`,
  ];
  return { kind: "field", name: own, documents };
}

function argumentNamed(own: string, seen: GraphQLSchema, paths: ReadonlyMap<string, Path>): HiddenName {
  const documents = [...paths].flatMap(([type, path]) =>
    Object.values(objectType(seen, type).getFields())
      .filter(({ args }) => !args.some(({ name }) => name === own))
      .map((field) => {
        const below = isObjectType(getNamedType(field.type)) ? " { __typename }" : "";
        const required = field.args.filter(isRequiredArgument).map((one) => `, ${one.name}: "a"`);
        return (name: string) => path(`${field.name}(${name}: 1${required.join("")})${below}`);
      }),
  );
  return { kind: "argument", name: own, documents: [...documents, (name) => `{ __typename @include(${name}: true) }`] };
}

function valueNamed(own: string): HiddenName {
  const documents = [
    (name: string) => `{ campaign(id: ${name}) { id } }`,
    (name: string) => `{ campaigns(first: ${name}) { nodes { id } } }`,
    (name: string) => `query ($a: Verdict = ${name}) { campaigns(after: $a) { nodes { id } } }`,
    (name: string) => `query ($a: [Verdict] = [${name}]) { __typename }`,
  ];
  return { kind: "enum value", name: own, documents };
}

function directiveNamed(own: string): HiddenName {
  const documents = [
    (name: string) => `{ __typename @${name} }`,
    (name: string) => `query @${name}(a: 1) { campaigns { nodes { id } } }`,
  ];
  return { kind: "directive", name: own, documents };
}

function fieldNames(types: readonly GraphQLNamedType[]): readonly string[] {
  const all = types.flatMap((type) =>
    isObjectType(type) || isInterfaceType(type) || isInputObjectType(type) ? Object.keys(type.getFields()) : [],
  );
  return [...new Set(all)];
}

function argumentNames(types: readonly GraphQLNamedType[]): readonly string[] {
  return [
    ...new Set(
      types.flatMap((type) =>
        isObjectType(type) || isInterfaceType(type)
          ? Object.values(type.getFields()).flatMap(({ args }) => args.map(({ name }) => name))
          : [],
      ),
    ),
  ];
}

function valueNames(types: readonly GraphQLNamedType[], seen: GraphQLSchema): readonly string[] {
  const known = new Set(valuesOf(Object.values(seen.getTypeMap())));
  return valuesOf(types).filter((name) => !known.has(name));
}

function valuesOf(types: readonly GraphQLNamedType[]): readonly string[] {
  return [...new Set(types.flatMap((type) => (isEnumType(type) ? type.getValues().map(({ name }) => name) : [])))];
}

/** A shortest way to each type of objects that partners see. */
function pathsOf(seen: GraphQLSchema): ReadonlyMap<string, Path> {
  const paths = new Map<string, Path>([["Query", (selection) => `{ ${selection} }`]]);
  for (const [type, path] of paths) {
    for (const { name, type: given, args } of Object.values(objectType(seen, type).getFields())) {
      const below = getNamedType(given);
      if (!isObjectType(below) || paths.has(below.name)) continue;
      const required = args.filter(isRequiredArgument).map((one) => `${one.name}: "a"`);
      const field = required.length > 0 ? `${name}(${required.join(", ")})` : name;
      paths.set(below.name, (selection) => path(`${field} { ${selection} }`));
    }
  }
  return paths;
}

function objectType(schema: GraphQLSchema, name: string): GraphQLObjectType {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new RangeError(`${name} is no type of objects`);
  return type;
}
