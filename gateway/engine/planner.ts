/**
 * How is an operation over the supergraph split into calls to subgraphs?
 *
 * By the planner written in Rust. Plans are compiled and kept by the text of the normalised operation: the least
 * recently used goes first. The planner runs beside the process's own thread. On some operations over some supergraphs it
 * does not end: such an operation is refused, and not planned again, because each attempt would keep a thread.
 */
import { LRUCache } from "lru-cache";
import { QueryPlanner } from "@graphql-hive/router-query-planner";
import type { QueryPlan } from "@graphql-hive/router-query-planner";
import { compile } from "./compile.ts";
import type { CompiledPlan } from "./compile.ts";
import type { Supergraph } from "./engine.ts";
import { limitExceeded } from "./limits.ts";

export interface Planner {
  /** Rejects for a document that is not valid over the supergraph, and after the deadline with code LIMIT_EXCEEDED. */
  plan(document: string): Promise<CompiledPlan>;
}

export interface PlannerOptions {
  readonly deadlineMs?: number;
  /** Default: the planner in Rust. */
  readonly plan?: (document: string) => Promise<QueryPlan>;
}

/** Distinct operations whose plans are kept: more than the clients of one graph have. */
const MAX_PLANS = 2000;
/** Of all kept plans together, in characters of their documents: a plan takes some hundred times as many bytes. */
const MAX_SIZE = 1024 * 1024;
/** Plans take some milliseconds. */
const DEADLINE_MS = 5000;

export function createPlanner({ sdl, schema }: Supergraph, options: PlannerOptions = {}): Planner {
  const { deadlineMs = DEADLINE_MS, plan = rustPlanner(sdl) } = options;
  const plans = new LRUCache<string, Promise<CompiledPlan>>({
    max: MAX_PLANS,
    maxSize: MAX_SIZE,
    sizeCalculation: (_plan, document) => document.length,
  });
  return {
    plan(document) {
      const kept = plans.get(document);
      if (kept) return kept;
      const planned = inTime(document).then((found) => compile(found, schema));
      plans.set(document, planned);
      return planned;
    },
  };

  async function inTime(document: string): Promise<QueryPlan> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const error = limitExceeded(`operation takes longer to plan than ${deadlineMs} ms`);
    const timer = setTimeout(() => reject(error), deadlineMs);
    try {
      return await Promise.race([plan(document), late]);
    } catch (thrown) {
      // Whatever else has failed may succeed the next time.
      if (thrown !== error) plans.delete(document);
      throw thrown;
    } finally {
      clearTimeout(timer);
    }
  }
}

function rustPlanner(sdl: string): (document: string) => Promise<QueryPlan> {
  const planner = new QueryPlanner(sdl);
  return (document) => planner.planAsync(document, null, new Set(), 0);
}
