/**
 * What stands between an ask and a service that is slow, busy or down?
 *
 *   retry ▸ breaker of the service ▸ breaker of the model ▸ turn ▸ call
 *
 * A batch has one deadline; whatever is tried again is tried within it, never sooner than the service wants, and takes
 * a new turn. A model that keeps failing is left alone for a while, and so is a service nobody can reach: the asks that
 * come meanwhile fail at once instead of waiting for what will not come. One call then tries whether it is back. A call
 * for several asks is one call to all of this; what becomes of each of them, together.ts says.
 */
import { BrokenCircuitError, DelegateBackoff, handleWhen, retry } from "cockatiel";
import type { IRetryBackoffContext } from "cockatiel";
import type { Logger } from "pino";
import { UpstreamError } from "../../platform/upstream.ts";
import type { UpstreamFailure } from "../../platform/upstream.ts";
import { createBreakers, isClosed, isOpen } from "./breakers.ts";
import type { BreakerState } from "./breakers.ts";
import type { CallOutcome, Metrics } from "../metrics.ts";
import { createTogether } from "./together.ts";
import type { Together } from "./together.ts";
import { QueueFullError, createTurns, monotonic } from "./turns.ts";
import type { Turns } from "./turns.ts";

export interface GuardOptions {
  /** Calls at work at once. */
  readonly concurrency: number;
  /** Calls begun a second. Left out: no limit. */
  readonly perSecond?: number | undefined;
  /** Calls that may wait. */
  readonly queueLimit: number;
  /** Milliseconds all calls of a batch may take together. */
  readonly batchTimeoutMs: number;
  /** Milliseconds a breaker stays open before it lets one call try. */
  readonly recoveryMs: number;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, "called" | "retried"> | undefined;
  /** Milliseconds that only ever go forward. */
  readonly now?: () => number;
  /** 0 to 1, for jitter. */
  readonly random?: () => number;
}

export interface Guard {
  /** The calls of one batch: they share a deadline and take turns with those of other batches. */
  batch(): Batch;
  /** Calls that nobody waits for: each is made once, and at once or not at all. The signal ends them too. */
  spare(signal: AbortSignal): Batch;
  /** Of the service as a whole (`service`), and of each model that was asked for. */
  breakers(): ReadonlyMap<string, BreakerState>;
  readonly turns: Pick<Turns, "waiting" | "working" | "hasSpare">;
}

export interface Batch {
  /**
   * Rejects as `call` did at last; with a BrokenCircuitError where it was not made, a QueueFullError where too many
   * wait, and a BatchTimeoutError where the batch's deadline passed.
   */
  run<T>(model: string, call: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Calls for several asks; undefined where each is for one. */
  readonly together: Together | undefined;
}

export class BatchTimeoutError extends Error {
  override readonly name = "BatchTimeoutError";
}

/** What metrics call the model of a call for several. */
const SEVERAL = "batch";
const ATTEMPTS = 3;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;
/** Whatever the service says: a date that is read by a wrong clock must not keep everybody waiting for days. */
const LONGEST_PAUSE_MS = 60_000;

export function createGuard(options: GuardOptions): Guard {
  const { batchTimeoutMs, metrics, now = monotonic, random = Math.random } = options;
  const turns = createTurns({
    concurrency: options.concurrency,
    perSecond: options.perSecond,
    limit: options.queueLimit,
    now,
  });
  const breakers = createBreakers(options);
  const { service } = breakers;
  const most = options.concurrency + options.queueLimit;
  let inside = 0;

  return { batch, spare, breakers: () => breakers.states(), turns };

  function batch(): Batch {
    const endsAt = now() + batchTimeoutMs;
    const signal = AbortSignal.timeout(batchTimeoutMs);
    const lane = turns.lane(signal, endsAt);
    const mayHelp = (error: unknown): boolean => isWorthwhile(error, endsAt - now());
    const backoff = new DelegateBackoff((tried: IRetryBackoffContext<unknown>) =>
      Math.max(0, Math.min(waitMs(tried), endsAt - now())),
    );
    const again = retry(handleWhen(mayHelp), { maxAttempts: ATTEMPTS - 1, backoff });
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => {});
    signal.addEventListener("abort", () => ended.reject(signal.reason), { once: true });
    /** Who waits for another call to show whether the service is back would not see the deadline. */
    const inTime = async <T>(work: Promise<T>): Promise<T> => {
      try {
        return await Promise.race([work, ended.promise]);
      } catch (error) {
        if (!signal.aborted) throw error;
        throw new BatchTimeoutError(`no answer within ${batchTimeoutMs} ms`, { cause: error });
      }
    };

    return {
      run: async (model, call) => {
        const own = breakers.of(model);
        const isWanted = (): boolean => !isOpen(own);
        let attempts = 0;
        const inTurn = () => {
          if (attempts > 0) metrics?.retried(model);
          attempts += 1;
          return lane.take(() => attempt(model, isWanted, () => call(signal)));
        };
        return admitted(() => inTime(again.execute(() => service.execute(() => own.execute(inTurn)), signal)));
      },
      together: createTogether({
        breakers,
        mayHelp,
        again: (work) =>
          again.execute(({ attempt: retries }) => {
            if (retries > 0) metrics?.retried(SEVERAL);
            return work();
          }, signal),
        inTurn: (isWanted, call) =>
          admitted(() =>
            inTime(service.execute(() => lane.take(() => attempt(SEVERAL, isWanted, () => call(signal))))),
          ),
      }),
    };
  }

  /** Whoever waits, for whatever: a turn, a pause before trying again, or who tries whether the service is back. */
  async function admitted<T>(work: () => Promise<T>): Promise<T> {
    if (inside >= most) throw new QueueFullError(`${options.queueLimit} calls are waiting already`);
    inside += 1;
    try {
      return await work();
    } finally {
      inside -= 1;
    }
  }

  function spare(signal: AbortSignal): Batch {
    return {
      together: undefined,
      run: async (model, call) => {
        const own = breakers.of(model);
        // Trying whether a service is back is for those who wait for it.
        if (!isClosed(service) || !isClosed(own)) throw new BrokenCircuitError();
        const ends = AbortSignal.any([signal, AbortSignal.timeout(batchTimeoutMs)]);
        const isWanted = (): boolean => !isOpen(own);
        return turns.spare(() => attempt(model, isWanted, () => call(ends)));
      },
    };
  }

  async function attempt<T>(model: string, isWanted: () => boolean, call: () => Promise<T>): Promise<T> {
    // A breaker may have opened while this call waited for its turn.
    if (isOpen(service) || !isWanted()) throw new BrokenCircuitError();
    const startedAt = now();
    try {
      const answer = await call();
      metrics?.called(model, "answered", now() - startedAt);
      return answer;
    } catch (error) {
      metrics?.called(model, outcomeOf(error), now() - startedAt);
      // Then everybody waits, not only who was told.
      if (error instanceof UpstreamError && error.status === 429) {
        turns.pause(Math.min(LONGEST_PAUSE_MS, error.retryAfterMs ?? FIRST_WAIT_MS));
      }
      throw error;
    }
  }

  /** Exponential with jitter, and never sooner than the service wants. */
  function waitMs({ attempt: attempts, result }: IRetryBackoffContext<unknown>): number {
    const jittered = random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempts);
    const wanted = "error" in result && result.error instanceof UpstreamError ? result.error.retryAfterMs : undefined;
    return Math.max(jittered, wanted ?? 0);
  }
}

/** What came of a call, in as many words as a metric can bear. */
function outcomeOf(error: unknown): CallOutcome {
  if (!(error instanceof UpstreamError)) return "failed";
  if (error.failure !== "STATUS") return OUTCOMES[error.failure];
  if (error.status === 429) return "busy";
  return error.status !== undefined && error.status >= 500 ? "failed" : "refused";
}

const OUTCOMES: Readonly<Record<Exclude<UpstreamFailure, "STATUS">, CallOutcome>> = {
  TIMEOUT: "timeout",
  UNREACHABLE: "unreachable",
  UNEXPECTED: "unexpected",
  ABORTED: "aborted",
};

/** Trying again may help: the service was busy, failed by itself, or the connection broke. A timeout has cost enough. */
function isWorthwhile(error: unknown, leftMs: number): boolean {
  if (!(error instanceof UpstreamError) || !error.retryable || error.failure === "TIMEOUT") return false;
  return (error.retryAfterMs ?? 0) < leftMs;
}
