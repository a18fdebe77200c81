/**
 * How does the gateway answer an operation?
 *
 * normalise ▸ plan ▸ run ▸ complete. Introspection is answered by graphql-js over the public schema. The fields of a
 * mutation are planned, run and completed one by one, in the client's order.
 */
import { Kind, execute as executeLocally, getVariableValues } from "graphql";
import type {
  DocumentNode,
  FragmentDefinitionNode,
  GraphQLError,
  GraphQLSchema,
  OperationDefinitionNode,
} from "graphql";
import { INTROSPECTION, createCompletion } from "./complete.ts";
import { normalise, responseKey, rootTypeOf } from "./normalise.ts";
import type { ClientOperation } from "./normalise.ts";
import type { Planner } from "./planner.ts";
import type { Requirements } from "./requirements.ts";
import { run } from "./run.ts";
import type { CallSubgraph } from "./run.ts";
import type { Slots } from "./slots.ts";

export interface ExecutionOptions {
  readonly publicSchema: GraphQLSchema;
  readonly fullSchema: GraphQLSchema;
  readonly planner: Planner;
  readonly requirements: Requirements;
  /** Of private names: no field of the supergraph is named so. */
  readonly prefix: string;
}

export interface ExecutionRequest {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly call: CallSubgraph;
}

export interface ExecutionResponse {
  readonly data?: Slots | null;
  readonly errors?: readonly GraphQLError[];
}

export async function execute(
  { publicSchema: schema, fullSchema, planner, requirements, prefix }: ExecutionOptions,
  { document, operation, variables: given, call }: ExecutionRequest,
): Promise<ExecutionResponse> {
  const { coerced, errors: invalid } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
  if (invalid) return { errors: invalid };
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const one of document.definitions) {
    if (one.kind === Kind.FRAGMENT_DEFINITION) fragments.set(one.name.value, one);
  }
  const client: ClientOperation = { schema, operation, fragments, variables: coerced };
  const { operations, names } = normalise(client, prefix);
  const completion = createCompletion(client, rootTypeOf(client), names);
  for (const [key, [node]] of completion.rootFields) {
    if (node?.name.value === "__typename") completion.completeRoot(key, {});
  }
  await introspect(client, document, completion);
  for (const one of operations) {
    const step = await planner.plan(one.document);
    const slots: Slots = step
      ? await run(step, { schema: fullSchema, variables: one.variables, call, requirements })
      : {};
    const isComplete = [...completion.rootFields.keys()]
      .filter((key) => one.responseKeys.has(key))
      .every((key) => completion.completeRoot(key, slots));
    if (!isComplete) break;
  }
  const errors = completion.errors.length > 0 ? { errors: completion.errors } : {};
  return { ...errors, data: completion.data() };
}

async function introspect(
  { schema, operation, variables }: ClientOperation,
  document: DocumentNode,
  completion: ReturnType<typeof createCompletion>,
): Promise<void> {
  const fields = [...completion.rootFields.values()].flat().filter(({ name }) => INTROSPECTION.has(name.value));
  if (fields.length === 0) return;
  const introspection = { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections: fields } } as const;
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const { data } = await executeLocally({
    schema,
    document: { kind: Kind.DOCUMENT, definitions: [introspection, ...fragments] },
    variableValues: variables,
  });
  for (const key of new Set(fields.map(responseKey))) completion.set(key, data?.[key]);
}
