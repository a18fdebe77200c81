/**
 * When may the next query be sent within Soundtrack's rate limit?
 *
 * Soundtrack charges tokens by the cost of a query; each response has the cost and the tokens that are left. A query waits
 * here for as many tokens as earlier ones of its kind cost. If that takes too long it is rejected at once, with a
 * retry-after. Before the first response nothing waits. The refill rate is not published: if the assumed one is too high,
 * Soundtrack rejects a query itself.
 */
import { UpstreamError } from "../../platform/upstream-error.ts";
import type { Reply } from "../../platform/upstream.ts";

export interface Budget {
  /**
   * Resolves when a query of `size` objects may be sent. The function that it gives takes the headers of the response, or
   * undefined after a failure. Rejects with an UpstreamError if the tokens would take too long.
   */
  spend(kind: string, size: number): Promise<(headers: Reply<unknown>["headers"] | undefined) => void>;
}

export interface BudgetOptions {
  /** The maximum wait of a query in milliseconds. */
  readonly maxWaitMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

const CAPACITY = 3600;
const TOKENS_PER_SECOND = 50;
/** The assumed cost of an object before the first response. */
const INITIAL_COST = 5;

export function createBudget({ maxWaitMs, now, sleep }: BudgetOptions): Budget {
  /** The last cost of an object, by the kind of the query. */
  const costs = new Map<string, number>();
  let balance: { readonly tokens: number; readonly at: number } | undefined;
  /** Tokens of queries that wait or are in flight. */
  let reserved = 0;

  return {
    async spend(kind, size) {
      const cost = Math.min(CAPACITY, Math.ceil(size * (costs.get(kind) ?? INITIAL_COST)));
      const waitMs = Math.max(0, ((cost - available()) / TOKENS_PER_SECOND) * 1000);
      if (waitMs > maxWaitMs) throw rateLimited(waitMs);
      // Reserved before the wait, so that the next query queues behind.
      reserved += cost;
      if (waitMs > 0) await sleep(waitMs);
      return (headers) => {
        reserved -= cost;
        if (headers === undefined) return;
        const [left, paid] = [tokensIn(headers, "tokens-available"), tokensIn(headers, "cost")];
        if (left !== undefined) balance = { tokens: left, at: now() };
        if (paid !== undefined && size > 0) costs.set(kind, paid / size);
      };
    },
  };

  function available(): number {
    if (!balance) return Infinity;
    const filled = balance.tokens + ((now() - balance.at) / 1000) * TOKENS_PER_SECOND;
    // The bucket may be larger than the usual one.
    return Math.max(balance.tokens, Math.min(CAPACITY, filled)) - reserved;
  }
}

/** Like a 429 of the upstream: callers treat both alike. */
function rateLimited(waitMs: number): UpstreamError {
  return new UpstreamError("soundtrack", "STATUS", `its tokens are spent for ${Math.ceil(waitMs / 1000)} s`, {
    status: 429,
    retryAfterMs: Math.ceil(waitMs),
  });
}

function tokensIn(headers: Reply<unknown>["headers"], name: string): number | undefined {
  const text = headers[`x-ratelimiting-${name}`];
  return typeof text === "string" && /^\d+$/.test(text) ? Number(text) : undefined;
}
