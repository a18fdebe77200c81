/**
 * How does a subgraph execute a request of a gateway in the same process?
 *
 * With the same context, errors and log as over HTTP, but without HTTP and JSON. Documents are those of the gateway's
 * plans, which are valid; they are compiled once.
 */
import { parse } from "graphql";
import type { DocumentNode, GraphQLError, GraphQLFormattedError, GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { createContext } from "../platform/context.ts";
import type { RequestNames } from "../platform/context.ts";
import { explained } from "../platform/wave.ts";
import type { ExecuteCompiled } from "./compiled.ts";
import { presentError } from "./errors.ts";
import type { LogErrors } from "./errors.ts";

export interface LocalRequest extends RequestNames {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface LocalResponse {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFormattedError[];
  /** For how many seconds it is fresh; absent where nobody knows. */
  readonly maxAge?: number | undefined;
  /** Where the request asks to be explained. */
  readonly extensions?: unknown;
}

/** Rejects for a document that does not parse. */
export type ExecuteLocally = (request: LocalRequest) => Promise<LocalResponse>;

export interface LocalExecutorOptions {
  readonly schema: GraphQLSchema;
  readonly execute: ExecuteCompiled;
  readonly log: Logger;
  readonly logErrors: LogErrors;
  /** Milliseconds since the epoch. Default: the system's. */
  readonly now?: (() => number) | undefined;
}

export function createLocalExecutor(options: LocalExecutorOptions): ExecuteLocally {
  const { schema, execute, log, logErrors, now = Date.now } = options;
  return async ({ query, variables, ...names }) => {
    const context = createContext(log, names);
    const document = (): DocumentNode => parse(query, { noLocation: true });
    const { data, errors } = await execute({ key: query, document, variables, context });
    if (!errors || errors.length === 0) {
      return { data, maxAge: context.used.maxAge(now()), ...explained(context.wave) };
    }
    logErrors({ schema, document, log: context.log }, errors);
    return { data, errors: errors.map(toFormatted), ...explained(context.wave) };
  };
}

function toFormatted(error: GraphQLError): GraphQLFormattedError {
  const { message, path, extensions } = error;
  // Only variables fail without a path: before anything is executed.
  const code = extensions["code"] ?? (path ? "INTERNAL_SERVER_ERROR" : "BAD_USER_INPUT");
  return presentError({ message, ...(path && { path }), extensions: { ...extensions, code } }, error);
}
