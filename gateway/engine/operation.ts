/** What is an operation to the engine, and which of its selections are turned on? */
import {
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  getDirectiveValues,
} from "graphql";
import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLObjectType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionNode,
} from "graphql";
import type { RequiredScopes } from "../../schema/scope.ts";

/** The scopes that a caller lacks for a field of a type of objects; undefined for a field that it may have. */
export type Lacking = (type: string, field: string) => RequiredScopes | undefined;

/** An operation as a client sent it, valid against the public schema. */
export interface ClientOperation {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Coerced by their types. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The same for callers of some scopes. */
export interface CallerOperation extends ClientOperation {
  /** Which fields they may not have. */
  readonly lacking: Lacking;
}

export function rootTypeOf({ schema, operation }: Pick<ClientOperation, "schema" | "operation">): GraphQLObjectType {
  const type = schema.getRootType(operation.operation);
  if (!type) throw new Error(`Cannot execute a ${operation.operation}: the schema has none`);
  return type;
}

/** All of a document, by their names. */
export function fragmentsIn({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])),
  );
}

/** `__schema` and `__type`, which no subgraph is asked for. */
export function isIntrospection({ name }: FieldNode): boolean {
  return name.value === SchemaMetaFieldDef.name || name.value === TypeMetaFieldDef.name;
}

/** False for a selection that the client's `@skip` or `@include` turns off. */
export function isIncluded(node: SelectionNode, variables: Readonly<Record<string, unknown>>): boolean {
  if (!node.directives || node.directives.length === 0) return true;
  if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.["if"] === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, variables)?.["if"] !== false;
}
