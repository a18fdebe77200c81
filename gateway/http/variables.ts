/**
 * What does a client get whose variables do not fit its query?
 *
 * BAD_USER_INPUT, without `data`, and status 400 where the client reads statuses (`application/graphql-response+json`):
 * the query has not run. The engines find the same mistakes, but one answers as if the query had.
 */
import type { GatewayPlugin } from "@graphql-hive/gateway-runtime";
import { GraphQLError, getOperationAST, getVariableValues } from "graphql";

export function useVariablesThatFit(): GatewayPlugin {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const operation = getOperationAST(args.document, args.operationName);
      const declared = operation?.variableDefinitions ?? [];
      const { errors } = getVariableValues(args.schema, declared, args.variableValues ?? {}, { maxErrors: MAX_ERRORS });
      if (errors) setResultAndStopExecution({ errors: errors.map(asBadUserInput) });
    },
  };
}

/** More than these help nobody to mend a query. */
const MAX_ERRORS = 20;

function asBadUserInput({ message, nodes = [] }: GraphQLError): GraphQLError {
  // `spec`: only where the client did not ask for plain JSON.
  return new GraphQLError(message, {
    nodes,
    extensions: { code: "BAD_USER_INPUT", http: { status: 400, spec: true } },
  });
}
