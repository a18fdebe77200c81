/** What is an operation to the engine, and which of its selections are turned on? */
import { GraphQLIncludeDirective, GraphQLSkipDirective, getDirectiveValues } from "graphql";
import type {
  FragmentDefinitionNode,
  GraphQLObjectType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionNode,
} from "graphql";

/** An operation as a client sent it, valid against the public schema. */
export interface ClientOperation {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Coerced by their types. */
  readonly variables: Readonly<Record<string, unknown>>;
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
