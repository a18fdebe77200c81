/**
 * How is an operation over the supergraph split into calls to subgraphs?
 *
 * By the planner written in Rust. Plans are compiled and kept by the text of the normalised operation: the least
 * recently used goes first.
 */
import { LRUCache } from "lru-cache";
import { QueryPlanner } from "@graphql-hive/router-query-planner";
import { compile } from "./compile.ts";
import type { CompiledPlan } from "./compile.ts";
import type { Supergraph } from "./engine.ts";

export interface Planner {
  /** Rejects for a document that is not valid over the supergraph. */
  plan(document: string): Promise<CompiledPlan>;
}

/** Distinct operations whose plans are kept: more than the clients of one graph have. */
const MAX_PLANS = 2000;

export function createPlanner({ sdl, schema }: Supergraph): Planner {
  const planner = new QueryPlanner(sdl);
  const plans = new LRUCache<string, Promise<CompiledPlan>>({ max: MAX_PLANS });
  return {
    plan(document) {
      const kept = plans.get(document);
      if (kept) return kept;
      const planned = planner.planAsync(document, null, new Set(), 0).then((plan) => compile(plan, schema));
      plans.set(document, planned);
      planned.catch(() => plans.delete(document));
      return planned;
    },
  };
}
