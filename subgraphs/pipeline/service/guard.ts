/**
 * How is a service called that may be slow, busy or down?
 *
 *   retry ▸ circuit of the service ▸ circuit of the model ▸ scheduler ▸ call
 *
 * A batch has one deadline. A retry happens within it, never sooner than the service asked for, and is scheduled anew.
 * While a circuit is open, and while the service has asked for patience beyond the deadline, calls fail at once. A call for several items passes all of this as one call; batch-calls.ts
 * says what becomes of each item.
 */
import { BrokenCircuitError } from "cockatiel";
import type { Logger } from "pino";
import { monotonic } from "../../platform/clock.ts";
import { createPatience } from "../../platform/patience.ts";
import type { Patience } from "../../platform/patience.ts";
import type { RefusedAccounts } from "../../platform/refused-accounts.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import type { UpstreamFailure } from "../../platform/upstream-error.ts";
import type { IsWanted } from "../../platform/wanted.ts";
import { createBatchCalls } from "./batch-calls.ts";
import type { BatchCalls } from "./batch-calls.ts";
import { createBreakers, isClosed, isOpen } from "./breakers.ts";
import type { BreakerState } from "./breakers.ts";
import { createDeadline } from "./deadline.ts";
import type { CallOutcome, Metrics } from "../metrics.ts";
import { FIRST_WAIT_MS, createRetry } from "./retry.ts";
import { ANY_PATH, QueueFullError, createScheduler } from "./scheduler.ts";
import type { Scheduler } from "./scheduler.ts";

export interface GuardOptions {
  /** Calls that run at once. */
  readonly concurrency: number;
  /** Calls that start a second. Left out: no limit. */
  readonly perSecond?: number | undefined;
  /** Calls that may wait. */
  readonly queueLimit: number;
  /** Milliseconds all calls of a batch may take together. */
  readonly batchTimeoutMs: number;
  /** Milliseconds a circuit stays open before a call may probe. */
  readonly recoveryMs: number;
  /** Shared with all that calls the service. Default: its own. */
  readonly patience?: Patience;
  readonly log: Logger;
  /** Told here, because a refused call may fail no request: nobody waits for one in the background. */
  readonly accounts?: RefusedAccounts | undefined;
  readonly metrics?: Pick<Metrics, "called" | "retried"> | undefined;
  /** Milliseconds that only ever go forward. */
  readonly now?: () => number;
  /** 0 to 1, for jitter. */
  readonly random?: () => number;
}

export interface Guard {
  /** The calls of one batch: they share a deadline and a lane of the scheduler. */
  batch(): Batch;
  /** Calls that no request waits for: each is made once, at once or not at all. The signal aborts them too. */
  background(signal: AbortSignal): Batch;
  /** Of the service as a whole (`service`), and of each model that was asked for. */
  breakers(): ReadonlyMap<string, BreakerState>;
  readonly scheduler: Pick<Scheduler, "waiting" | "working" | "hasSpare" | "budgets">;
}

export interface Batch {
  /**
   * Rejects as the last attempt of `call` did; with a PatienceError where the service asked for patience beyond the
   * deadline, a BrokenCircuitError where a circuit is open, a QueueFullError where the queue is full, a BatchTimeoutError
   * after the deadline, an UnwantedError where nobody waits for it when it is its turn.
   */
  run<T>(model: string, call: (signal: AbortSignal) => Promise<T>, isWanted?: IsWanted): Promise<T>;
  /** Calls for several items each; undefined where a call carries one. */
  readonly batchCalls: BatchCalls | undefined;
}

/** The label `model` of a call for several items, in metrics. */
const BATCH = "batch";

export function createGuard(options: GuardOptions): Guard {
  const {
    concurrency,
    perSecond,
    queueLimit,
    batchTimeoutMs,
    log,
    accounts,
    metrics,
    now = monotonic,
    random = Math.random,
    patience = createPatience({ now }),
  } = options;
  const scheduler = createScheduler({ concurrency, perSecond, queueLimit, patience, now });
  const breakers = createBreakers(options);
  const { service } = breakers;
  let admittedCalls = 0;

  return { batch, background, breakers: () => breakers.states(), scheduler };

  function batch(): Batch {
    const deadline = createDeadline(batchTimeoutMs, now);
    const { signal } = deadline;
    const lane = scheduler.lane(signal, deadline.endsAt);
    const retry = createRetry(deadline, random);
    return {
      run: async (model, call, isWanted) => {
        const circuit = breakers.of(model);
        let attempts = 0;
        const scheduled = () => {
          if (attempts > 0) metrics?.retried(model);
          attempts += 1;
          return lane.run(() => attempt(model, isNeeded(model), () => call(signal)), isWanted);
        };
        const attempted = () => {
          lane.requireInTime();
          return service.execute(() => circuit.execute(scheduled));
        };
        return admitted(() => deadline.race(retry.policy.execute(attempted, signal)));
      },
      batchCalls: createBatchCalls({
        breakers,
        isRetryable: retry.isRetryable,
        withRetry: (work) =>
          retry.policy.execute(({ attempt: retries }) => {
            if (retries > 0) metrics?.retried(BATCH);
            return work();
          }, signal),
        scheduled: (isNeeded, call) =>
          admitted(() => {
            lane.requireInTime();
            return deadline.race(service.execute(() => lane.run(() => attempt(BATCH, isNeeded, () => call(signal)))));
          }),
      }),
    };
  }

  /** Bounds all that wait: for the scheduler, for a backoff, or for a probe to show whether the service recovered. */
  async function admitted<T>(work: () => Promise<T>): Promise<T> {
    if (admittedCalls >= concurrency + queueLimit) {
      throw new QueueFullError(`${queueLimit} calls are waiting already`);
    }
    admittedCalls += 1;
    try {
      return await work();
    } finally {
      admittedCalls -= 1;
    }
  }

  function background(signal: AbortSignal): Batch {
    return {
      batchCalls: undefined,
      run: async (model, call) => {
        const circuit = breakers.of(model);
        // Only calls of requests probe a circuit.
        if (!isClosed(service) || !isClosed(circuit)) throw new BrokenCircuitError();
        const aborted = AbortSignal.any([signal, AbortSignal.timeout(batchTimeoutMs)]);
        return scheduler.tryRun(() => attempt(model, isNeeded(model), () => call(aborted)));
      },
    };
  }

  function isNeeded(model: string): () => boolean {
    return () => !isOpen(breakers.of(model));
  }

  async function attempt<T>(model: string, isNeeded: () => boolean, call: () => Promise<T>): Promise<T> {
    // A circuit may have opened while this call waited.
    if (isOpen(service) || !isNeeded()) throw new BrokenCircuitError();
    const startedAt = now();
    try {
      const answer = await call();
      metrics?.called(model, "answered", now() - startedAt);
      return answer;
    } catch (error) {
      metrics?.called(model, callOutcomeOf(error), now() - startedAt);
      accounts?.tell(log, error);
      // All calls wait, not only the one that got the 429.
      if (error instanceof UpstreamError && error.status === 429) {
        if (error.retryAfterMs === undefined) scheduler.pause(FIRST_WAIT_MS);
        else patience.asked(ANY_PATH, error.retryAfterMs);
      }
      throw error;
    }
  }
}

function callOutcomeOf(error: unknown): CallOutcome {
  if (!(error instanceof UpstreamError)) return "failed";
  if (error.failure !== "STATUS") return CALL_OUTCOMES[error.failure];
  if (error.status === 429) return "busy";
  return error.retryable || (error.status !== undefined && error.status >= 500) ? "failed" : "refused";
}

const CALL_OUTCOMES: Readonly<Record<Exclude<UpstreamFailure, "STATUS">, CallOutcome>> = {
  TIMEOUT: "timeout",
  UNREACHABLE: "unreachable",
  UNEXPECTED: "unexpected",
  ABORTED: "aborted",
};
