/**
 * Which operations does the planner get for a client's operation?
 *
 * One for a query, one for each field of a mutation. Each selects every field once, under a name that no client can
 * choose, and holds no literal, no fragment spread, no condition and no introspection: `@skip` and `@include` are
 * evaluated here, a field that is refused is left out, and each argument becomes a variable. So a plan serves all literals, and no name or value of a client
 * reaches the planner or a subgraph's response. `__typename` is selected only where the client's response depends on it:
 * the planner would ask another subgraph for the type of an interface object. The size of the result is bounded: fragments
 * that spread each other are merged, never expanded.
 */
import {
  Kind,
  OperationTypeNode,
  TypeNameMetaFieldDef,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  typeFromAST,
  valueFromAST,
} from "graphql";
import type {
  FieldNode,
  GraphQLCompositeType,
  GraphQLField,
  GraphQLInputType,
  GraphQLObjectType,
  GraphQLSchema,
  SelectionSetNode,
  ValueNode,
} from "graphql";
import { entitiesField } from "./deferral.ts";
import type { DeferredFragments, EntityKeys } from "./deferral.ts";
import { limitExceeded } from "./limits.ts";
import { isIncluded, rootTypeOf } from "./operation.ts";
import type { CallerOperation } from "./operation.ts";
import { createNames, responseKey } from "./private-names.ts";
import type { PrivateNames } from "./private-names.ts";
import { refusalOf } from "./refusal.ts";
import { typesLacking } from "./scopes.ts";

export interface NormalisedOperation {
  readonly document: string;
  /** By the names in the document, for a client's coerced variables. */
  readonly variablesOf: (variables: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** The private names at its root. */
  readonly names: readonly string[];
  /** The response keys at the root that the client reads from it. */
  readonly responseKeys: readonly string[];
}

export interface Normalised {
  readonly operations: readonly NormalisedOperation[];
  readonly names: PrivateNames;
  /** How many selections the operations have together. */
  readonly selections: number;
}

/** Selections of a normalised operation, at most: those of the largest page of a board are some hundreds. */
const MAX_SELECTIONS = 2000;
/** Of selections in each other, after fragments are merged: the planner reads no more. */
const MAX_LEVELS = 45;

export interface Deferral {
  readonly fragments: DeferredFragments;
  readonly keys: EntityKeys;
}

/** Throws a GraphQLError with code LIMIT_EXCEEDED for an operation that selects too much. */
export function normalise(client: CallerOperation, prefix: string, deferral?: Deferral): Normalised {
  const names = createNames(prefix);
  const rootType = rootTypeOf(client);
  const root = createMerger(client, names, deferral);
  const fields = [...(root.merge([client.operation.selectionSet], rootType).get(rootType)?.fields.values() ?? [])];
  const operationType = client.operation.operation;
  const groups = operationType === OperationTypeNode.MUTATION ? fields.map((field) => [field]) : [fields];
  const operations = groups.flatMap((group) => (group.length > 0 ? [toOperation(root, operationType, group)] : []));
  return { operations, names, selections: root.selections() };
}

/** The operation that answers a deferred fragment on an entity, or on the root of a query. */
export function normaliseDeferred(
  client: CallerOperation,
  names: PrivateNames,
  type: GraphQLObjectType,
  selectionSet: SelectionSetNode,
): NormalisedOperation {
  const merger = createMerger(client, names);
  const fields = merger.merge([selectionSet], type);
  const own = [...(fields.get(type)?.fields.values() ?? [])];
  if (type === client.schema.getQueryType()) return toOperation(merger, OperationTypeNode.QUERY, own);
  return toOperation(merger, OperationTypeNode.QUERY, own, { name: names.entities, field: entitiesField(type.name) });
}

interface MergedField {
  readonly name: string;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly node: FieldNode;
  /** Of all fields that were merged. */
  readonly selectionSets: Set<SelectionSetNode>;
}

interface MergedSelection {
  readonly fields: Map<string, MergedField>;
  /** Whether the client selects `__typename`. */
  readsType: boolean;
}

/** By the type that the fields are selected on: the type of the selection set, or one that narrows it. */
type Merged = ReadonlyMap<GraphQLCompositeType, MergedSelection>;

interface Merger {
  merge(selectionSets: Iterable<SelectionSetNode>, type: GraphQLCompositeType): Merged;
  /** Of the fields that identify entities of a type, where one of its fragments is deferred. */
  keysOf(type: GraphQLCompositeType): readonly (readonly [name: string, field: string])[];
  /** So far. */
  selections(): number;
  readonly client: CallerOperation;
}

function createMerger(client: CallerOperation, names: PrivateNames, deferral?: Deferral): Merger {
  const { schema, fragments, variables } = client;
  let selections = 0;
  const deferring = new Set<GraphQLCompositeType>();

  return {
    client,
    selections: () => selections,
    keysOf(type) {
      const fields = deferring.has(type) ? (deferral?.keys.get(type.name) ?? []) : [];
      return fields.map((field, index) => [names.key(index), field]);
    },
    merge(selectionSets, type) {
      const merged = new Map<GraphQLCompositeType, MergedSelection>();
      const visited = new Map<GraphQLCompositeType, Set<SelectionSetNode>>();
      for (const selectionSet of selectionSets) collect(selectionSet, type);
      return merged;

      function collect(selectionSet: SelectionSetNode, on: GraphQLCompositeType): void {
        const seen = visited.get(on) ?? new Set();
        visited.set(on, seen);
        if (seen.has(selectionSet)) return;
        seen.add(selectionSet);
        for (const selection of selectionSet.selections) {
          if (!isIncluded(selection, variables)) continue;
          if (selection.kind === Kind.FIELD) {
            addField(selection, on);
            continue;
          }
          const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
          if (!fragment) continue;
          const { typeCondition } = fragment;
          const condition = typeCondition ? typeFromAST(schema, typeCondition) : on;
          if (!isCompositeType(condition)) continue;
          for (const narrowed of narrow(schema, on, condition)) {
            if (!deferral?.fragments.has(selection)) {
              collect(fragment.selectionSet, narrowed);
              continue;
            }
            deferring.add(narrowed);
            selectionOn(narrowed);
          }
        }
      }

      function selectionOn(on: GraphQLCompositeType): MergedSelection {
        const known = merged.get(on);
        if (known) return known;
        const selection = { fields: new Map<string, MergedField>(), readsType: false };
        merged.set(on, selection);
        return selection;
      }

      function addField(node: FieldNode, on: GraphQLCompositeType): void {
        const selection = selectionOn(on);
        if (node.name.value === TypeNameMetaFieldDef.name) selection.readsType = true;
        const definition = definitionOf(on, node);
        if (!definition) return;
        if (isAbstractType(on) && typesLacking(client, on, node.name.value).length > 0) {
          // Asked of the types of objects that the caller may have it of; the response depends on the type.
          selection.readsType = true;
          for (const type of schema.getPossibleTypes(on)) addField(node, type);
          return;
        }
        if (refusalOf(client, on.name, definition, node)) return;
        const { fields } = selection;
        const name = names.nameOf(node);
        let field = fields.get(name);
        if (!field) {
          selections += 1;
          if (selections > MAX_SELECTIONS) throw limitExceeded(`operation has more than ${MAX_SELECTIONS} selections`);
          field = { name, definition, node, selectionSets: new Set() };
          fields.set(name, field);
        }
        if (node.selectionSet) field.selectionSets.add(node.selectionSet);
      }
    },
  };
}

/** undefined for `__typename` and the fields of introspection, which no subgraph is asked for. */
function definitionOf(type: GraphQLCompositeType, node: FieldNode): GraphQLField<unknown, unknown> | undefined {
  return "getFields" in type ? type.getFields()[node.name.value] : undefined;
}

/** The types on which a fragment's selections apply inside a selection set of type `on`. */
function narrow(
  schema: GraphQLSchema,
  on: GraphQLCompositeType,
  condition: GraphQLCompositeType,
): readonly GraphQLCompositeType[] {
  if (on === condition || isSubType(schema, condition, on)) return [on];
  if (isSubType(schema, on, condition)) return [condition];
  if (!isAbstractType(on) || !isAbstractType(condition)) return [];
  return schema.getPossibleTypes(on).filter((type) => schema.isSubType(condition, type));
}

function isSubType(schema: GraphQLSchema, abstract: GraphQLCompositeType, type: GraphQLCompositeType): boolean {
  if (!isAbstractType(abstract)) return false;
  if (isObjectType(type)) return schema.isSubType(abstract, type);
  if ("getInterfaces" in type && type.getInterfaces().some((one) => one === abstract)) return true;
  return false;
}

/** A variable of a normalised operation, and the client's value for it. */
interface Binding {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly node: ValueNode;
}

/** It holds no texts: a brace is one. */
function levelsOf(document: string): number {
  let [level, deepest] = [0, 0];
  for (const character of document) {
    if (character === "{") deepest = Math.max(deepest, (level += 1));
    else if (character === "}") level -= 1;
  }
  return deepest;
}

function toOperation(
  merger: Merger,
  operationType: OperationTypeNode,
  fields: readonly MergedField[],
  parent?: { readonly name: string; readonly field: string },
): NormalisedOperation {
  const { client } = merger;
  const declared = new Map<string, Binding>();
  const printed = fields.map(printField).join(" ");
  const inside = printed === "" ? "__typename" : printed;
  const selection = parent ? `${parent.name}: ${parent.field} { ${inside} }` : inside;
  const bindings = [...declared.values()];
  const declarations = bindings.map(({ name, type }) => `$${name}: ${String(type)}`).join(", ");
  const document = `${operationType}${declarations === "" ? "" : `(${declarations})`} { ${selection} }`;
  if (levelsOf(document) > MAX_LEVELS) throw limitExceeded(`operation has more than ${MAX_LEVELS} levels`);
  return {
    document,
    variablesOf(variables) {
      const values: Record<string, unknown> = Object.create(null);
      for (const { name, type, node } of bindings) values[name] = valueFromAST(node, type, variables);
      return values;
    },
    names: parent ? [parent.name] : fields.map(({ name }) => name),
    responseKeys: fields.map(({ node }) => responseKey(node)),
  };

  function printField({ name, definition, node, selectionSets }: MergedField): string {
    const type = getNamedType(definition.type);
    const below = isCompositeType(type) ? ` ${printSelection(merger.merge(selectionSets, type), type)}` : "";
    return `${name}: ${definition.name}${printArguments(name, definition, node)}${below}`;
  }

  function printSelection(merged: Merged, type: GraphQLCompositeType): string {
    const parts: string[] = [];
    for (const [on, { fields: selected, readsType }] of merged) {
      const keys = merger.keysOf(on);
      const printed = [...selected.values()].map(printField);
      if (keys.length > 0 || (readsType && isAbstractType(type))) printed.unshift("__typename");
      printed.push(...keys.map(([name, field]) => `${name}: ${field}`));
      if (printed.length === 0) continue;
      if (on === type) parts.push(...printed);
      else parts.push(`... on ${on.name} { ${printed.join(" ")} }`);
    }
    return `{ ${parts.length === 0 ? "__typename" : parts.join(" ")} }`;
  }

  function printArguments(name: string, definition: GraphQLField<unknown, unknown>, node: FieldNode): string {
    const printed = definition.args.flatMap(({ name: argument, type }) => {
      const given = node.arguments?.find((one) => one.name.value === argument);
      if (!given) return [];
      if (valueFromAST(given.value, type, client.variables) === undefined) return [];
      const variable = variableFor(name, argument, type, given.value);
      return [`${argument}: $${variable}`];
    });
    return printed.length === 0 ? "" : `(${printed.join(", ")})`;
  }

  /** One for each type: fields of one name may take an argument of different types. No argument begins with a number. */
  function variableFor(field: string, argument: string, type: GraphQLInputType, node: ValueNode): string {
    for (let index = 0; ; index += 1) {
      const name = index === 0 ? `${field}_${argument}` : `${field}_${index}_${argument}`;
      const other = declared.get(name);
      if (other && String(other.type) !== String(type)) continue;
      declared.set(name, { name, type, node });
      return name;
    }
  }
}
