/**
 * When is the decision service, or one of its models, left alone?
 *
 * When it keeps failing: whoever asks meanwhile fails at once. Then one call tries whether it is back. A model has a
 * breaker of its own, since what one table does to the service is not the fault of the others.
 */
import { CircuitState, ConsecutiveBreaker, CountBreaker, circuitBreaker, handleWhen } from "cockatiel";
import type { CircuitBreakerPolicy, IBreaker } from "cockatiel";
import type { Logger } from "pino";
import { UpstreamError } from "../../platform/upstream.ts";
import { recovery } from "./recovery.ts";

export interface Breakers {
  /** Of the service as a whole. */
  readonly service: CircuitBreakerPolicy;
  of(model: string): CircuitBreakerPolicy;
  /** Counts a call for several asks of a model once, as failed where none of them came through. */
  count(model: string, answers: readonly unknown[]): void;
  /** Of the service as a whole (`service`), and of each model that was asked for. */
  states(): ReadonlyMap<string, BreakerState>;
}

/** Closed lets calls through, open lets none, and half open one that tries. */
export type BreakerState = "closed" | "open" | "half open";

export interface BreakersOptions {
  /** Milliseconds a breaker stays open before it lets one call try. */
  readonly recoveryMs: number;
  readonly log: Logger;
  /** Milliseconds that only ever go forward. */
  readonly now?: (() => number) | undefined;
}

/** A model is left alone when half of this many calls failed: fewer would mistake a bad moment for an outage. */
const SAMPLE = 40;
/** The service is left alone when this many calls in a row did not get through. */
const IN_A_ROW = 10;

export function createBreakers({ recoveryMs, log, now }: BreakersOptions): Breakers {
  const service = breaker("service", isOutOfReach, new ConsecutiveBreaker(IN_A_ROW));
  const models = new Map<string, CircuitBreakerPolicy>();

  return { service, of, count, states };

  function of(model: string): CircuitBreakerPolicy {
    const known = models.get(model) ?? breaker(model, isOutage, new CountBreaker({ threshold: 0.5, size: SAMPLE }));
    models.set(model, known);
    return known;
  }

  function count(model: string, answers: readonly unknown[]): void {
    const own = of(model);
    // What is known already is no try of a model that is left alone.
    if (!isClosed(own)) return;
    void own.execute(() => whatCameThrough(answers)).catch(() => {});
  }

  function states(): ReadonlyMap<string, BreakerState> {
    return new Map([["service", service] as const, ...models].map(([name, { state }]) => [name, STATES[state]]));
  }

  function breaker(name: string, counts: (error: unknown) => boolean, when: IBreaker): CircuitBreakerPolicy {
    const fails = (error: unknown): boolean => counts(error) || (!isClosed(policy) && saysNothing(error));
    const policy = circuitBreaker(handleWhen(fails), { halfOpenAfter: recovery(recoveryMs, now), breaker: when });
    policy.onBreak(() => log.warn({ breaker: name, recoveryMs }, "decision service keeps failing: not asked for now"));
    policy.onReset(() => log.info({ breaker: name }, "decision service is back"));
    return policy;
  }
}

/** Nobody isolates a breaker by hand here; to a caller it would be open. */
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

/** Throws the worst that can be said of all answers where each is an Error: an outage only where all of them are. */
function whatCameThrough(answers: readonly unknown[]): void {
  if (answers.every((answer) => answer instanceof Error)) throw answers.find((error) => !isOutage(error)) ?? answers[0];
}

/** The service failed, whatever was asked. Being busy is no failure: it says so by itself and gets its pause. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof UpstreamError) || error.failure === "ABORTED") return false;
  return error.failure !== "STATUS" || (error.status !== undefined && error.status >= 500);
}

/**
 * The call was not made, or nobody waited for its end. To a breaker that is closed it is nothing; where one call tries
 * whether the service is back, it has not shown that.
 */
function saysNothing(error: unknown): boolean {
  return !(error instanceof UpstreamError) || error.failure === "ABORTED";
}

/** Nobody gets through: asking for another model would not help. A 500 may be one model's own. */
function isOutOfReach(error: unknown): boolean {
  return error instanceof UpstreamError && (error.failure === "TIMEOUT" || error.failure === "UNREACHABLE");
}
