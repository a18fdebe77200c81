/**
 * How old is what a response holds?
 *
 * As old as the oldest fact that its request has used, and fresh until the first of them no longer is: unless it holds what
 * is no fact, such as a decision or a record of our own, which may change at any moment.
 */
import DataLoader from "dataloader";
import type { Results } from "../results.ts";
import type { IsWanted } from "../wanted.ts";
import type { Fact, Kind } from "./kind.ts";

/** Of one request. */
export interface UsedFacts {
  add(fact: Pick<Fact<unknown>, "asOf" | "freshUntil">): void;
  /** When the oldest was read, in milliseconds since the epoch. Infinity without any. */
  readonly asOf: number;
  /** Says that the response holds nothing else than facts. */
  holdsNothingElse(): void;
  /** Says that it does hold something else, whatever was said before. */
  holdsMore(): void;
  /** For how many seconds the response is fresh; undefined if it holds something else. */
  maxAge(now: number): number | undefined;
}

/** The part of a request's context that says how facts are read. */
export interface FactContext {
  /** Whether everything is read from the upstreams, whatever is known: something is done by it. */
  readonly readsAnew: boolean;
  readonly used: UsedFacts;
  /** What nobody knows yet is read while somebody waits for it. */
  readonly isWanted: IsWanted;
}

export function createUsedFacts(): UsedFacts {
  let oldest = Infinity;
  let until = Infinity;
  let isAll = false;
  return {
    add({ asOf, freshUntil }) {
      oldest = Math.min(oldest, asOf);
      until = Math.min(until, freshUntil);
    },
    get asOf() {
      return oldest;
    },
    holdsNothingElse() {
      isAll = true;
    },
    holdsMore() {
      isAll = false;
    },
    maxAge: (now) => (isAll && until !== Infinity ? Math.max(0, Math.floor((until - now) / 1000)) : undefined),
  };
}

/** The facts of these keys, aligned, which the request has used. */
export async function useFacts<Value>(
  { readsAnew, used, isWanted }: FactContext,
  kind: Kind<Value>,
  keys: readonly string[],
): Promise<Results<Fact<Value>>> {
  const facts = await kind.get(keys, readsAnew, isWanted);
  for (const fact of facts) if (!(fact instanceof Error)) used.add(fact);
  return facts;
}

/** Loads the values of one request, all keys of a batch at once. */
export function factLoader<Value>(context: FactContext, kind: Kind<Value>): DataLoader<string, Value> {
  return new DataLoader(async (keys) =>
    (await useFacts(context, kind, keys)).map((fact) => (fact instanceof Error ? fact : fact.value)),
  );
}
