/**
 * Which failed calls are retried, and how soon?
 *
 * Those that failed because the service was busy, failed by itself or broke the connection: up to three attempts in the
 * time that the batch has left, with exponential backoff and jitter, and never sooner than the service asked for. A
 * timeout is not retried: it has cost enough already.
 */
import { DelegateBackoff, handleWhen, retry } from "cockatiel";
import type { IRetryBackoffContext, RetryPolicy } from "cockatiel";
import { UpstreamError } from "../../platform/upstream-error.ts";
import type { Deadline } from "./deadline.ts";

export interface Retry {
  readonly isRetryable: (error: unknown) => boolean;
  /** Its `execute` attempts the work until it succeeds, is not retryable, or the attempts are over. */
  readonly policy: RetryPolicy;
}

export const FIRST_WAIT_MS = 100;
const ATTEMPTS = 3;
const MAX_WAIT_MS = 2000;

/** `random` is 0 to 1, for jitter. */
export function createRetry(deadline: Pick<Deadline, "leftMs">, random: () => number): Retry {
  const backoff = new DelegateBackoff((failed: IRetryBackoffContext<unknown>) =>
    Math.max(0, Math.min(waitMs(failed), deadline.leftMs())),
  );
  return { isRetryable, policy: retry(handleWhen(isRetryable), { maxAttempts: ATTEMPTS - 1, backoff }) };

  function isRetryable(error: unknown): boolean {
    if (!(error instanceof UpstreamError) || !error.retryable || error.failure === "TIMEOUT") return false;
    return (error.retryAfterMs ?? 0) < deadline.leftMs();
  }

  function waitMs({ attempt, result }: IRetryBackoffContext<unknown>): number {
    const jittered = random() * Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
    const requested =
      "error" in result && result.error instanceof UpstreamError ? result.error.retryAfterMs : undefined;
    return Math.max(jittered, requested ?? 0);
  }
}
