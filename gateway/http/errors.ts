/**
 * What do clients and operators see of a failure in the gateway or behind it?
 *
 * The errors of a subgraph's fields pass unchanged. A subgraph that does not answer in GraphQL is an error whose code
 * and message name it, and one line in the log for each request to it that failed. Anything else is a bug: it is logged,
 * and the client sees "Internal error". Neither contains an address, or anything of a request or a response.
 */
import type { GatewayPlugin, createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import { GraphQLError } from "graphql";
import type { Logger } from "pino";
import { REQUEST_ID } from "../../subgraphs/platform/request-id.ts";

/** The extension that names the subgraph in each of its errors. */
export const SERVICE = "service";

export function useSubgraphFailures(log: Logger): GatewayPlugin {
  return {
    onSubgraphExecute({ subgraphName, executionRequest }) {
      return (done) => {
        const { result } = done;
        if (Symbol.asyncIterator in result) return;
        const error = result.errors?.find(isTransportError);
        if (!error) return;
        const failed = readFailure(error);
        const message = `Cannot ask ${subgraphName}: ${STATES[failed.failure]}`;
        const requestId = executionRequest.context?.request.headers.get(REQUEST_ID);
        log.warn({ requestId, subgraph: subgraphName, ...failed }, message);
        const extensions = { code: "SUBGRAPH_UNAVAILABLE", [SERVICE]: subgraphName, retryable: true };
        done.setResult({ errors: [new GraphQLError(message, { extensions })] });
      };
    },
  };
}

type MaskedErrors = Exclude<Parameters<typeof createGatewayRuntime>[0]["maskedErrors"], boolean | undefined>;

export function maskedErrors(log: Logger): MaskedErrors {
  return {
    errorMessage: "Internal error",
    maskError(error, message) {
      const cause = causeOf(error);
      if (cause instanceof GraphQLError) return error instanceof GraphQLError ? error : cause;
      log.error({ err: cause }, "unexpected error");
      const path = error instanceof GraphQLError ? error.path : undefined;
      return new GraphQLError(message, { path, extensions: { code: "INTERNAL_SERVER_ERROR", unexpected: true } });
    },
  };
}

interface SubgraphFailure {
  readonly failure: keyof typeof STATES;
  /** The HTTP status, if there was a response. */
  readonly status?: number;
  /** Why the connection failed: `ECONNREFUSED`. */
  readonly code?: string;
}
const STATES = { UNREACHABLE: "it cannot be reached", UNEXPECTED: "it answered unexpectedly" } as const;

/** The HTTP transport reports its own failures as errors of the subgraph with these codes. */
const TRANSPORT_CODES: ReadonlySet<unknown> = new Set(["SUBREQUEST_HTTP_ERROR", "RESPONSE_VALIDATION_FAILED"]);

function isTransportError(error: GraphQLError): boolean {
  return error.originalError !== undefined || TRANSPORT_CODES.has(error.extensions["code"]);
}

function readFailure({ extensions, originalError }: GraphQLError): SubgraphFailure {
  const { response } = extensions;
  const status = typeof response === "object" && response && "status" in response ? response.status : undefined;
  if (typeof status === "number") return { failure: "UNEXPECTED", status };
  const code = originalError && "code" in originalError ? originalError.code : undefined;
  return { failure: "UNREACHABLE", ...(typeof code === "string" ? { code } : {}) };
}

/** The error that was thrown: each level of execution wraps it to add a path. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error;
}
