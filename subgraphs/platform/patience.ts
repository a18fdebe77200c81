/**
 * Has an upstream asked not to be asked for a while?
 *
 * It remembers the latest time to come back for each of the upstream's limits, so that nobody asks before. The price: where
 * the upstream works again sooner, nobody notices.
 */
import { monotonic } from "./clock.ts";
import { UpstreamError } from "./upstream-error.ts";

export interface Patience {
  /** The upstream answered a call of this path that it may be asked again in so many milliseconds. */
  asked(path: string, ms: number): void;
  /** Milliseconds until a path may be asked; 0 if it may be now. */
  leftMs(path: string): number;
}

export interface PatienceOptions {
  /** In milliseconds. Default: monotonic. */
  readonly now?: (() => number) | undefined;
  /** The limit that a path counts for, where the upstream has several. */
  readonly limitOf?: (path: string) => string;
}

/** The upstream was not asked. Otherwise like the answer that it would have given. */
export class PatienceError extends UpstreamError {
  constructor(upstream: string, leftMs: number) {
    const state = `it asked for patience for another ${Math.ceil(leftMs / 1000)} s`;
    super(upstream, "STATUS", state, { status: 429, retryAfterMs: leftMs });
  }
}

/** A day: longer than any limit that is known, and an end to a mistake. */
export const MAX_PATIENCE_MS = 24 * 60 * 60_000;

export function createPatience({ now = monotonic, limitOf = () => "" }: PatienceOptions = {}): Patience {
  /** By limit. */
  const until = new Map<string, number>();

  return {
    asked(path, ms) {
      const left = Math.max(leftOf(limitOf(path)), Math.min(ms, MAX_PATIENCE_MS));
      until.set(limitOf(path), now() + left);
    },
    leftMs: (path) => leftOf(limitOf(path)),
  };

  function leftOf(limit: string): number {
    // A clock that was set back must not prolong it.
    return Math.min(MAX_PATIENCE_MS, Math.max(0, (until.get(limit) ?? 0) - now()));
  }
}
