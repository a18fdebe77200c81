/**
 * How does a subgraph execute a document?
 *
 * By code that graphql-jit compiles from it once: plain fields then cost next to nothing. What it cannot compile is executed
 * by graphql-js. A mutation acts on what it reads, so it reads anew, and it does not stop halfway where nobody waits.
 *
 * A gateway asks for nothing that its caller lacks scopes for. A request that does all the same is refused as a whole.
 */
import { GraphQLError, Kind, OperationTypeNode, TypeInfo, execute, getNullableType, getOperationAST } from "graphql";
import { visit, visitWithTypeInfo } from "graphql";
import { isListType, isObjectType } from "graphql";
import type { DocumentNode, ExecutionResult, FieldNode, GraphQLSchema, SelectionSetNode } from "graphql";
import { compileQuery, isCompiledQuery } from "graphql-jit";
import { LRUCache } from "lru-cache";
import { forbidden } from "../../schema/errors.ts";
import { readFieldScopes, requirementsIn } from "../../schema/field-scopes.ts";
import { satisfies } from "../../schema/scope.ts";
import type { RequiredScopes } from "../../schema/scope.ts";
import type { Context } from "../platform/context.ts";
import { runningOperation } from "../platform/dry-run.ts";
import { ALWAYS_WANTED } from "../platform/wanted.ts";

export interface CompiledRequest {
  /** The text of the document, or a hash of it. */
  readonly key: string;
  /** Called if it is not known yet. */
  readonly document: () => DocumentNode;
  readonly operationName?: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: Context;
}

export type ExecuteCompiled = (request: CompiledRequest) => Promise<ExecutionResult>;

type Run = (context: Context, variables: Readonly<Record<string, unknown>>) => Promise<ExecutionResult>;

interface Compiled {
  readonly run: Run;
  /** Of the fields that it selects, each with a field. */
  readonly requirements: ReadonlyMap<RequiredScopes, string>;
}

/** As many as a gateway keeps plans. */
const MAX_DOCUMENTS = 2000;
/** Of their selections together: code takes far more memory than the document it is compiled from. */
const MAX_SELECTIONS = 20_000;
/** A larger document is not compiled. */
const MAX_COMPILED = 500;

/** `isFact`: whether the value of a field comes from facts of upstreams alone. Default: of none. */
export function createExecuteCompiled(
  schema: GraphQLSchema,
  isFact: (type: string, field: string) => boolean = () => false,
): ExecuteCompiled {
  awaitItems(schema);
  const scopes = readFieldScopes(schema);
  const compiled = new LRUCache<string, Compiled>({ max: MAX_DOCUMENTS, maxSize: MAX_SELECTIONS });

  return async ({ key, document: read, operationName, variables, context }) => {
    const name = `${operationName ?? ""} ${key}`;
    let found = compiled.get(name);
    if (!found) {
      const document = read();
      const size = selectionsOf(document);
      const prepared = size > MAX_COMPILED ? interpreted(document, operationName) : compile(document, operationName);
      const isMutation = getOperationAST(document, operationName)?.operation === OperationTypeNode.MUTATION;
      const run = isMutation ? toItsEnd(prepared) : holdsFacts(document) ? saysSo(prepared) : prepared;
      found = { run, requirements: requirementsIn([document], schema, scopes) };
      compiled.set(name, found, { size });
    }
    for (const [required, field] of found.requirements) {
      if (!satisfies(context.caller.scopes, required)) return { errors: [forbidden(field, required)] };
    }
    return found.run(context, variables);
  };

  function compile(document: DocumentNode, operationName: string | undefined): Run {
    const made = compileQuery(schema, document, operationName);
    const interpret = interpreted(document, operationName);
    if (!isCompiledQuery(made)) return interpret;
    return async (context, variables) => {
      const { errors, ...result } = await made.query(undefined, context, variables);
      // Nothing was executed, because of the variables: graphql-js says so by the nodes of its errors.
      if (result.data === undefined) return interpret(context, variables);
      return errors && errors.length > 0 ? { ...result, errors: errors.map(toGraphQLError) } : result;
    };
  }

  function holdsFacts(document: DocumentNode): boolean {
    const types = new TypeInfo(schema);
    let areFacts = true;
    const enter = ({ name }: FieldNode): void => {
      areFacts &&= name.value === "__typename" || isFact(types.getParentType()?.name ?? "", name.value);
    };
    visit(document, visitWithTypeInfo(types, { Field: enter }));
    return areFacts;
  }

  function interpreted(document: DocumentNode, operationName: string | undefined): Run {
    return async (context, variables) =>
      execute({ schema, document, operationName, variableValues: variables, contextValue: context });
  }
}

/** Whoever sends a mutation and goes away may have meant it. What was only tried is undone at its end. */
function toItsEnd(run: Run): Run {
  return (context, variables) =>
    runningOperation(() => run({ ...context, readsAnew: true, isWanted: ALWAYS_WANTED }, variables));
}

function saysSo(run: Run): Run {
  return (context, variables) => {
    context.used.holdsNothingElse();
    return run(context, variables);
  };
}

/** Fragments count wherever they are spread: compiled code repeats them. */
function selectionsOf({ definitions }: DocumentNode): number {
  const fragments = new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])),
  );
  const sizes = new Map<string, number>();
  return definitions.reduce((sum, one) => (one.kind === Kind.OPERATION_DEFINITION ? sum + sizeOf(one) : sum), 1);

  function sizeOf({ selectionSet }: { readonly selectionSet?: SelectionSetNode | undefined }): number {
    let size = 0;
    for (const selection of selectionSet?.selections ?? []) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) size += sizeOfFragment(selection.name.value);
      else size += 1 + sizeOf(selection);
    }
    return size;
  }

  function sizeOfFragment(name: string): number {
    const known = sizes.get(name);
    if (known !== undefined) return known;
    // One that spreads itself is refused by validation.
    sizes.set(name, 0);
    const fragment = fragments.get(name);
    const size = fragment ? sizeOf(fragment) : 0;
    sizes.set(name, size);
    return size;
  }
}

/**
 * The library puts the nulls of rejected items at wrong places of their list, so it gets lists without promises: an item
 * that was rejected is its error. Changes the schema's resolvers.
 */
function awaitItems(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field;
      if (!resolve || !isListType(getNullableType(field.type))) continue;
      field.resolve = (source, args, context, info) => {
        const value: unknown = resolve(source, args, context, info);
        return isPromise(value) ? value.then(withAwaitedItems) : withAwaitedItems(value);
      };
    }
  }
}

function withAwaitedItems(value: unknown): unknown {
  if (!Array.isArray(value) || !value.some((item) => isPromise(item) || Array.isArray(item))) return value;
  return Promise.all(
    value.map(async (item: unknown) => {
      try {
        return await withAwaitedItems(await item);
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      }
    }),
  );
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** The library's errors have no nodes, and no extensions where the thrown error has none. */
function toGraphQLError({ message, path, originalError }: GraphQLError): GraphQLError {
  return new GraphQLError(message, { path, originalError });
}
