/**
 * How does the gateway answer an operation?
 *
 * normalise ▸ run ▸ complete. Introspection is answered by graphql-js over the public schema. The fields of a mutation
 * are run and completed one by one, in the client's order.
 */
import { GraphQLError, Kind, execute as executeLocally, getVariableValues } from "graphql";
import type { DocumentNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { INTROSPECTION, createCompletion } from "./complete.ts";
import type { Completion } from "./complete.ts";
import { normalise, rootTypeOf } from "./normalise.ts";
import type { ClientOperation, NormalisedOperation } from "./normalise.ts";
import { responseKey } from "./private-names.ts";
import type { Result, Slots } from "./slots.ts";

/** A document that is valid over the public schema, and one of its operations. */
export interface ClientRequest {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface ExecutionOptions {
  readonly schema: GraphQLSchema;
  /** Of private names: no name of a field in the supergraph begins so. */
  readonly prefix: string;
  /** Rejects for a fault of the gateway; what fails in a subgraph is a failure in the slots. */
  readonly run: (operation: NormalisedOperation) => Promise<Result>;
}

export interface ExecutionResponse {
  readonly data?: Slots | null;
  readonly errors?: readonly GraphQLError[];
}

/** Throws a GraphQLError with code LIMIT_EXCEEDED for an operation that selects too much. */
export async function execute(request: ClientRequest, options: ExecutionOptions): Promise<ExecutionResponse> {
  const { document, operation } = request;
  const { schema, prefix, run } = options;
  if (!schema.getRootType(operation.operation)) return { errors: [noSuchRoot(operation.operation)] };
  const { coerced, errors: invalid } = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    request.variables,
  );
  if (invalid) return { errors: invalid };
  const client: ClientOperation = { schema, operation, fragments: fragmentsOf(document), variables: coerced };
  const { operations, names } = normalise(client, prefix);
  const completion = createCompletion(client, rootTypeOf(client), names);
  for (const [key, [node]] of completion.rootFields) {
    if (node?.name.value === "__typename") completion.completeRoot(key, {});
  }
  await introspect(client, document, completion);
  for (const one of operations) {
    const { slots, unplaced } = await run(one);
    const keys = [...completion.rootFields.keys()].filter((key) => one.responseKeys.has(key));
    const isComplete = keys.every((key) => completion.completeRoot(key, slots));
    completion.report(unplaced);
    if (!isComplete) break;
  }
  const { errors } = completion;
  return { ...(errors.length > 0 && { errors }), data: completion.data() };
}

function noSuchRoot(operation: string): GraphQLError {
  return new GraphQLError(`Cannot execute: the graph has no ${operation}`, {
    extensions: { code: "GRAPHQL_VALIDATION_FAILED", http: { status: 400, spec: true } },
  });
}

function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}

async function introspect(
  { schema, operation, variables, fragments }: ClientOperation,
  document: DocumentNode,
  completion: Completion,
): Promise<void> {
  const fields = [...completion.rootFields.values()].flat().filter(({ name }) => INTROSPECTION.has(name.value));
  if (fields.length === 0) return;
  const introspection = { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections: fields } } as const;
  const { data } = await executeLocally({
    schema,
    document: { ...document, definitions: [introspection, ...fragments.values()] },
    variableValues: variables,
  });
  for (const key of new Set(fields.map(responseKey))) completion.set(key, data?.[key]);
}
