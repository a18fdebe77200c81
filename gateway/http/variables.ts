/**
 * What is the response to variables that do not fit their types?
 *
 * BAD_USER_INPUT without `data`, with status 400 for clients that accept `application/graphql-response+json`: the query is
 * not executed. The engines detect the same errors, but the one in JavaScript answers as if it had executed the query.
 */
import type { GatewayPlugin } from "@graphql-hive/gateway-runtime";
import { GraphQLError, getOperationAST, getVariableValues } from "graphql";

export function useValidVariables(): GatewayPlugin {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const operation = getOperationAST(args.document, args.operationName);
      const declared = operation?.variableDefinitions ?? [];
      const { errors } = getVariableValues(args.schema, declared, args.variableValues ?? {}, { maxErrors: MAX_ERRORS });
      if (errors) setResultAndStopExecution({ errors: errors.map(asBadUserInput) });
    },
  };
}

/** In one response: a client repairs its query with the first few. */
const MAX_ERRORS = 20;

function asBadUserInput({ message, nodes = [] }: GraphQLError): GraphQLError {
  // `spec`: the status applies unless the client asked for plain JSON.
  return new GraphQLError(message, {
    nodes,
    extensions: { code: "BAD_USER_INPUT", http: { status: 400, spec: true } },
  });
}
