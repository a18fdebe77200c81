/**
 * When is the decision service, or one of its models, not called any more?
 *
 * When it keeps failing its circuit opens, and calls fail at once; after a while one call probes whether it has recovered.
 * Each model has a circuit of its own: what one table does to the service must not stop the others.
 */
import { CircuitState, ConsecutiveBreaker, CountBreaker, circuitBreaker, handleWhen } from "cockatiel";
import type { CircuitBreakerPolicy, IBreaker } from "cockatiel";
import type { Logger } from "pino";
import { PatienceError } from "../../platform/patience.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { recoveryAfter } from "../../platform/recovery.ts";

export interface Breakers {
  /** Of the service as a whole. */
  readonly service: CircuitBreakerPolicy;
  of(model: string): CircuitBreakerPolicy;
  /** Counts one call for several items of a model: failed where all of them failed. */
  count(model: string, answers: readonly unknown[]): void;
  /** Of the service as a whole (`service`), and of each model that was asked for. */
  states(): ReadonlyMap<string, BreakerState>;
}

/** Closed lets all calls through, open lets none through, and half open lets one through as a probe. */
export type BreakerState = "closed" | "open" | "half open";

export interface BreakersOptions {
  /** Milliseconds a circuit stays open before a call may probe. */
  readonly recoveryMs: number;
  readonly log: Logger;
  /** Milliseconds that only ever go forward. */
  readonly now?: (() => number) | undefined;
}

/** A model's circuit opens when half of this many calls failed: a smaller sample would take a bad moment for an outage. */
const SAMPLE = 40;
/** The service's circuit opens when this many calls in a row did not reach it. */
const IN_A_ROW = 10;

export function createBreakers({ recoveryMs, log, now }: BreakersOptions): Breakers {
  const service = breaker("service", isUnreachable, new ConsecutiveBreaker(IN_A_ROW));
  const models = new Map<string, CircuitBreakerPolicy>();

  return { service, of, count, states };

  function of(model: string): CircuitBreakerPolicy {
    const policy = models.get(model) ?? breaker(model, isOutage, new CountBreaker({ threshold: 0.5, size: SAMPLE }));
    models.set(model, policy);
    return policy;
  }

  function count(model: string, answers: readonly unknown[]): void {
    const policy = of(model);
    // A call that is over cannot be the probe of a circuit that opened meanwhile.
    if (!isClosed(policy)) return;
    void policy.execute(() => requireAnyAnswer(answers)).catch(() => {});
  }

  function states(): ReadonlyMap<string, BreakerState> {
    return new Map([["service", service] as const, ...models].map(([name, { state }]) => [name, STATES[state]]));
  }

  function breaker(name: string, isFailure: (error: unknown) => boolean, when: IBreaker): CircuitBreakerPolicy {
    const counts = (error: unknown): boolean => isFailure(error) || (!isClosed(policy) && isInconclusive(error));
    const policy = circuitBreaker(handleWhen(counts), { halfOpenAfter: recoveryAfter(recoveryMs, now), breaker: when });
    policy.onBreak(() => log.warn({ breaker: name, recoveryMs }, "decision service keeps failing: circuit opened"));
    policy.onReset(() => log.info({ breaker: name }, "decision service recovered: circuit closed"));
    return policy;
  }
}

/** `Isolated` is a manual state that is never used here. */
const STATES: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: "closed",
  [CircuitState.Open]: "open",
  [CircuitState.HalfOpen]: "half open",
  [CircuitState.Isolated]: "open",
};

export function isOpen(policy: CircuitBreakerPolicy): boolean {
  return policy.state === CircuitState.Open;
}

export function isClosed(policy: CircuitBreakerPolicy): boolean {
  return policy.state === CircuitState.Closed;
}

/** Throws where all answers are errors; the mildest of them, since an outage is one only where it hit all items. */
function requireAnyAnswer(answers: readonly unknown[]): void {
  if (answers.every((answer) => answer instanceof Error)) throw answers.find((error) => !isOutage(error)) ?? answers[0];
}

/** The service failed, whatever was asked. 429 is no outage: the service works, and says how long to pause. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof UpstreamError) || error.failure === "ABORTED") return false;
  return error.failure !== "STATUS" || (error.status !== undefined && error.status >= 500);
}

/** The call was not made, or was aborted. That does not count against a closed circuit, but is no successful probe. */
function isInconclusive(error: unknown): boolean {
  return !(error instanceof UpstreamError) || error instanceof PatienceError || error.failure === "ABORTED";
}

/** No call gets through, for any model. A 500 may be the fault of one model. */
function isUnreachable(error: unknown): boolean {
  return error instanceof UpstreamError && (error.failure === "TIMEOUT" || error.failure === "UNREACHABLE");
}
