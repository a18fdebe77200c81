/**
 * May something be done now under a rate limit, or in how many milliseconds?
 *
 *   const bucket = createTokenBucket({ capacity: 5, perSecond: 5, now });
 *   const waitMs = bucket.take(); // 0: taken; more: nothing was taken, try again in that many milliseconds
 *   bucket.available; // tokens left now, fractions included
 *
 * The bucket starts full and refills evenly up to its capacity. It neither waits nor queues: that is up to the caller.
 * A clock that is set back refills nothing and takes nothing away.
 */
import { monotonic } from "./clock.ts";

export interface TokenBucket {
  /**
   * Takes the tokens (default 1) and gives 0, or takes none and gives the milliseconds until there are enough:
   * Infinity where they exceed the capacity.
   */
  take(tokens?: number): number;
  readonly available: number;
}

export interface TokenBucketOptions {
  /** Tokens the bucket holds at most: what may be done at once after a quiet time. */
  readonly capacity: number;
  /** Tokens added a second. */
  readonly perSecond: number;
  /** Milliseconds. Default: monotonic. */
  readonly now?: () => number;
}

export function createTokenBucket({ capacity, perSecond, now = monotonic }: TokenBucketOptions): TokenBucket {
  let tokens = capacity;
  let refilledAt = now();

  return {
    take(requested = 1) {
      refill();
      if (requested > capacity) return Number.POSITIVE_INFINITY;
      if (requested > tokens) return ((requested - tokens) / perSecond) * 1000;
      tokens -= requested;
      return 0;
    },
    get available() {
      refill();
      return tokens;
    },
  };

  function refill(): void {
    const at = now();
    tokens = Math.min(capacity, tokens + (Math.max(0, at - refilledAt) / 1000) * perSecond);
    refilledAt = at;
  }
}
