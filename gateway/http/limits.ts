/** How are documents parsed? Within the limits of the engine. */
import type { GatewayPlugin } from "@graphql-hive/gateway-runtime";
import { parseLimited } from "../engine/limits.ts";

export function useLimits(): GatewayPlugin {
  return { onParse: ({ setParseFn }) => setParseFn(parseLimited) };
}
