/**
 * What is the response to a query that was executed and failed as a whole?
 *
 * `data: null` beside the errors, as the GraphQL specification requires: a response without `data` means that the query
 * was not executed. The engine omits it.
 */
import type { GatewayPlugin } from "@graphql-hive/gateway-runtime";

export function useDataOrNull(): GatewayPlugin {
  return {
    onExecute: () => ({
      onExecuteDone({ result, setResult }) {
        if (result && !(Symbol.asyncIterator in result) && !("data" in result)) setResult({ ...result, data: null });
      },
    }),
  };
}
