/**
 * What does a client get whose query ran and gave nothing?
 *
 * `data: null` beside the errors, as the GraphQL specification wants it: without `data` a result says that the query
 * was never run. The engine leaves it out.
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
