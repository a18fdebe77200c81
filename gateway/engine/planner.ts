/**
 * How is an operation over the supergraph split into calls to subgraphs?
 *
 * By the planner written in Rust. Plans are compiled and kept by the text of the normalised operation: the least
 * recently used goes first. An operation that the planner cannot live with is kept too: it is refused, and not planned
 * again, because each attempt would end the planner's process.
 */
import { GraphQLError } from "graphql";
import type { GraphQLSchema } from "graphql";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import { spanHere, spanning } from "../../subgraphs/platform/tracing/span.ts";
import { compile } from "./compile.ts";
import type { CompiledPlan } from "./compile.ts";
import type { PlanDocument } from "./planner-process.ts";

export interface Planner {
  /** Rejects for a document that is not valid over the supergraph, and with a GraphQLError for one that is refused. */
  plan(document: string): Promise<CompiledPlan>;
}

export interface PlannerOptions {
  /** With what is hidden from clients. */
  readonly schema: GraphQLSchema;
  readonly plan: PlanDocument;
  readonly log?: Pick<Logger, "error"> | undefined;
  /** Told how each plan was known. Default: nobody is. */
  readonly planned?: ((how: "kept" | "loaded" | "failed") => void) | undefined;
}

/** Distinct operations whose plans are kept: more than the clients of one graph have. */
const MAX_PLANS = 2000;
/** Of all kept plans together, in characters of their documents: a plan takes some hundred times as many bytes. */
const MAX_SIZE = 1024 * 1024;
/** Characters of a document in the log. It has no value of a client. */
const MAX_LOGGED = 2000;

export function createPlanner({ schema, plan, log, planned }: PlannerOptions): Planner {
  const plans = new LRUCache<string, Promise<CompiledPlan>>({
    max: MAX_PLANS,
    maxSize: MAX_SIZE,
    sizeCalculation: (_plan, document) => document.length,
  });
  return {
    plan(document) {
      const kept = plans.get(document);
      if (kept) {
        planned?.("kept");
        return kept;
      }
      const planning = spanning(spanHere()?.begin("graphql.plan"), async () =>
        compile(await planOnce(document), schema),
      );
      plans.set(document, planning);
      return planning;
    },
  };

  async function planOnce(document: string): ReturnType<PlanDocument> {
    try {
      const found = await plan(document);
      planned?.("loaded");
      return found;
    } catch (error) {
      planned?.("failed");
      if (error instanceof GraphQLError)
        log?.error({ err: error, document: document.slice(0, MAX_LOGGED) }, "the planner failed on an operation");
      // Whatever else has failed may succeed the next time.
      else plans.delete(document);
      throw error;
    }
  }
}
