/**
 * What do a client and an operator see of what fails before, or behind, the gateway?
 *
 * What a subgraph says of its fields passes as it is. A subgraph that did not answer in GraphQL is an error with a code
 * that names it, and one line in the log for each request it failed. Anything else is a bug: logged, shown as nothing.
 * No address and nothing of a request or an answer gets into either.
 */
import type { GatewayPlugin, createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import { GraphQLError } from "graphql";
import type { Logger } from "pino";
import { REQUEST_ID } from "../../subgraphs/platform/request-id.ts";

/** How every error of a subgraph calls it, in its `extensions`. */
export const SERVICE = "service";

export function useSubgraphFailures(log: Logger): GatewayPlugin {
  return {
    onSubgraphExecute({ subgraphName, executionRequest }) {
      return (done) => {
        const { result } = done;
        if (Symbol.asyncIterator in result) return;
        const error = result.errors?.find(isOfTransport);
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
  /** The HTTP status, where there was an answer. */
  readonly status?: number;
  /** What the connection failed with: `ECONNREFUSED`. */
  readonly code?: string;
}
const STATES = { UNREACHABLE: "it cannot be reached", UNEXPECTED: "it answered unexpectedly" } as const;

/** What carries HTTP to subgraphs reports its own failures as errors of the subgraph, with these codes. */
const TRANSPORT_CODES: ReadonlySet<unknown> = new Set(["SUBREQUEST_HTTP_ERROR", "RESPONSE_VALIDATION_FAILED"]);

function isOfTransport(error: GraphQLError): boolean {
  return error.originalError !== undefined || TRANSPORT_CODES.has(error.extensions["code"]);
}

function readFailure({ extensions, originalError }: GraphQLError): SubgraphFailure {
  const { response } = extensions;
  const status = typeof response === "object" && response && "status" in response ? response.status : undefined;
  if (typeof status === "number") return { failure: "UNEXPECTED", status };
  const code = originalError && "code" in originalError ? originalError.code : undefined;
  return { failure: "UNREACHABLE", ...(typeof code === "string" ? { code } : {}) };
}

/** What was thrown first: errors are wrapped to say where in a result they belong. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error;
}
