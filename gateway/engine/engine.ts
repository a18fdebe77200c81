/**
 * Which engine plans and executes a query over the supergraph?
 *
 * The native one, written in Rust and about twice as fast, on a platform that has a build of it; elsewhere (musl,
 * Windows) the runtime's own in JavaScript. Both give the same data. For a failure, the number of errors and their paths
 * may differ.
 */
import type { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import type { Logger } from "pino";

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
    const { unifiedGraphHandler } = await import("@graphql-hive/router-runtime");
    return { name: "rust", handler: unifiedGraphHandler };
  } catch (error) {
    log.warn({ err: error }, "no native query planner for this platform: using the one in JavaScript");
    return { name: "javascript" };
  }
}
