/**
 * When may the next query be sent within Soundtrack's rate limit?
 *
 * Each response has what its query cost and the tokens that are left. Queries of one kind cost the documented tokens
 * (prices.ts) times a factor, which is learnt; so is how fast tokens come back. A query waits here for its tokens. If that
 * takes too long it is rejected at once, with a retry-after; one that nobody waits for is rejected unless half of the bucket is
 * left after it. Before the first response nothing waits: if the documented
 * cost is too low, Soundtrack rejects a query itself. So it does where another process has spent the tokens; that answer too
 * says how many are left.
 */
import { isInBackground } from "../../platform/facts/urgency.ts";
import { BudgetError } from "../../platform/budget/budget.ts";
import type { KnownBudget } from "../../platform/budget/budget.ts";
import type { Reply } from "../../platform/upstream.ts";

export interface Budget {
  /**
   * Resolves when a query of so many documented tokens may be sent. The function that it gives takes the headers of the
   * response, or undefined without one. Rejects with an UpstreamError if the tokens would take too long.
   */
  spend(kind: string, tokens: number): Promise<(answer: TokensAnswer) => void>;
  /** Milliseconds until a query may be sent that somebody waits for. */
  leftMs(kind: string, tokens: number): number;
  /** How many objects of so many documented tokens each may be asked for in one query: at least one. */
  piece(kind: string, tokensEach: number): number;
  /** The tokens that are left, as far as this process knows: not before the first response. */
  known(): readonly KnownBudget[];
}

export interface TokensAnswer {
  readonly headers: Reply<unknown>["headers"] | undefined;
  /** Whether Soundtrack refused the query for its cost, which it did not take then. */
  readonly isRefused: boolean;
}

export interface BudgetOptions {
  /** The maximum wait of a query in milliseconds. */
  readonly maxWaitMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/** As documented. */
const CAPACITY = 3600;
const TOKENS_PER_SECOND = 50;
/** As observed at the least. */
const MIN_PER_SECOND = 5;
/** Whoever else spends tokens of the same account makes a measure too low: the highest of the last few counts. */
const MEASURES = 5;
/** Tokens that what nobody waits for leaves to others. */
const RESERVED = CAPACITY / 2;
/** Tokens that one query may cost: several share the bucket. */
const PIECE = CAPACITY / 4;
/** The time between two responses that shows how fast tokens come back: they are reported in whole ones. */
const MEASURED_MS = 5000;

export function createBudget({ maxWaitMs, now, sleep }: BudgetOptions): Budget {
  /** What the last query cost by its documented tokens, by its kind. */
  const factors = new Map<string, number>();
  let perSecond = TOKENS_PER_SECOND;
  const measures: number[] = [];
  let balance: { readonly tokens: number; readonly at: number } | undefined;
  /** Tokens of queries that wait or are in flight. */
  let reserved = 0;

  return {
    async spend(kind, tokens) {
      const cost = Math.min(CAPACITY, costOf(kind, tokens));
      const isAwaited = !isInBackground();
      const needed = isAwaited ? cost : Math.min(CAPACITY, cost + RESERVED);
      const waitMs = waitOf(needed);
      if (waitMs > (isAwaited ? maxWaitMs : 0)) throw rateLimited(waitMs);
      // Reserved before the wait, so that the next query queues behind.
      reserved += cost;
      if (waitMs > 0) await sleep(waitMs);
      return ({ headers, isRefused }) => {
        reserved -= cost;
        if (headers === undefined) return;
        const [left, price] = [tokensIn(headers, "tokens-available"), tokensIn(headers, "cost")];
        if (left !== undefined && price !== undefined) measure(left, isRefused ? 0 : price);
        if (left !== undefined) balance = { tokens: left, at: now() };
        if (price !== undefined && tokens > 0) factors.set(kind, price / tokens);
      };
    },
    leftMs: (kind, tokens) => waitOf(Math.min(CAPACITY, costOf(kind, tokens))),
    piece: (kind, tokensEach) => Math.max(1, Math.floor(PIECE / costOf(kind, tokensEach))),
    known() {
      if (!balance) return [];
      const total = Math.max(CAPACITY, balance.tokens);
      const left = Math.max(0, Math.floor(available()));
      const fullInMs = ((total - left) / perSecond) * 1000;
      return [{ name: "tokens", left, total, fullInMs, agoMs: now() - balance.at, isOfProcess: false }];
    },
  };

  function waitOf(tokens: number): number {
    return Math.max(0, ((tokens - available()) / perSecond) * 1000);
  }

  function costOf(kind: string, tokens: number): number {
    return Math.ceil(tokens * (factors.get(kind) ?? 1));
  }

  /** By what came back since the last response, if nothing else was spent and the bucket is not full. */
  function measure(left: number, paid: number): void {
    const sinceMs = balance ? now() - balance.at : 0;
    if (!balance || sinceMs < MEASURED_MS || reserved > 0 || left + paid >= CAPACITY) return;
    measures.push(((left + paid - balance.tokens) / sinceMs) * 1000);
    if (measures.length > MEASURES) measures.shift();
    perSecond = Math.max(MIN_PER_SECOND, ...measures);
  }

  function available(): number {
    if (!balance) return Infinity;
    const filled = balance.tokens + ((now() - balance.at) / 1000) * perSecond;
    // The bucket may be larger than the usual one.
    return Math.max(balance.tokens, Math.min(CAPACITY, filled)) - reserved;
  }
}

/** Like a 429 of the upstream: callers treat both alike. */
function rateLimited(waitMs: number): BudgetError {
  return new BudgetError("soundtrack", Math.ceil(waitMs), `its tokens are spent for ${Math.ceil(waitMs / 1000)} s`);
}

function tokensIn(headers: Reply<unknown>["headers"], name: string): number | undefined {
  const text = headers[`x-ratelimiting-${name}`];
  return typeof text === "string" && /^\d+$/.test(text) ? Number(text) : undefined;
}
