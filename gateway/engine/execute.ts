/**
 * How does the gateway answer an operation?
 *
 * normalise ▸ run ▸ complete. Introspection is answered by the public schema. The fields of a mutation are run and
 * completed one by one, in the client's order.
 */
import { GraphQLError, getVariableValues } from "graphql";
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { EntityKeys } from "./deferral.ts";
import { shortened } from "./error-text.ts";
import type { Explained, ExplainedRun } from "./explained.ts";
import { introspect } from "./introspection.ts";
import type { CallerOperation } from "./operation.ts";
import type { PrepareOperation, PreparedOperation } from "./prepare.ts";
import { responseKey } from "./private-names.ts";
import type { CompletedPart, DeferredFragment, DeferredPart, Path } from "./response.ts";
import type { Result, Slots } from "./slots.ts";

/** A document that is valid over the public schema, and one of its operations. */
export interface ClientRequest {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Of its caller. */
  readonly scopes: ReadonlySet<string>;
}

export interface ExecutionOptions {
  readonly schema: GraphQLSchema;
  readonly prepare: PrepareOperation;
  /** Rejects for a fault of the gateway; what fails in a subgraph is a failure in the slots. */
  readonly run: (operation: PlannedOperation, explained: ExplainedRun | undefined) => Promise<Result>;
  /** The same for a deferred fragment of these entities, by the names of their keys' fields; undefined for the root. */
  readonly runDeferred: (
    operation: PlannedOperation,
    entities: readonly Slots[] | undefined,
    explained: ExplainedRun | undefined,
  ) => Promise<Result>;
  /** By the names of types. */
  readonly keys: EntityKeys;
  /** Errors suggest no names that are like a name which does not exist. */
  readonly hideSuggestions: boolean;
  /** The client accepts an answer in parts. */
  readonly isDeferring: boolean;
  /**
   * Called before anything is run, and throws a GraphQLError to refuse it. The operation is the same object for all requests
   * that differ in the values of their variables alone, and has none of them.
   */
  readonly admit?: ((operation: CallerOperation, variables: Readonly<Record<string, unknown>>) => void) | undefined;
  /** Told of all that is planned and called. Default: nobody is. */
  readonly explained?: Explained | undefined;
}

/** One of the operations that the planner gets for a client's operation. */
export interface PlannedOperation {
  readonly document: string;
  /** By the names in the document. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** The private names at its root. */
  readonly names: readonly string[];
}

export interface ExecutionResponse {
  readonly data?: Slots | null;
  readonly errors?: readonly GraphQLError[];
}

/** A response whose deferred fragments follow. */
export interface DeferredResponse {
  readonly response: ExecutionResponse;
  /** In the order of the response; absent where nothing is deferred. */
  readonly deferred?: Deferred;
}

export interface Deferred {
  readonly pending: readonly PendingPart[];
  /** Each pending part once, as it is answered. Rejects for a fault of the gateway. */
  readonly parts: AsyncIterable<readonly DeferredResult[]>;
  /** What is said beside the last part. Default: nothing. */
  readonly extensions?: (() => object) | undefined;
}

export interface PendingPart {
  readonly path: Path;
  readonly fragment: Pick<DeferredFragment, "label">;
}

export interface DeferredResult extends CompletedPart {
  readonly part: PendingPart;
}

/** Throws a GraphQLError for an operation that asks for too much, or for a condition that is null. */
export async function execute(request: ClientRequest, options: ExecutionOptions): Promise<DeferredResponse> {
  const { document, operation } = request;
  const { schema, prepare, run, hideSuggestions, isDeferring, admit, explained } = options;
  if (!schema.getRootType(operation.operation)) return { response: { errors: [noSuchRoot(operation.operation)] } };
  const { coerced, errors: invalid } = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    request.variables,
    { maxErrors: MAX_ERRORS, hideSuggestions },
  );
  if (invalid) return { response: { errors: invalid.map(asBadUserInput) } };
  const prepared = prepare({ operation, document, variables: coerced, isDeferring, callerScopes: request.scopes });
  const { client, operations, completion, ownKeys, introspections } = prepared;
  admit?.(client, coerced);
  const response = completion.begin();
  for (const key of ownKeys) {
    if (!response.completeRoot(key, {})) return { response: { errors: response.errors, data: null } };
  }
  if (introspections.length > 0) {
    const { data, errors = [] } = await introspect({ ...client, variables: coerced }, introspections);
    for (const key of new Set(introspections.map(responseKey))) response.set(key, data?.[key]);
    response.add(errors);
  }
  for (const { document: text, variablesOf, names, responseKeys } of operations) {
    const operationRun = { document: text, variables: variablesOf(coerced), names };
    const { slots, unplaced } = await run(operationRun, explained?.run(prepared.names));
    const isComplete = responseKeys.every((key) => response.completeRoot(key, slots));
    response.report(unplaced);
    if (!isComplete) break;
  }
  const { errors } = response;
  const parts = response.deferred();
  return {
    response: { ...(errors.length > 0 && { errors }), data: response.data() },
    ...(parts.length > 0 && { deferred: executeDeferred(parts, prepared, coerced, options) }),
  };
}

/** One operation for all objects of a fragment; fragments are answered as they come. */
function executeDeferred(
  parts: readonly DeferredPart[],
  { names, deferred: operationOf }: PreparedOperation,
  variables: Readonly<Record<string, unknown>>,
  { runDeferred, keys, explained }: ExecutionOptions,
): Deferred {
  const groups = new Map<DeferredFragment, DeferredPart[]>();
  for (const part of parts) {
    const group = groups.get(part.fragment);
    if (group) group.push(part);
    else groups.set(part.fragment, [part]);
  }
  return {
    pending: parts,
    parts: asTheyCome([...groups].map(([fragment, group]) => answered(fragment, group))),
  };

  /** An error of GraphQL is one of the fragment. */
  async function answered(
    fragment: DeferredFragment,
    group: readonly DeferredPart[],
  ): Promise<readonly DeferredResult[]> {
    try {
      return await answer(fragment, group);
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return group.map((part) => ({
        part,
        data: null,
        errors: [new GraphQLError(error.message, { path: part.path, extensions: error.extensions })],
      }));
    }
  }

  async function answer(
    fragment: DeferredFragment,
    group: readonly DeferredPart[],
  ): Promise<readonly DeferredResult[]> {
    const { document, variablesOf, names: rootNames } = operationOf(fragment);
    const fields = keys.get(fragment.type.name);
    const entities = fields && group.map(({ slots }) => entityOf(fragment.type.name, fields, slots));
    const planned = { document, variables: variablesOf(variables), names: rootNames };
    const { slots, unplaced } = await runDeferred(planned, entities, explained?.run(names, fragment));
    const found = entities ? slots[names.entities] : [slots];
    return group.map((part, index) => {
      const own: unknown = Array.isArray(found) ? found[index] : undefined;
      const completed = fragment.complete(own, index === 0 ? unplaced : [], part.path);
      return { ...completed, part };
    });
  }

  function entityOf(type: string, fields: readonly string[], slots: Slots): Slots {
    const key = fields.map((field, index) => [field, slots[names.key(index)]] as const);
    return { __typename: type, ...Object.fromEntries(key) };
  }
}

/** Begins at once: a client may go away before it reads the first one. */
function asTheyCome<T>(promises: readonly Promise<T>[]): AsyncGenerator<T> {
  const waiting = new Map(
    promises.map((promise, index) => [index, promise.then((value) => ({ index, value }))] as const),
  );
  // A rejection is thrown where it is awaited, if it is.
  for (const one of waiting.values()) one.catch(() => {});
  return emptied();

  async function* emptied(): AsyncGenerator<T> {
    while (waiting.size > 0) {
      const { index, value } = await Promise.race(waiting.values());
      waiting.delete(index);
      yield value;
    }
  }
}

/** In one response: a client repairs its variables with the first few. */
const MAX_ERRORS = 5;

/** Of a variable. */
export function asBadUserInput({ message, nodes = [] }: GraphQLError): GraphQLError {
  return new GraphQLError(shortened(message), { nodes, extensions: { code: "BAD_USER_INPUT" } });
}

function noSuchRoot(operation: string): GraphQLError {
  return new GraphQLError(`Cannot execute: the graph has no ${operation}`, {
    extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
  });
}
