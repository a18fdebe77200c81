/**
 * Which engine plans and executes a query over the supergraph?
 *
 * The one with the planner written in Rust on a platform that has a build of it; elsewhere (musl, Windows) the one in
 * JavaScript. Both get the same normalised operations, and their results are completed alike.
 */
import type { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import { filterInternalFieldsAndTypes } from "@graphql-tools/federation";
import type { ExecutionRequest } from "@graphql-tools/utils";
import { GraphQLError, getOperationAST, isInterfaceType, isObjectType } from "graphql";
import type { ExecutionResult, GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { execute } from "./execute.ts";
import type { createNativeEngine } from "./native.ts";
import type { NormalisedOperation } from "./normalise.ts";
import type { CallSubgraph } from "./run.ts";
import type { Result } from "./slots.ts";
import { createStitchedEngine } from "./stitched.ts";

type GatewayConfig = Parameters<typeof createGatewayRuntime>[0];
type UnifiedGraphHandler = NonNullable<Extract<GatewayConfig, { supergraph: unknown }>["unifiedGraphHandler"]>;
type UnifiedGraph = Parameters<UnifiedGraphHandler>[0];

export interface Engine {
  readonly name: "rust" | "javascript";
  readonly handler: UnifiedGraphHandler;
}

export async function chooseEngine(log: Logger): Promise<Engine> {
  try {
    // The import loads the native build, and throws without one.
    const native = await import("./native.ts");
    return { name: "rust", handler: nativeHandler(native.createNativeEngine) };
  } catch (error) {
    log.warn({ err: error }, "no native query planner for this platform: using the one in JavaScript");
    return javaScriptEngine();
  }
}

export function javaScriptEngine(): Engine {
  return {
    name: "javascript",
    handler: (graph) => {
      const run = createStitchedEngine(graph);
      return toHandled(graph, (operation, { context }) => run(operation, { ...context }));
    },
  };
}

function nativeHandler(create: typeof createNativeEngine): UnifiedGraphHandler {
  return (graph) => {
    const run = create(graph.getUnifiedGraphSDL(), graph.unifiedGraph);
    return toHandled(graph, (operation, request) => run(operation, callerOf(graph, request)));
  };
}

function toHandled(
  { unifiedGraph }: UnifiedGraph,
  run: (operation: NormalisedOperation, request: ExecutionRequest) => Promise<Result>,
): Awaited<ReturnType<UnifiedGraphHandler>> {
  const schema = filterInternalFieldsAndTypes(unifiedGraph);
  const prefix = privatePrefix(unifiedGraph);
  return {
    unifiedGraph: schema,
    // Transports over HTTP do not read it.
    getSubgraphSchema: () => unifiedGraph,
    executor: async <Data>(request: ExecutionRequest): Promise<ExecutionResult<Data>> => {
      const { document, operationName, variables = {} } = request;
      const operation = getOperationAST(document, operationName);
      if (!operation) throw new GraphQLError("Cannot execute: the document has no such operation");
      const options = { schema, prefix, run: (one: NormalisedOperation) => run(one, request) };
      const response = await execute({ document, operation, variables }, options);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller names the type of its document's data
      return response as ExecutionResult<Data>;
    },
  };
}

function callerOf({ onSubgraphExecute }: UnifiedGraph, { context, signal }: ExecutionRequest): CallSubgraph {
  return async ({ subgraph, document, operationType }, variables) => {
    const request = { document, operationType, variables, context, ...(signal && { signal }) };
    const response = await onSubgraphExecute(subgraph, request);
    if (Symbol.asyncIterator in response) throw new Error(`Cannot read ${subgraph}: it answered with a stream`);
    return response;
  };
}

/** Begins no name of a field in the schema. */
export function privatePrefix(schema: GraphQLSchema): string {
  const names = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) || isInterfaceType(type) ? Object.keys(type.getFields()) : [],
  );
  let prefix = "s";
  while (names.some((name) => new RegExp(`^${prefix}\\d`).test(name))) prefix = `s${prefix}`;
  return prefix;
}
