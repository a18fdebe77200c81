/**
 * How does a subgraph execute a document?
 *
 * By code that graphql-jit compiles from it once: plain fields then cost next to nothing. What it cannot compile is executed
 * by graphql-js.
 */
import { GraphQLError, execute } from "graphql";
import type { DocumentNode, ExecutionResult, GraphQLSchema } from "graphql";
import { compileQuery, isCompiledQuery } from "graphql-jit";
import { LRUCache } from "lru-cache";
import type { Context } from "../platform/context.ts";

export interface CompiledRequest {
  /** The text of the document, or a hash of it. */
  readonly key: string;
  readonly document: DocumentNode;
  readonly operationName?: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: Context;
}

export type ExecuteCompiled = (request: CompiledRequest) => Promise<ExecutionResult>;

type Run = (context: Context, variables: Readonly<Record<string, unknown>>) => Promise<ExecutionResult>;

/** As many as a gateway keeps plans. */
const MAX_DOCUMENTS = 2000;

export function createExecuteCompiled(schema: GraphQLSchema): ExecuteCompiled {
  const compiled = new LRUCache<string, Run>({ max: MAX_DOCUMENTS });

  return ({ key, document, operationName, variables, context }) => {
    const name = `${operationName ?? ""} ${key}`;
    let run = compiled.get(name);
    if (!run) {
      run = compile(document, operationName);
      compiled.set(name, run);
    }
    return run(context, variables);
  };

  function compile(document: DocumentNode, operationName: string | undefined): Run {
    const made = compileQuery(schema, document, operationName);
    const interpret: Run = async (context, variables) =>
      execute({ schema, document, operationName, variableValues: variables, contextValue: context });
    if (!isCompiledQuery(made)) return interpret;
    return async (context, variables) => {
      const { errors, ...result } = await made.query(undefined, context, variables);
      // Nothing was executed, because of the variables: graphql-js says so by the nodes of its errors.
      if (result.data === undefined) return interpret(context, variables);
      return errors && errors.length > 0 ? { ...result, errors: errors.map(toGraphQLError) } : result;
    };
  }
}

/** The library's errors have no nodes, and no extensions where the thrown error has none. */
function toGraphQLError({ message, path, originalError }: GraphQLError): GraphQLError {
  return new GraphQLError(message, { path, originalError });
}
