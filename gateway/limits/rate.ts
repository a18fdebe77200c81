/**
 * May this caller send another request now?
 *
 * Each has a number of requests a minute, counted by all gateways that share a Redis; while that fails, each counts its own.
 * Who does not say who they are is counted by address. So is, in this process, who says it wrongly: a guess costs a guess.
 */
import { hash } from "node:crypto";
import { isAnonymous } from "../../subgraphs/platform/caller.ts";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { createBudget } from "../../subgraphs/platform/budget/budget.ts";
import { memoryCounter } from "../../subgraphs/platform/budget/counter.ts";
import type { Counter } from "../../subgraphs/platform/budget/counter.ts";
import { RequestError } from "../http/request-error.ts";
import { networkOf } from "./network.ts";

export interface RateLimit {
  /** Rejects with a RequestError of status 429. */
  admit(caller: Pick<Caller, "id">, address: string): Promise<void>;
  /** For a request whose credentials are not valid. Rejects as `admit` does where that has happened too often. */
  refused(address: string): Promise<void>;
}

export interface RateLimitOptions {
  /** undefined: none for anybody, and a high one for callers who say who they are. */
  readonly requestsPerMinute: number | undefined;
  readonly counter: Counter;
  /** Milliseconds since the epoch: gateways share minutes by it. */
  readonly now?: () => number;
}

/** Of a caller who says who they are, where nothing else is set. */
export const KNOWN_PER_MINUTE = 6000;
/** Requests without valid credentials, of one address. */
export const REFUSED_PER_MINUTE = 120;
const MINUTE_MS = 60_000;

export function createRateLimit({ requestsPerMinute, counter, now = Date.now }: RateLimitOptions): RateLimit {
  const own = memoryCounter();
  return {
    async admit(caller, address) {
      const isAnybody = isAnonymous(caller);
      const requests = requestsPerMinute ?? (isAnybody ? undefined : KNOWN_PER_MINUTE);
      if (requests === undefined) return;
      const name = isAnybody ? `address ${networkOf(address)}` : `caller ${caller.id}`;
      const waitMs = await countIn(counter, name, requests);
      if (waitMs > 0) throw tooMany(`${requests} requests in a minute, which LIMIT_REQUESTS_PER_MINUTE allows`, waitMs);
    },
    async refused(address) {
      const waitMs = await countIn(own, networkOf(address), REFUSED_PER_MINUTE);
      if (waitMs > 0) throw tooMany(`${REFUSED_PER_MINUTE} requests in a minute without valid credentials`, waitMs);
    },
  };

  function countIn(counted: Counter, name: string, requests: number): Promise<number> {
    const limits = { requests: { requests, windowMs: MINUTE_MS } };
    // Neither who it is nor where from is written into a Redis.
    return createBudget({ name: hash("sha256", name, "base64url"), limits, counter: counted, now }).take("requests");
  }
}

function tooMany(what: string, waitMs: number): RequestError {
  const seconds = Math.ceil(waitMs / 1000);
  return new RequestError(429, "RATE_LIMITED", `Cannot answer: more than ${what}; come back in ${seconds} s`, {
    "retry-after": String(seconds),
  });
}
