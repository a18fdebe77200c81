/**
 * Which operations does the planner get for a client's operation?
 *
 * One for a query, one for each field of a mutation. Each selects every field once, under a name that no client can
 * choose, and holds no literal, no fragment spread, no condition and no introspection: `@skip` and `@include` are
 * evaluated here, and each argument becomes a variable. So a plan serves all literals, and no name or value of a client
 * reaches the planner or a subgraph's response. The size of the result is bounded: fragments that spread each other are
 * merged, never expanded.
 */
import {
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  OperationTypeNode,
  getDirectiveValues,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  typeFromAST,
  valueFromAST,
} from "graphql";
import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLCompositeType,
  GraphQLField,
  GraphQLObjectType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from "graphql";
import { limitExceeded } from "./limits.ts";
import { createNames, responseKey } from "./private-names.ts";
import type { PrivateNames } from "./private-names.ts";

/** An operation as a client sent it, valid against the public schema. */
export interface ClientOperation {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Coerced by their types. */
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface NormalisedOperation {
  readonly document: string;
  /** By the names in the document. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** The private names at its root. */
  readonly names: readonly string[];
  /** The response keys at the root that the client reads from it. */
  readonly responseKeys: ReadonlySet<string>;
}

export interface Normalised {
  readonly operations: readonly NormalisedOperation[];
  readonly names: PrivateNames;
}

/** Selections of a normalised operation, at most: those of the largest page of a board are some hundreds. */
const MAX_SELECTIONS = 10_000;

/** Throws a GraphQLError with code LIMIT_EXCEEDED for an operation that selects too much. */
export function normalise(client: ClientOperation, prefix: string): Normalised {
  const names = createNames(prefix);
  const rootType = rootTypeOf(client);
  const root = createMerger(client, names);
  const fields = [...(root.merge([client.operation.selectionSet], rootType).get(rootType) ?? [])];
  const operationType = client.operation.operation;
  const groups = operationType === OperationTypeNode.MUTATION ? fields.map((field) => [field]) : [fields];
  const operations = groups.flatMap((group) => (group.length > 0 ? [toOperation(root, operationType, group)] : []));
  return { operations, names };
}

export function rootTypeOf({ schema, operation }: Pick<ClientOperation, "schema" | "operation">): GraphQLObjectType {
  const type = schema.getRootType(operation.operation);
  if (!type) throw new Error(`Cannot execute a ${operation.operation}: the schema has none`);
  return type;
}

/** False for a selection that the client's `@skip` or `@include` turns off. */
export function isIncluded(node: SelectionNode, variables: Readonly<Record<string, unknown>>): boolean {
  if (!node.directives || node.directives.length === 0) return true;
  if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.["if"] === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, variables)?.["if"] !== false;
}

interface MergedField {
  readonly name: string;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly node: FieldNode;
  /** Of all fields that were merged. */
  readonly selectionSets: Set<SelectionSetNode>;
}

/** By the type that the fields are selected on: the type of the selection set, or one that narrows it. */
type Merged = ReadonlyMap<GraphQLCompositeType, Iterable<MergedField>>;

interface Merger {
  merge(selectionSets: Iterable<SelectionSetNode>, type: GraphQLCompositeType): Merged;
  readonly client: ClientOperation;
}

function createMerger(client: ClientOperation, names: PrivateNames): Merger {
  const { schema, fragments, variables } = client;
  let selections = 0;

  return {
    client,
    merge(selectionSets, type) {
      const merged = new Map<GraphQLCompositeType, Map<string, MergedField>>();
      const visited = new Map<GraphQLCompositeType, Set<SelectionSetNode>>();
      for (const selectionSet of selectionSets) collect(selectionSet, type);
      return new Map([...merged].map(([on, fields]) => [on, fields.values()]));

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
          for (const narrowed of narrow(schema, on, condition)) collect(fragment.selectionSet, narrowed);
        }
      }

      function addField(node: FieldNode, on: GraphQLCompositeType): void {
        const definition = definitionOf(on, node);
        if (!definition) return;
        const fields = merged.get(on) ?? new Map<string, MergedField>();
        merged.set(on, fields);
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

function toOperation(
  merger: Merger,
  operationType: OperationTypeNode,
  fields: readonly MergedField[],
): NormalisedOperation {
  const { client } = merger;
  const declared = new Map<string, string>();
  const values: Record<string, unknown> = Object.create(null);
  const selection = fields.map(printField).join(" ");
  const declarations = [...declared].map(([name, type]) => `$${name}: ${type}`).join(", ");
  return {
    document: `${operationType}${declarations === "" ? "" : `(${declarations})`} { ${selection} }`,
    variables: values,
    names: fields.map(({ name }) => name),
    responseKeys: new Set(fields.map(({ node }) => responseKey(node))),
  };

  function printField({ name, definition, node, selectionSets }: MergedField): string {
    const type = getNamedType(definition.type);
    const below = isCompositeType(type) ? ` ${printSelection(merger.merge(selectionSets, type), type)}` : "";
    return `${name}: ${definition.name}${printArguments(name, definition, node)}${below}`;
  }

  function printSelection(merged: Merged, type: GraphQLCompositeType): string {
    const parts = isAbstractType(type) ? ["__typename"] : [];
    for (const [on, selected] of merged) {
      const printed = [...selected].map(printField);
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
      const value = valueFromAST(given.value, type, client.variables);
      if (value === undefined) return [];
      const variable = variableFor(`${name}_${argument}`, String(type), value);
      return [`${argument}: $${variable}`];
    });
    return printed.length === 0 ? "" : `(${printed.join(", ")})`;
  }

  /** One for each type: fields of one name may take an argument of different types. */
  function variableFor(base: string, type: string, value: unknown): string {
    for (let index = 0; ; index += 1) {
      const name = index === 0 ? base : `${base}_${index}`;
      const other = declared.get(name);
      if (other !== undefined && other !== type) continue;
      declared.set(name, type);
      values[name] = value;
      return name;
    }
  }
}
