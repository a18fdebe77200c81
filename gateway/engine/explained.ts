/**
 * What was planned for an operation, and what was called?
 *
 * Made for a request that asks for it, and told of each run: one for a query, one for each field of a mutation, and one for each
 * deferred fragment. The engine in JavaScript plans as it goes, and has no plan to show.
 */
import type { CompiledPlan } from "./compile.ts";
import { planTree } from "./plan-tree.ts";
import type { DeferredPlan, PlanNode } from "./plan-tree.ts";
import type { PrivateNames } from "./private-names.ts";
import type { DeferredFragment } from "./response.ts";
import type { CallSubgraph, SubgraphResponse } from "./run.ts";

/** A call of a subgraph, as it happened. */
export interface ExplainedFetch {
  /** Of the fetch in the plan; null where there is none. */
  readonly id: number | null;
  readonly subgraph: string;
  /** Where its entities are; empty at the root. */
  readonly paths: readonly string[];
  /** How many were asked for; 0 at the root. */
  readonly entities: number;
  /** Milliseconds from the beginning of the operation until it was sent. */
  readonly startedMs: number;
  readonly ms: number;
  /** How many its response has. */
  readonly errors: number;
  /** Of the first of them. */
  readonly code?: string;
}

export interface Explanation {
  readonly ms: number;
  /** null where the engine has none. */
  readonly plan: PlanNode | null;
  /** In the order in which they were sent. */
  readonly fetches: readonly ExplainedFetch[];
}

export interface Explained {
  /** For one operation of the planner, or for a deferred fragment. */
  run(names: PrivateNames, fragment?: DeferredFragment): ExplainedRun;
  /** So far. */
  report(): Explanation;
}

export interface ExplainedRun {
  /** Before it is carried out. */
  readonly planned: (plan: CompiledPlan) => void;
  /** The same calls, noted. */
  readonly calls: (call: CallSubgraph) => CallSubgraph;
}

interface Part {
  readonly fragment: DeferredFragment | undefined;
  /** undefined until it is planned, and where nothing is to be called. */
  plan?: PlanNode | undefined;
  isPlanned: boolean;
}

interface Named {
  readonly id: number;
  readonly paths: readonly string[];
  /** With its representations. */
  readonly variables: ReadonlySet<string>;
}

/** Of a fetch that is not planned. */
const UNPLANNED = { id: null, paths: [], variables: new Set(["representations"]) };
const NOTHING: PlanNode = { kind: "Sequence", nodes: [] };

/** `elapsed`: milliseconds that never decrease. */
export function createExplained(elapsed: () => number): Explained {
  const beganAt = elapsed();
  const parts: Part[] = [];
  const fetches: ExplainedFetch[] = [];
  let lastId = 0;

  return {
    run(names, fragment) {
      const part: Part = { fragment, isPlanned: false };
      parts.push(part);
      const byNumber = new Map<number | undefined, Named>();
      return {
        planned(plan) {
          part.isPlanned = true;
          part.plan =
            plan &&
            planTree(plan, names, (fetch, paths, variables) => {
              lastId += 1;
              byNumber.set(fetch.number, { id: lastId, paths, variables });
              return lastId;
            });
        },
        calls: (call) => async (fetch, variables) => {
          const startedAt = elapsed();
          const named = byNumber.get(fetch.number) ?? UNPLANNED;
          const response = await call(fetch, variables);
          fetches.push({
            id: named.id,
            subgraph: fetch.subgraph,
            paths: named.paths,
            entities: entitiesIn(variables, named.variables),
            startedMs: rounded(startedAt - beganAt),
            ms: rounded(elapsed() - startedAt),
            ...errorsOf(response),
          });
          return response;
        },
      };
    },
    report: () => ({
      ms: rounded(elapsed() - beganAt),
      plan: planOf(parts),
      fetches: fetches.toSorted((one, other) => one.startedMs - other.startedMs),
    }),
  };
}

function planOf(parts: readonly Part[]): PlanNode | null {
  if (!parts.every(({ isPlanned }) => isPlanned)) return null;
  const nodes = parts.flatMap(({ fragment, plan }) => (fragment ? [] : (plan ?? [])));
  const [first = NOTHING] = nodes;
  const primary: PlanNode = nodes.length > 1 ? { kind: "Sequence", nodes } : first;
  const deferred = parts.flatMap(({ fragment, plan = NOTHING }): readonly DeferredPlan[] =>
    fragment ? [{ label: fragment.label, type: fragment.type.name, node: plan }] : [],
  );
  return deferred.length > 0 ? { kind: "Defer", primary, deferred } : primary;
}

function entitiesIn(variables: Readonly<Record<string, unknown>>, names: ReadonlySet<string>): number {
  let count = 0;
  for (const name of names) {
    const representations = variables[name];
    if (Array.isArray(representations)) count += representations.length;
  }
  return count;
}

function errorsOf({ errors = [] }: SubgraphResponse): Pick<ExplainedFetch, "errors" | "code"> {
  const code = errors[0]?.extensions?.["code"];
  return { errors: errors.length, ...(typeof code === "string" && { code }) };
}

/** To microseconds. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
