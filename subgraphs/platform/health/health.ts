/**
 * How do the upstreams answer this process?
 *
 * Every client tells how each call ended (see upstream.ts); here it is counted by the minute, for an hour. That an upstream
 * refuses one call, such as for an id that it does not have, is an answer. What was not sent is no call: its limit was used
 * up, or nobody waited for it any more. Nothing of a request, of a reply or of an address is kept.
 */
import { z } from "zod";
import { BudgetError } from "../budget/budget.ts";
import type { KnownBudget } from "../budget/budget.ts";
import { PatienceError } from "../patience.ts";
import { upstreamCodeOf } from "../upstream-error.ts";
import type { UpstreamError } from "../upstream-error.ts";

/** Of one upstream: what its clients tell. */
export interface UpstreamHealth {
  answered(): void;
  failed(error: UpstreamError): void;
  /** From now on its limits are looked up there, besides those that were given before. */
  limitedBy(budgets: () => readonly KnownBudget[]): void;
}

export interface Health {
  /** By its name, as in logs. */
  of(upstream: string): UpstreamHealth;
  /** By the minute's beginning, then by upstream. */
  minutes(): ReadonlyMap<number, ReadonlyMap<string, HealthMinute>>;
  /** By upstream, also of those that were not called yet. */
  budgets(): ReadonlyMap<string, readonly KnownBudget[]>;
}

export interface HealthOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told after each call. Default: nobody is. */
  readonly noted?: (() => void) | undefined;
}

const Failure = z.object({
  /** As clients of the graph get it. */
  code: z.string(),
  /** Of the response, if there was one. */
  status: z.number().nullable(),
  /** Milliseconds since the epoch. */
  at: z.number(),
  /** When it may be asked again, if it said so. */
  againAt: z.number().nullable(),
});
export type HealthFailure = z.infer<typeof Failure>;

/** Times are those at the end of the minute, whenever that call was. */
export const HealthMinute = z.object({
  calls: z.number(),
  failures: z.number(),
  answeredAt: z.number().nullable(),
  lastFailure: Failure.nullable(),
  /** Since the last answer. */
  failedInARow: z.number(),
});
export type HealthMinute = z.infer<typeof HealthMinute>;

export const MINUTE_MS = 60_000;
const KEPT_MS = 60 * MINUTE_MS;

export function createHealth({ now, noted = () => {} }: HealthOptions): Health {
  const minutes = new Map<number, Map<string, HealthMinute>>();
  const last = new Map<string, HealthMinute>();
  const budgets = new Map<string, (() => readonly KnownBudget[])[]>();

  return {
    of(upstream) {
      const limits: (() => readonly KnownBudget[])[] = budgets.get(upstream) ?? [];
      budgets.set(upstream, limits);
      return {
        answered: () => note(upstream, { answeredAt: now(), failedInARow: 0 }, 0),
        failed(error) {
          if (isUnsent(error)) return;
          if (isAnswer(error)) return note(upstream, { answeredAt: now(), failedInARow: 0 }, 0);
          const failedInARow = 1 + (last.get(upstream)?.failedInARow ?? 0);
          note(upstream, { lastFailure: failureOf(error, now()), failedInARow }, 1);
        },
        limitedBy: (known) => void limits.push(known),
      };
    },
    minutes() {
      forgetOld();
      return minutes;
    },
    budgets: () => new Map(Array.from(budgets, ([name, known]) => [name, known.flatMap((each) => each())])),
  };

  function note(upstream: string, changed: Partial<HealthMinute>, failures: number): void {
    const at = now() - (now() % MINUTE_MS);
    if (!minutes.has(at)) forgetOld();
    const minute = minutes.get(at) ?? new Map<string, HealthMinute>();
    minutes.set(at, minute);
    const counted = minute.get(upstream) ?? { ...(last.get(upstream) ?? NOTHING), calls: 0, failures: 0 };
    const after = { ...counted, ...changed, calls: counted.calls + 1, failures: counted.failures + failures };
    minute.set(upstream, after);
    last.set(upstream, after);
    noted();
  }

  function forgetOld(): void {
    for (const at of minutes.keys()) if (at <= now() - KEPT_MS) minutes.delete(at);
  }
}

const NOTHING: HealthMinute = { calls: 0, failures: 0, answeredAt: null, lastFailure: null, failedInARow: 0 };

function isUnsent(error: UpstreamError): boolean {
  return error.failure === "ABORTED" || error instanceof PatienceError || error instanceof BudgetError;
}

/** It is about the call, or about what we wrote ourselves a moment ago. */
function isAnswer(error: UpstreamError): boolean {
  return error.final || error.isAwaited;
}

function failureOf(error: UpstreamError, at: number): HealthFailure {
  const { status, retryAfterMs } = error;
  const againAt = retryAfterMs === undefined ? null : at + retryAfterMs;
  return { code: upstreamCodeOf(error), status: status ?? null, at, againAt };
}
