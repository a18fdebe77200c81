/**
 * What is the model of a federation whose subgraphs are given as SDL?
 *
 * The same that generated ones are printed from. Entities have keys of one field; interfaces and unions are as the
 * subgraphs say. No subgraph has fields by `@provides` or `@override`, or an interface as an object.
 */
import { Kind, parse, print } from "graphql";
import type {
  ConstDirectiveNode,
  FieldDefinitionNode,
  InputValueDefinitionNode,
  InterfaceTypeDefinitionNode,
  ObjectTypeDefinitionNode,
  TypeDefinitionNode,
} from "graphql";
import { argumentOf } from "../../../../gateway/engine/directives.ts";
import type { ArgumentModel, FieldModel, InterfaceModel, Model, ObjectModel } from "./model.ts";

/** `schemas` are SDL by the names of subgraphs. Throws an Error for what a model cannot say. */
export function readModel(seed: number, schemas: ReadonlyMap<string, string>): Model {
  const definitions = [...schemas].flatMap(([subgraph, sdl]) =>
    parse(sdl).definitions.flatMap((node) => (isTypeDefinition(node) ? [{ subgraph, node }] : [])),
  );
  const objects = grouped(Kind.OBJECT_TYPE_DEFINITION).map(([name, nodes]) => readObject(name, nodes));
  return {
    seed,
    subgraphs: [...schemas.keys()],
    enums: grouped(Kind.ENUM_TYPE_DEFINITION).map(([name, [first]]) => ({
      name,
      values: (first?.node.values ?? []).map(({ name: { value } }) => value),
    })),
    inputs: grouped(Kind.INPUT_OBJECT_TYPE_DEFINITION).map(([name, [first]]) => ({
      name,
      fields: (first?.node.fields ?? []).map(readArgument),
      extraIn: undefined,
    })),
    objects,
    interfaces: grouped(Kind.INTERFACE_TYPE_DEFINITION).map(([name, nodes]) => readInterface(name, nodes, objects)),
    unions: grouped(Kind.UNION_TYPE_DEFINITION).map(([name, nodes]) => ({
      name,
      members: new Map(
        nodes.map(({ subgraph, node }) => [subgraph, (node.types ?? []).map(({ name: { value } }) => value)]),
      ),
    })),
  };

  /** The definitions of one kind, by the names of types. */
  function grouped<K extends TypeDefinitionNode["kind"]>(kind: K): readonly (readonly [string, readonly Part<K>[]])[] {
    const byName = new Map<string, Part<K>[]>();
    for (const { subgraph, node } of definitions) {
      if (node.kind !== kind) continue;
      const part = { subgraph, node: node as Part<K>["node"] };
      const known = byName.get(node.name.value);
      if (known) known.push(part);
      else byName.set(node.name.value, [part]);
    }
    return [...byName];
  }
}

interface Part<K extends TypeDefinitionNode["kind"]> {
  readonly subgraph: string;
  readonly node: Extract<TypeDefinitionNode, { readonly kind: K }>;
}

function isTypeDefinition(node: { readonly kind: string }): node is TypeDefinitionNode {
  return node.kind.endsWith("TypeDefinition");
}

function readObject(name: string, parts: readonly Part<Kind.OBJECT_TYPE_DEFINITION>[]): ObjectModel {
  const keys = new Map<string, readonly string[]>();
  const stubs = new Map<string, string>();
  for (const { subgraph, node } of parts) {
    const own = directives(node, "key");
    const fieldSets = own.map((key) => argumentOf(key, "fields") ?? "");
    if (own.some((key) => print(key).includes("resolvable: false"))) stubs.set(subgraph, fieldSets[0] ?? "");
    else if (fieldSets.length > 0) keys.set(subgraph, fieldSets);
  }
  const keyNames = new Set([...[...keys.values()].flat(), ...stubs.values()]);
  if ([...keyNames].some((key) => !/^\w+$/.test(key))) throw new Error(`Cannot read ${name}: it has a compound key`);
  const isEntity = keyNames.size > 0;
  const isRoot = name === "Query" || name === "Mutation";
  const fieldNames = new Set(parts.flatMap(({ node }) => (node.fields ?? []).map(({ name: { value } }) => value)));
  const fields = [...fieldNames].map((field) => readField(field, parts));
  return {
    kind: isRoot ? "root" : isEntity ? "entity" : "value",
    name,
    subgraphs: parts.map(({ subgraph }) => subgraph).filter((subgraph) => !stubs.has(subgraph)),
    keys,
    stubs,
    keyFields: fields.flatMap(({ name: key, type }) => (keyNames.has(key) ? [{ name: key, type, role: "whole" }] : [])),
    fields: fields.filter(({ name: field }) => !keyNames.has(field)),
    interfaces: [...new Set(parts.flatMap(({ node }) => (node.interfaces ?? []).map((one) => one.name.value)))],
  };
}

function readInterface(
  name: string,
  parts: readonly Part<Kind.INTERFACE_TYPE_DEFINITION>[],
  objects: readonly ObjectModel[],
): InterfaceModel {
  const fieldNames = new Set(parts.flatMap(({ node }) => (node.fields ?? []).map(({ name: { value } }) => value)));
  return {
    name,
    subgraphs: parts.map(({ subgraph }) => subgraph),
    fields: [...fieldNames].map((field) => readField(field, parts)),
    implementers: objects.filter(({ interfaces }) => interfaces.includes(name)).map((one) => one.name),
    key: undefined,
    object: undefined,
  };
}

function readField(
  name: string,
  parts: readonly {
    readonly subgraph: string;
    readonly node: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;
  }[],
): FieldModel {
  const defined = parts.flatMap(({ subgraph, node }) => {
    const field = node.fields?.find((one) => one.name.value === name);
    const isExternal = [...directives(node, "external"), ...(field ? directives(field, "external") : [])].length > 0;
    return field ? [{ subgraph, field, isExternal }] : [];
  });
  const first = defined.find(({ isExternal }) => !isExternal);
  if (!first) throw new Error(`Cannot read ${name}: no subgraph resolves it`);
  const unread = ["provides", "override"].filter((directive) => directives(first.field, directive).length > 0);
  if (unread.length > 0) throw new Error(`Cannot read ${name}: it has @${unread.join(", @")}`);
  const fields = directives(first.field, "requires").map((one) => argumentOf(one, "fields") ?? "")[0];
  return {
    name,
    type: print(first.field.type),
    args: (first.field.arguments ?? []).map(readArgument),
    owners: defined.flatMap(({ subgraph, isExternal }) => (isExternal ? [] : [subgraph])),
    override: undefined,
    requires: fields === undefined ? undefined : { fields },
    provides: undefined,
    isShareable: defined.length > 1,
    isInaccessible: directives(first.field, "inaccessible").length > 0,
    externalIn: new Set(defined.flatMap(({ subgraph, isExternal }) => (isExternal ? [subgraph] : []))),
    providedIn: new Set(),
  };
}

function readArgument({ name, type, defaultValue }: InputValueDefinitionNode): ArgumentModel {
  return { name: name.value, type: print(type), defaultValue: defaultValue && print(defaultValue) };
}

function directives(
  { directives: all = [] }: { readonly directives?: readonly ConstDirectiveNode[] } | FieldDefinitionNode,
  name: string,
): readonly ConstDirectiveNode[] {
  return all.filter((one) => one.name.value === name);
}
