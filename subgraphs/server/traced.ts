/**
 * What does a trace show of a subgraph?
 *
 * One span for each request that its gateway traces, whichever way it came. All that is read and decided for it is below.
 */
import { spanning } from "../platform/tracing/span.ts";
import type { ExecuteCompiled } from "./compiled.ts";

export function traced(subgraph: string, execute: ExecuteCompiled): ExecuteCompiled {
  return (request) => {
    const { trace } = request.context;
    if (!trace) return execute(request);
    const span = trace.begin(`subgraph ${subgraph}`, { "decibel.subgraph": subgraph }, "server");
    return spanning(span, async () => {
      const result = await execute(request);
      const { length } = result.errors ?? [];
      if (length > 0) span.set({ "decibel.errors": length });
      return result;
    });
  };
}
