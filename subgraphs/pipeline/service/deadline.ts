/**
 * How much time is left for a batch?
 *
 * All calls of a batch share one deadline, retries and waiting included.
 */

export interface Deadline {
  /** Aborts when the time is over. */
  readonly signal: AbortSignal;
  /** By `now`. */
  readonly endsAt: number;
  leftMs(): number;
  /**
   * Settles as `work` does, but rejects with a BatchTimeoutError once the time is over: also where `work` ignores the
   * signal, as a call does that waits for another one to probe the service.
   */
  race<T>(work: Promise<T>): Promise<T>;
}

export class BatchTimeoutError extends Error {
  override readonly name = "BatchTimeoutError";
}

export function createDeadline(timeoutMs: number, now: () => number): Deadline {
  const endsAt = now() + timeoutMs;
  const signal = AbortSignal.timeout(timeoutMs);
  const ended = Promise.withResolvers<never>();
  // Without a race in progress, nothing else handles this rejection.
  ended.promise.catch(() => {});
  signal.addEventListener("abort", () => ended.reject(signal.reason), { once: true });

  return {
    signal,
    endsAt,
    leftMs: () => endsAt - now(),
    async race(work) {
      try {
        return await Promise.race([work, ended.promise]);
      } catch (error) {
        if (!signal.aborted) throw error;
        throw new BatchTimeoutError(`no answer within ${timeoutMs} ms`, { cause: error });
      }
    },
  };
}
