/**
 * What stands between an ask and a service that is slow, busy or down?
 *
 *   retry ▸ breaker of the service ▸ breaker of the model ▸ turn ▸ call
 *
 * A batch has one deadline; whatever is tried again is tried within it, never sooner than the service wants, and takes
 * a new turn. A model that keeps failing is left alone for a while, and so is a service nobody can reach: the asks that
 * come meanwhile fail at once instead of waiting for what will not come. One call then tries whether it is back.
 */
import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  CountBreaker,
  DelegateBackoff,
  circuitBreaker,
  handleWhen,
  retry,
} from "cockatiel";
import type { CircuitBreakerPolicy, IBreaker, IRetryBackoffContext } from "cockatiel";
import type { Logger } from "pino";
import { UpstreamError } from "../upstream.ts";
import { createTurns, monotonic } from "./turns.ts";
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
  /** Milliseconds that only ever go forward. */
  readonly now?: () => number;
  /** 0 to 1, for jitter. */
  readonly random?: () => number;
}

export interface Guard {
  /** The calls of one batch: they share a deadline and take turns with those of other batches. */
  batch(): Batch;
  readonly turns: Pick<Turns, "waiting" | "working">;
}

export interface Batch {
  /**
   * Rejects as `call` did at last; with a BrokenCircuitError where it was not made, a QueueFullError where too many
   * wait, and a BatchTimeoutError where the batch's deadline passed.
   */
  run<T>(model: string, call: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

export class BatchTimeoutError extends Error {
  override readonly name = "BatchTimeoutError";
}

const ATTEMPTS = 3;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;
/** A model is left alone when half of this many calls failed: fewer would mistake a bad moment for an outage. */
const SAMPLE = 40;
/** The service is left alone when this many calls in a row did not get through. */
const IN_A_ROW = 10;

export function createGuard(options: GuardOptions): Guard {
  const { batchTimeoutMs, recoveryMs, log, now = monotonic, random = Math.random } = options;
  const turns = createTurns({
    concurrency: options.concurrency,
    perSecond: options.perSecond,
    limit: options.queueLimit,
    now,
  });
  const service = breaker("service", isOutOfReach, new ConsecutiveBreaker(IN_A_ROW));
  const models = new Map<string, CircuitBreakerPolicy>();

  return { batch, turns };

  function batch(): Batch {
    const endsAt = now() + batchTimeoutMs;
    const signal = AbortSignal.timeout(batchTimeoutMs);
    const lane = turns.lane(signal, endsAt);
    const again = retry(
      handleWhen((error) => isWorthwhile(error, endsAt - now())),
      { maxAttempts: ATTEMPTS - 1, backoff: new DelegateBackoff(waitMs) },
    );

    return {
      run: async (model, call) => {
        const own = breakerOf(model);
        const inTurn = () => lane.take(() => attempt(own, () => call(signal)));
        try {
          return await again.execute(() => service.execute(() => own.execute(inTurn)), signal);
        } catch (error) {
          throw signal.aborted
            ? new BatchTimeoutError(`no answer within ${batchTimeoutMs} ms`, { cause: error })
            : error;
        }
      },
    };
  }

  async function attempt<T>(own: CircuitBreakerPolicy, call: () => Promise<T>): Promise<T> {
    // It may have opened while this call waited for its turn.
    if (isOpen(service) || isOpen(own)) throw new BrokenCircuitError();
    try {
      return await call();
    } catch (error) {
      // Then everybody waits, not only who was told.
      if (error instanceof UpstreamError && error.status === 429) turns.pause(error.retryAfterMs ?? FIRST_WAIT_MS);
      throw error;
    }
  }

  /** Exponential with jitter, and never sooner than the service wants. */
  function waitMs({ attempt: attempts, result }: IRetryBackoffContext<unknown>): number {
    const jittered = random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempts);
    const wanted = "error" in result && result.error instanceof UpstreamError ? result.error.retryAfterMs : undefined;
    return Math.max(jittered, wanted ?? 0);
  }

  function breakerOf(model: string): CircuitBreakerPolicy {
    const known = models.get(model) ?? breaker(model, isOutage, new CountBreaker({ threshold: 0.5, size: SAMPLE }));
    models.set(model, known);
    return known;
  }

  function breaker(name: string, counts: (error: unknown) => boolean, when: IBreaker): CircuitBreakerPolicy {
    const policy = circuitBreaker(handleWhen(counts), { halfOpenAfter: recoveryMs, breaker: when });
    policy.onBreak(() => log.warn({ breaker: name, recoveryMs }, "decision service keeps failing: not asked for now"));
    policy.onReset(() => log.info({ breaker: name }, "decision service is back"));
    return policy;
  }
}

function isOpen(policy: CircuitBreakerPolicy): boolean {
  return policy.state === CircuitState.Open;
}

/** Trying again may help: the service was busy, failed by itself, or the connection broke. A timeout has cost enough. */
function isWorthwhile(error: unknown, leftMs: number): boolean {
  if (!(error instanceof UpstreamError) || !error.retryable || error.failure === "TIMEOUT") return false;
  return (error.retryAfterMs ?? 0) < leftMs;
}

/** The service failed, whatever was asked. Being busy is no failure: it says so by itself and gets its pause. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof UpstreamError) || error.failure === "ABORTED") return false;
  return error.failure !== "STATUS" || (error.status !== undefined && error.status >= 500);
}

/** Nobody gets through: asking for another model would not help. A 500 may be one model's own. */
function isOutOfReach(error: unknown): boolean {
  return error instanceof UpstreamError && (error.failure === "TIMEOUT" || error.failure === "UNREACHABLE");
}
