/**
 * What is the client's response to an operation?
 *
 * The client's own document is walked as graphql-js walks it over one schema: fields are collected by type and response
 * key, lists and objects completed, scalars and enum values checked, and a null that the schema does not allow becomes
 * the null of the nearest parent that may be. Each null that a failure made has one error, with the path of its field.
 *
 * The file is long because its functions call each other and share the state of one response.
 */
import {
  GraphQLError,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
  typeFromAST,
} from "graphql";
import type {
  FieldNode,
  GraphQLEnumType,
  GraphQLCompositeType,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLScalarType,
  SelectionSetNode,
} from "graphql";
import { isIncluded } from "./normalise.ts";
import type { ClientOperation } from "./normalise.ts";
import { responseKey } from "./private-names.ts";
import type { PrivateNames } from "./private-names.ts";
import { Failure, isSlots } from "./slots.ts";
import type { Slots, SubgraphError } from "./slots.ts";

export interface Completion {
  /** Completes the field of a response key at the root. False where its null is one of the whole response. */
  completeRoot(key: string, slots: Slots): boolean;
  /** Takes what introspection answers. */
  set(key: string, value: unknown): void;
  /** Takes errors that name no place in the slots: those that no field has shown yet are errors of the response. */
  report(errors: readonly SubgraphError[]): void;
  readonly errors: readonly GraphQLError[];
  /** In the order of the client's document; null after a root field that may not be null was. */
  readonly data: () => Slots | null;
  readonly rootFields: ReadonlyMap<string, readonly FieldNode[]>;
}

/** What a field is that may not be null, and is. */
const INVALID = Symbol("null for a non-null type");

interface Path {
  readonly parent: Path | undefined;
  readonly key: string | number;
}

type Fields = ReadonlyMap<string, readonly FieldNode[]>;

export function createCompletion(
  client: ClientOperation,
  rootType: GraphQLObjectType,
  names: PrivateNames,
): Completion {
  const { schema, fragments, variables } = client;
  const errors: GraphQLError[] = [];
  const collected = new Map<GraphQLObjectType, WeakMap<readonly FieldNode[], Fields>>();
  const rootFields = collect(rootType, [client.operation.selectionSet]);
  const values = new Map<string, unknown>();
  const reported = new Map<SubgraphError, Set<string>>();
  let isNull = false;

  return {
    rootFields,
    errors,
    completeRoot(key, slots) {
      const nodes = rootFields.get(key) ?? [];
      const value = completeField(rootType, nodes, slots, { parent: undefined, key });
      if (value === INVALID) isNull = true;
      else values.set(key, value);
      return !isNull;
    },
    set: (key, value) => void values.set(key, value),
    report(unplaced) {
      for (const error of unplaced) {
        if (!reported.has(error)) errors.push(toClientError(error, clientKeys(error.path ?? [])));
        reported.set(error, new Set());
      }
    },
    data: () => {
      if (isNull) return null;
      const data: Slots = Object.create(null);
      for (const key of rootFields.keys()) if (values.has(key)) data[key] = values.get(key);
      return data;
    },
  };

  function collect(type: GraphQLObjectType, selectionSets: readonly SelectionSetNode[]): Fields {
    const fields = new Map<string, FieldNode[]>();
    const visited = new Set<SelectionSetNode>();
    for (const selectionSet of selectionSets) walk(selectionSet);
    return fields;

    function walk(selectionSet: SelectionSetNode): void {
      if (visited.has(selectionSet)) return;
      visited.add(selectionSet);
      for (const selection of selectionSet.selections) {
        if (!isIncluded(selection, variables)) continue;
        if (selection.kind === Kind.FIELD) {
          const key = responseKey(selection);
          const nodes = fields.get(key);
          if (nodes) nodes.push(selection);
          else fields.set(key, [selection]);
          continue;
        }
        const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
        if (fragment && applies(fragment.typeCondition ? typeFromAST(schema, fragment.typeCondition) : type, type)) {
          walk(fragment.selectionSet);
        }
      }
    }
  }

  function applies(condition: unknown, type: GraphQLObjectType): boolean {
    if (condition === type) return true;
    return (isInterfaceType(condition) || isUnionType(condition)) && schema.isSubType(condition, type);
  }

  function subfields(type: GraphQLObjectType, nodes: readonly FieldNode[]): Fields {
    let byNodes = collected.get(type);
    if (!byNodes) collected.set(type, (byNodes = new WeakMap()));
    let fields = byNodes.get(nodes);
    if (!fields) {
      fields = collect(
        type,
        nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
      );
      byNodes.set(nodes, fields);
    }
    return fields;
  }

  function completeField(parent: GraphQLObjectType, nodes: readonly FieldNode[], slots: Slots, path: Path): unknown {
    const [node] = nodes;
    if (!node) return null;
    const name = node.name.value;
    if (name === TypeNameMetaFieldDef.name) return parent.name;
    const definition = parent.getFields()[name];
    if (!definition) return null;
    const key = names.nameOf(node);
    const value: unknown = slots[key];
    return completeValue(definition.type, nodes, value, path, `${parent.name}.${name}`);
  }

  /** INVALID for a null that `type` does not allow; its error is reported. */
  function completeValue(
    type: GraphQLOutputType,
    nodes: readonly FieldNode[],
    value: unknown,
    path: Path,
    field: string,
  ): unknown {
    if (isNonNullType(type)) {
      const before = errors.length;
      const completed = completeValue(type.ofType, nodes, value, path, field);
      if (completed !== null) return completed;
      if (errors.length === before && !(value instanceof Failure))
        fail(`Cannot return null for non-nullable field ${field}.`, path);
      return INVALID;
    }
    if (value === null || value === undefined) return null;
    if (value instanceof Failure) return failed(value, path);
    if (isListType(type)) {
      if (!Array.isArray(value)) return fail(`Cannot read ${field}: the subgraph's value is not a list`, path);
      const items: unknown[] = [];
      for (const [index, item] of value.entries()) {
        const completed = completeValue(type.ofType, nodes, item, { parent: path, key: index }, field);
        if (completed === INVALID) return null;
        items.push(completed);
      }
      return items;
    }
    if (isScalarType(type)) return completeScalar(type, value, path, field);
    if (isEnumType(type)) return completeEnum(type, value, path, field);
    if (!isSlots(value)) return fail(`Cannot read ${field}: the subgraph's value is not an object`, path);
    const concrete = isObjectType(type) ? type : concreteType(type, value);
    if (!concrete) return fail(`Cannot read ${field}: the subgraph's object is not a ${type.name}`, path);
    const completed: Slots = Object.create(null);
    for (const [key, fields] of subfields(concrete, nodes)) {
      const below = completeField(concrete, fields, value, { parent: path, key });
      if (below === INVALID) return null;
      completed[key] = below;
    }
    return completed;
  }

  function concreteType(abstract: GraphQLCompositeType, slots: Slots): GraphQLObjectType | undefined {
    const name = slots["__typename"];
    const type = typeof name === "string" ? schema.getType(name) : undefined;
    return isObjectType(type) && isAbstractType(abstract) && schema.isSubType(abstract, type) ? type : undefined;
  }

  function completeScalar(type: GraphQLScalarType, value: unknown, path: Path, field: string): unknown {
    if (!isSpecifiedScalarType(type)) return value;
    try {
      // Unlike `serialize` it takes no value of another type: a subgraph's number is no String.
      return type.parseValue(value);
    } catch {
      return fail(`Cannot read ${field}: the subgraph's value is not of type ${type.name}`, path);
    }
  }

  function completeEnum(type: GraphQLEnumType, value: unknown, path: Path, field: string): unknown {
    if (typeof value === "string" && type.getValue(value)) return value;
    return fail(`Cannot read ${field}: the subgraph's value is not of type ${type.name}`, path);
  }

  function fail(message: string, path: Path): null {
    errors.push(new GraphQLError(message, { path: toKeys(path), extensions: { code: "INTERNAL_SERVER_ERROR" } }));
    return null;
  }

  /** Reports each error of a subgraph once for each place: several fields may be missing because of it. */
  function failed({ causes }: Failure, path: Path): null {
    for (const { error, path: below } of causes) {
      const keys = clientKeys(below);
      const place = [...toKeys(path.parent), ...(keys.length === 0 ? [path.key] : keys)];
      const places = reported.get(error) ?? new Set();
      reported.set(error, places);
      const key = JSON.stringify(place);
      if (!places.has(key)) errors.push(toClientError(error, place));
      places.add(key);
    }
    return null;
  }

  /** Up to the first name that the client did not select. */
  function clientKeys(keys: readonly (string | number)[]): readonly (string | number)[] {
    const translated: (string | number)[] = [];
    for (const key of keys) {
      const client = typeof key === "number" ? key : names.responseKeyOf(key);
      if (client === undefined) break;
      translated.push(client);
    }
    return translated;
  }
}

export const INTROSPECTION: ReadonlySet<string> = new Set([SchemaMetaFieldDef.name, TypeMetaFieldDef.name]);

function toClientError({ message, extensions }: SubgraphError, path: readonly (string | number)[]): GraphQLError {
  return new GraphQLError(message, { path: path.length > 0 ? path : undefined, extensions: { ...extensions } });
}

function toKeys(path: Path | undefined): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at: Path | undefined = path; at; at = at.parent) keys.push(at.key);
  return keys.toReversed();
}
