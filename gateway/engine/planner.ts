/**
 * Which engine plans and executes a query over the supergraph?
 *
 * The planner written in Rust where there is a build of it for this platform, about twice as fast; elsewhere (musl,
 * Windows) the gateway's own in JavaScript. Both give the same data; where something fails, the paths of their errors
 * may differ, and how many errors one failure makes.
 */
import type { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import type { Logger } from "pino";

type GatewayConfig = Parameters<typeof createGatewayRuntime>[0];
type UnifiedGraphHandler = NonNullable<Extract<GatewayConfig, { supergraph: unknown }>["unifiedGraphHandler"]>;

export interface Engine {
  readonly name: "rust" | "javascript";
  /** Absent where the gateway's own is used. */
  readonly handler?: UnifiedGraphHandler;
}

export async function chooseEngine(log: Logger): Promise<Engine> {
  try {
    // The native part is loaded with the module, so this is where a missing build shows.
    const { unifiedGraphHandler } = await import("@graphql-hive/router-runtime");
    return { name: "rust", handler: unifiedGraphHandler };
  } catch (error) {
    log.warn({ err: error }, "no native query planner for this platform: planning in JavaScript");
    return { name: "javascript" };
  }
}
