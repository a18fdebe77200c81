/**
 * May the next query be sent to Soundtrack, or would it run into the limit?
 *
 * Soundtrack takes tokens for what a query costs and says with every answer how many are left. A query waits here until
 * there are as many as its like cost before; where that would take too long it is refused at once, with the time to
 * come back. Nothing is known before the first answer, so nothing waits for it. How fast the bucket fills is not told:
 * too high a guess costs a query that Soundtrack refuses itself.
 */
import { UpstreamError } from "../../platform/upstream-error.ts";
import type { Reply } from "../../platform/upstream.ts";

export interface Budget {
  /**
   * Resolves when a query about `things` things may be sent. What it gives is told how the query was answered, or
   * undefined where it was not. Rejects with an UpstreamError where the tokens are too long in coming.
   */
  spend(kind: string, things: number): Promise<(headers: Reply<unknown>["headers"] | undefined) => void>;
}

export interface BudgetOptions {
  /** The longest a query waits, in milliseconds. */
  readonly patienceMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

const CAPACITY = 3600;
const TOKENS_PER_SECOND = 50;
/** For each thing, until an answer has said what it is. */
const FIRST_GUESS = 5;

export function createBudget({ patienceMs, now, sleep }: BudgetOptions): Budget {
  /** What each kind of query cost last, for each thing it was about. */
  const costs = new Map<string, number>();
  let told: { readonly tokens: number; readonly at: number } | undefined;
  /** Of queries that are under way or wait. */
  let promised = 0;

  return {
    async spend(kind, things) {
      const cost = Math.min(CAPACITY, Math.ceil(things * (costs.get(kind) ?? FIRST_GUESS)));
      const waitMs = Math.max(0, ((cost - available()) / TOKENS_PER_SECOND) * 1000);
      if (waitMs > patienceMs) throw spent(waitMs);
      // Promised before the wait, so that whoever comes next queues behind.
      promised += cost;
      if (waitMs > 0) await sleep(waitMs);
      return (headers) => {
        promised -= cost;
        if (headers === undefined) return;
        const [left, paid] = [tokensIn(headers, "tokens-available"), tokensIn(headers, "cost")];
        if (left !== undefined) told = { tokens: left, at: now() };
        if (paid !== undefined && things > 0) costs.set(kind, paid / things);
      };
    },
  };

  function available(): number {
    if (!told) return Infinity;
    const filled = told.tokens + ((now() - told.at) / 1000) * TOKENS_PER_SECOND;
    // A larger bucket than the usual one does not become smaller by being known.
    return Math.max(told.tokens, Math.min(CAPACITY, filled)) - promised;
  }
}

/** In the words of an upstream that was asked: to a caller it makes no difference who counted. */
function spent(waitMs: number): UpstreamError {
  return new UpstreamError("soundtrack", "STATUS", `its tokens are spent for ${Math.ceil(waitMs / 1000)} s`, {
    status: 429,
    retryAfterMs: Math.ceil(waitMs),
  });
}

function tokensIn(headers: Reply<unknown>["headers"], name: string): number | undefined {
  const text = headers[`x-ratelimiting-${name}`];
  return typeof text === "string" && /^\d+$/.test(text) ? Number(text) : undefined;
}
