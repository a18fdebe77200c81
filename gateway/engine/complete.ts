/**
 * What is the client's response to an operation?
 *
 * The client's own document is walked as graphql-js walks it over one schema: fields are collected by type and response
 * key, lists and objects completed, scalars and enum values checked, and a null that the schema does not allow becomes
 * the null of the nearest parent that may be. Each null that a failure made has one error, with the path of its field.
 *
 * What to do with the values of a type is compiled once, on first use. The file is long because its functions call each
 * other.
 */
import {
  GraphQLError,
  Kind,
  TypeNameMetaFieldDef,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isUnionType,
  typeFromAST,
} from "graphql";
import type {
  FieldNode,
  GraphQLCompositeType,
  GraphQLEnumType,
  GraphQLInterfaceType,
  GraphQLObjectType,
  GraphQLOutputType,
  SelectionSetNode,
} from "graphql";
import { NOT_DEFERRED } from "./deferral.ts";
import type { DeferredFragments } from "./deferral.ts";
import { isIncluded } from "./operation.ts";
import type { CallerOperation } from "./operation.ts";
import { responseKey } from "./private-names.ts";
import type { PrivateNames } from "./private-names.ts";
import { refusalOf } from "./refusal.ts";
import { createResponse } from "./response.ts";
import type { DeferredFragment, DeferredPart, Path, Response } from "./response.ts";
import { completerOf } from "./scalars.ts";
import { typesLacking } from "./scopes.ts";
import { Failure, isSlots } from "./slots.ts";
import type { Slots, SubgraphError } from "./slots.ts";

/** Serves all responses to an operation whose variables turn the same selections on. */
export interface Completion {
  readonly rootFields: ReadonlyMap<string, readonly FieldNode[]>;
  begin(): CompletedResponse;
}

export interface CompletedResponse {
  /** Completes the field of a response key at the root. False where its null is one of the whole response. */
  completeRoot(key: string, slots: Slots): boolean;
  /** Takes what introspection answers. */
  set(key: string, value: unknown): void;
  /** Takes errors that name no place in the slots: those that no field has shown yet are errors of the response. */
  report(errors: readonly SubgraphError[]): void;
  /** Takes errors whose paths are the client's. */
  add(errors: readonly GraphQLError[]): void;
  readonly errors: readonly GraphQLError[];
  /** In the order of the client's document; null after a root field that may not be null was. */
  readonly data: () => Slots | null;
  /** The deferred fragments of the objects that the data has. */
  readonly deferred: () => readonly DeferredPart[];
}

/** What a field is that may not be null, and is. */
const INVALID = Symbol("null for a non-null type");

/** Gives the client's value, or INVALID for a null that the type does not allow; its error is reported. */
type Complete = (value: unknown, response: Response) => unknown;

interface FieldShape {
  /** Its response key. */
  readonly key: string;
  /** Its name in the slots; undefined for `__typename`, and for a field that no subgraph is asked for. */
  readonly slot: string | undefined;
  readonly complete: Complete;
}

interface ObjectShape {
  readonly fields: readonly FieldShape[];
  readonly deferred: readonly DeferredFragment[];
  /** Assignment to a field called `__proto__` would change a plain object's prototype. */
  readonly isPlain: boolean;
}

export function createCompletion(
  client: CallerOperation,
  rootType: GraphQLObjectType,
  names: PrivateNames,
  deferredFragments: DeferredFragments = NOT_DEFERRED,
): Completion {
  const { schema, fragments, variables } = client;
  const { fields: rootFields, deferred: rootDeferred } = collect(rootType, [client.operation.selectionSet]);
  const roots = new Map([...rootFields].map(([key, nodes]) => [key, fieldShape(rootType, key, nodes)]));

  return {
    rootFields,
    begin() {
      const response = createResponse(names);
      const values = new Map<string, unknown>();
      let isNull = false;
      const data = (): Slots | null => {
        if (isNull) return null;
        const all: Slots = Object.create(null);
        for (const key of rootFields.keys()) if (values.has(key)) all[key] = values.get(key);
        return all;
      };
      return {
        errors: response.errors,
        completeRoot(key, slots) {
          const shape = roots.get(key);
          const value = shape ? completeField(shape, slots, response) : null;
          if (value === INVALID) {
            isNull = true;
            response.drop(slots);
          } else values.set(key, value);
          return !isNull;
        },
        set: (key, value) => void values.set(key, value),
        report: (errors) => response.report(errors),
        add: (errors) => void response.errors.push(...errors),
        data,
        deferred() {
          const ofRoot = rootDeferred.map((fragment): DeferredPart => ({ fragment, path: [], slots: {} }));
          const all = data();
          return [...ofRoot, ...response.deferred].filter(({ path }) => isObjectAt(all, path));
        },
      };
    },
  };

  function collect(
    type: FieldsType,
    selectionSets: readonly SelectionSetNode[],
  ): { readonly fields: ReadonlyMap<string, readonly FieldNode[]>; readonly deferred: readonly DeferredFragment[] } {
    const fields = new Map<string, FieldNode[]>();
    const deferred: DeferredFragment[] = [];
    const visited = new Set<SelectionSetNode>();
    for (const selectionSet of selectionSets) walk(selectionSet);
    return { fields, deferred };

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
        if (!fragment || !applies(fragment.typeCondition ? typeFromAST(schema, fragment.typeCondition) : type, type))
          continue;
        const label = deferredFragments.get(selection);
        if (label === undefined || !isObjectType(type)) walk(fragment.selectionSet);
        else deferred.push(deferredFragment(type, fragment.selectionSet, label));
      }
    }
  }

  function deferredFragment(
    type: GraphQLObjectType,
    selectionSet: SelectionSetNode,
    label: string | null,
  ): DeferredFragment {
    const operation = { ...client.operation, selectionSet };
    const completion = createCompletion({ ...client, operation }, type, names);
    return {
      label,
      type,
      selectionSet,
      complete(slots, unplaced, path) {
        const response = completion.begin();
        const values = isSlots(slots) ? slots : {};
        const isComplete = [...completion.rootFields.keys()].every((key) => response.completeRoot(key, values));
        response.report(unplaced);
        const errors = response.errors.map((error) => moved(error, path));
        return { data: isComplete ? response.data() : null, errors };
      },
    };
  }

  function applies(condition: unknown, type: FieldsType): boolean {
    if (condition === type) return true;
    return (isInterfaceType(condition) || isUnionType(condition)) && schema.isSubType(condition, type);
  }

  function objectShape(type: FieldsType, nodes: readonly FieldNode[]): ObjectShape {
    const { fields: below, deferred } = collect(type, selectionSetsOf(nodes));
    const fields = [...below].map(([key, selected]) => fieldShape(type, key, selected));
    return { fields, deferred, isPlain: !below.has("__proto__") };
  }

  /** Whether the same is selected of each object of an interface, and not its type, and none of it is refused. */
  function isAlike(type: GraphQLInterfaceType, nodes: readonly FieldNode[]): boolean {
    const selectionSets = selectionSetsOf(nodes);
    const { fields: common } = collect(type, selectionSets);
    const names = [...common.values()].map(([node]) => node?.name.value ?? "");
    if (names.some((name) => name === TypeNameMetaFieldDef.name || typesLacking(client, type, name).length > 0))
      return false;
    return schema.getPossibleTypes(type).every((possible) => {
      const { fields: selected, deferred } = collect(possible, selectionSets);
      return deferred.length === 0 && [...selected].every(([key, { length }]) => common.get(key)?.length === length);
    });
  }

  function fieldShape(parent: FieldsType, key: string, nodes: readonly FieldNode[]): FieldShape {
    const [node] = nodes;
    const name = node?.name.value ?? "";
    if (name === TypeNameMetaFieldDef.name) return { key, slot: undefined, complete: () => parent.name };
    const definition = parent.getFields()[name];
    if (!node || !definition) return { key, slot: undefined, complete: () => null };
    const refusal = refusalOf(client, parent.name, definition, node);
    if (refusal) {
      const refuse: Complete = (_, response) => response.fail(refusal.message, refusal.extensions);
      const { type } = definition;
      return { key, slot: undefined, complete: isNonNullType(type) ? nonNull(refuse, name) : refuse };
    }
    const complete = compile(definition.type, nodes, `${parent.name}.${name}`);
    return { key, slot: names.nameOf(node), complete };
  }

  function compile(type: GraphQLOutputType, nodes: readonly FieldNode[], field: string): Complete {
    if (isNonNullType(type)) return nonNull(compile(type.ofType, nodes, field), field);
    if (isListType(type)) return nullable(list(compile(type.ofType, nodes, field), field));
    if (isScalarType(type)) return nullable(completerOf(type, field));
    if (isEnumType(type)) return nullable(enumeration(type, field));
    return nullable(isObjectType(type) ? object(type, nodes, field) : abstract(type, nodes, field));
  }

  function object(type: GraphQLObjectType, nodes: readonly FieldNode[], field: string): Complete {
    let shape: ObjectShape | undefined;
    return (value, response) => {
      if (!isSlots(value)) return response.fail(`Cannot read ${field}: the subgraph's value is not an object`);
      shape ??= objectShape(type, nodes);
      return completeObject(shape, value, response);
    };
  }

  function abstract(type: GraphQLCompositeType, nodes: readonly FieldNode[], field: string): Complete {
    const shapes = new Map<string, ObjectShape>();
    return (value, response) => {
      if (!isSlots(value)) return response.fail(`Cannot read ${field}: the subgraph's value is not an object`);
      const { __typename: name = type.name } = value;
      if (name instanceof Failure) return response.failed(name);
      const shape = (typeof name === "string" && (shapes.get(name) ?? shapeOf(name))) || undefined;
      if (!shape) return response.fail(`Cannot read ${field}: the subgraph's object is not a ${type.name}`);
      return completeObject(shape, value, response);
    };

    function shapeOf(name: string): ObjectShape | undefined {
      const named = schema.getType(name);
      if (!isObjectType(named) && !(isInterfaceType(named) && isAlike(named, nodes))) return undefined;
      if (named !== type && !(isAbstractType(type) && schema.isSubType(type, named))) return undefined;
      const shape = objectShape(named, nodes);
      shapes.set(name, shape);
      return shape;
    }
  }
}

/** The type of an object, or an interface of which a subgraph has objects without knowing their types. */
type FieldsType = GraphQLObjectType | GraphQLInterfaceType;

function selectionSetsOf(nodes: readonly FieldNode[]): readonly SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
}

function nonNull(complete: Complete, field: string): Complete {
  return (value, response) => {
    const before = response.errors.length;
    const completed = complete(value, response);
    if (completed !== null) return completed;
    if (response.errors.length === before && !(value instanceof Failure))
      response.fail(`Cannot return null for non-nullable field ${field}.`);
    return INVALID;
  };
}

function nullable(complete: Complete): Complete {
  return (value, response) => {
    if (value === null || value === undefined) return null;
    return value instanceof Failure ? response.failed(value) : complete(value, response);
  };
}

function list(complete: Complete, field: string): Complete {
  return (value, response) => {
    if (!Array.isArray(value)) return response.fail(`Cannot read ${field}: the subgraph's value is not a list`);
    const items: unknown[] = [];
    for (let index = 0; index < value.length; index += 1) {
      response.path.push(index);
      const completed = complete(value[index], response);
      response.path.pop();
      if (completed === INVALID) {
        response.drop(value);
        return null;
      }
      items.push(completed);
    }
    return items;
  };
}

function enumeration(type: GraphQLEnumType, field: string): Complete {
  const names = new Set<unknown>(type.getValues().map(({ name }) => name));
  return (value, response) =>
    names.has(value) ? value : response.fail(`Cannot read ${field}: the subgraph's value is not of type ${type.name}`);
}

function completeObject({ fields, deferred, isPlain }: ObjectShape, slots: Slots, response: Response): Slots | null {
  for (const fragment of deferred) response.deferred.push({ fragment, path: [...response.path], slots });
  const completed: Slots = isPlain ? {} : Object.create(null);
  for (const field of fields) {
    const value = completeField(field, slots, response);
    if (value === INVALID) {
      response.drop(slots);
      return null;
    }
    completed[field.key] = value;
  }
  return completed;
}

/** The part of a response begins at a path of the whole. */
function moved({ message, path = [], extensions }: GraphQLError, before: Path): GraphQLError {
  return new GraphQLError(message, { path: [...before, ...path], extensions });
}

function isObjectAt(data: unknown, path: Path): boolean {
  let at = data;
  for (const key of path) {
    if (typeof at !== "object" || at === null) return false;
    at = Reflect.get(at, key);
  }
  return typeof at === "object" && at !== null;
}

function completeField({ key, slot, complete }: FieldShape, slots: Slots, response: Response): unknown {
  response.path.push(key);
  const value = complete(slot === undefined ? undefined : slots[slot], response);
  response.path.pop();
  return value;
}
