/**
 * Which engine plans and executes a query over the supergraph?
 *
 * Ours, with the planner written in Rust, on a platform that has a build of it; elsewhere (musl, Windows) the runtime's
 * own in JavaScript.
 */
import type { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import { filterInternalFieldsAndTypes } from "@graphql-tools/federation";
import { GraphQLError, getOperationAST, isInterfaceType, isObjectType } from "graphql";
import type { ExecutionResult, GraphQLSchema } from "graphql";
import type { ExecutionRequest } from "@graphql-tools/utils";
import type { Logger } from "pino";
import type { Fetch } from "./compile.ts";
import { execute } from "./execute.ts";
import type { createPlanner } from "./planner.ts";
import { readRequirements } from "./requirements.ts";
import type { SubgraphResponse } from "./run.ts";

type GatewayConfig = Parameters<typeof createGatewayRuntime>[0];
type UnifiedGraphHandler = NonNullable<Extract<GatewayConfig, { supergraph: unknown }>["unifiedGraphHandler"]>;

export interface Engine {
  readonly name: "rust" | "javascript";
  /** Absent for the runtime's own engine. */
  readonly handler?: UnifiedGraphHandler;
}

export async function chooseEngine(log: Logger): Promise<Engine> {
  try {
    // The import loads the native build, and throws without one.
    const planner = await import("./planner.ts");
    return { name: "rust", handler: handlerWith(planner.createPlanner) };
  } catch (error) {
    log.warn({ err: error }, "no native query planner for this platform: using the one in JavaScript");
    return { name: "javascript" };
  }
}

function handlerWith(create: typeof createPlanner): UnifiedGraphHandler {
  return (graph) => {
    const fullSchema = graph.unifiedGraph;
    const publicSchema = filterInternalFieldsAndTypes(fullSchema);
    const planner = create(graph.getUnifiedGraphSDL());
    const requirements = readRequirements(fullSchema);
    const options = { publicSchema, fullSchema, planner, requirements, prefix: privatePrefix(fullSchema) };
    return {
      unifiedGraph: publicSchema,
      getSubgraphSchema: () => fullSchema,
      // The type of the data is the caller's to say: it is that of its document.
      executor: async <Data>(request: ExecutionRequest): Promise<ExecutionResult<Data>> => {
        const { document, operationName, variables, context, signal } = request;
        const operation = getOperationAST(document, operationName);
        if (!operation) throw new GraphQLError("Cannot execute: the document has no such operation");
        const call = async (fetch: Fetch, values: Readonly<Record<string, unknown>>): Promise<SubgraphResponse> => {
          const { subgraph, document, operationType } = fetch;
          const asked = { document, operationType, variables: values, context, ...(signal ? { signal } : {}) };
          const response = await graph.onSubgraphExecute(subgraph, asked);
          if (Symbol.asyncIterator in response) throw new Error(`Cannot read ${subgraph}: it answered with a stream`);
          return response;
        };
        return (await execute(options, {
          document,
          operation,
          variables: variables ?? {},
          call,
        })) as ExecutionResult<Data>;
      },
    };
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
