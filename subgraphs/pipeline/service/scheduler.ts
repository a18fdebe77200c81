/**
 * Which call to the decision service starts next, and when?
 *
 * A bounded number of calls run at once, no more start a second than the service allows, and none while the service has
 * asked for patience: what that leaves no time for is refused at once. Each batch has a lane, and lanes are served round robin, one call at a time: a batch of one waits
 * for one round, not for a batch of a thousand. The queue is bounded: a call that does not fit is refused at once, since
 * an answer minutes later is useless. Background calls (`tryRun`) never queue, and leave half of the capacity free.
 */
import { monotonic } from "../../platform/clock.ts";
import type { KnownBudget } from "../../platform/budget/budget.ts";
import { PatienceError, createPatience } from "../../platform/patience.ts";
import type { Patience } from "../../platform/patience.ts";
import { createTokenBucket } from "../../platform/token-bucket.ts";
import { ALWAYS_WANTED } from "../../platform/wanted.ts";
import type { IsWanted } from "../../platform/wanted.ts";

export interface SchedulerOptions {
  /** Calls that run at once. */
  readonly concurrency: number;
  /** Calls that start a second; as many may start at once after a quiet second. Left out: no limit. */
  readonly perSecond?: number | undefined;
  /** Calls that wait, in all lanes together. */
  readonly queueLimit: number;
  /** Default: the service never asks for any. */
  readonly patience?: Pick<Patience, "leftMs">;
  /** Milliseconds that only ever go forward. */
  readonly now?: () => number;
}

export interface Scheduler {
  /**
   * A lane for one batch. When the signal aborts, which is due at `endsAt` by `now`, the calls waiting in it reject with
   * the signal's reason.
   */
  lane(signal: AbortSignal, endsAt?: number): Lane;
  /** Starts nothing for this many milliseconds: it is busy, and did not say for how long. */
  pause(ms: number): void;
  /** Runs at once, or rejects with a QueueFullError unless `hasSpare`. */
  tryRun<T>(work: () => Promise<T>): Promise<T>;
  /** Nothing waits, and less than half of the concurrency and of a second's calls is in use. */
  readonly hasSpare: boolean;
  readonly waiting: number;
  readonly working: number;
  /** The calls that may start at once; none where there is no limit. */
  budgets(): readonly KnownBudget[];
}

export interface Lane {
  /**
   * Queues the work. Rejects with a QueueFullError where the queue is full, with a PatienceError where the service asked,
   * before or meanwhile, for patience beyond the lane's deadline; with an UnwantedError where nobody waits for it when it is
   * its turn; otherwise as `work` does.
   */
  run<T>(work: () => Promise<T>, isWanted?: IsWanted): Promise<T>;
  /** Throws the PatienceError that `run` would reject with. */
  requireInTime(): void;
}

export class QueueFullError extends Error {
  override readonly name = "QueueFullError";
}

/** Nobody waits for the answer any more, and nobody has asked for it. */
export class UnwantedError extends Error {
  override readonly name = "UnwantedError";
}

/** The service has one limit for all its paths. */
export const ANY_PATH = "/";

type Waiting = {
  readonly start: () => void;
  readonly refuse: (reason: unknown) => void;
  readonly isWanted: IsWanted;
};
interface Queue {
  readonly calls: Waiting[];
  readonly endsAt: number;
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { concurrency, perSecond, queueLimit, now = monotonic, patience = createPatience({ now }) } = options;
  /** Lanes with waiting calls; the first is served next. */
  const round: Queue[] = [];
  const capacity = Math.max(1, perSecond ?? 1);
  const bucket = perSecond === undefined ? undefined : createTokenBucket({ capacity, perSecond, now });
  let waiting = 0;
  let working = 0;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  return {
    lane,
    pause: (ms) => {
      pausedUntil = Math.max(pausedUntil, now() + ms);
    },
    tryRun: async (work) => {
      if (!hasSpare()) throw new QueueFullError("no capacity to spare");
      bucket?.take();
      working += 1;
      return Promise.try(work).finally(finish);
    },
    get hasSpare() {
      return hasSpare();
    },
    get waiting() {
      return waiting;
    },
    get working() {
      return working;
    },
    budgets() {
      if (!bucket || perSecond === undefined) return [];
      const { available: left } = bucket;
      const fullInMs = ((capacity - left) / perSecond) * 1000;
      const known = { name: "requests", left: Math.floor(left), total: Math.floor(capacity), fullInMs };
      return [{ ...known, agoMs: 0, isOfProcess: true }];
    },
  };

  function lane(signal: AbortSignal, endsAt = Number.POSITIVE_INFINITY): Lane {
    const queue: Queue = { calls: [], endsAt };
    // One listener a lane: one for each of a thousand waiting calls would be too many.
    signal.addEventListener("abort", () => close(queue, signal.reason), { once: true });
    return {
      requireInTime: () => {
        if (isLate(queue)) throw tooEarly();
      },
      run: (work, isWanted = ALWAYS_WANTED) =>
        new Promise((resolve, reject) => {
          if (signal.aborted) return reject(signal.reason);
          if (isLate(queue)) return reject(tooEarly());
          if (waiting >= queueLimit) return reject(new QueueFullError(`${queueLimit} calls are waiting already`));
          // `try`: synchronous work that throws must free its place too.
          const start = (): void => void Promise.try(work).then(resolve, reject).finally(finish);
          if (queue.calls.length === 0) round.push(queue);
          queue.calls.push({ start, refuse: reject, isWanted });
          waiting += 1;
          serve();
        }),
    };
  }

  function serve(): void {
    while (working < concurrency) {
      const pauseMs = leftMs();
      if (pauseMs > 0) round.filter(isLate).forEach((queue) => close(queue, tooEarly()));
      const queue = round[0];
      if (!queue) return;
      leaveOutUnwanted(queue);
      if (queue.calls.length === 0) {
        round.shift();
        continue;
      }
      const waitMs = pauseMs > 0 ? pauseMs : (bucket?.take() ?? 0);
      if (waitMs > 0) return serveAfter(waitMs);
      round.shift();
      const next = queue.calls.shift();
      if (queue.calls.length > 0) round.push(queue);
      if (!next) continue;
      waiting -= 1;
      working += 1;
      next.start();
    }
  }

  /** Before they take a token that others need. */
  function leaveOutUnwanted({ calls }: Queue): void {
    for (let next = calls[0]; next?.isWanted() === false; next = calls[0]) {
      calls.shift();
      waiting -= 1;
      next.refuse(new UnwantedError());
    }
  }

  /** Milliseconds in which nothing starts. */
  function leftMs(): number {
    return Math.max(0, patience.leftMs(ANY_PATH), pausedUntil - now());
  }

  /** Whether nothing starts before the lane ends. */
  function isLate({ endsAt }: Queue): boolean {
    const pauseMs = leftMs();
    return pauseMs > 0 && now() + pauseMs >= endsAt;
  }

  function tooEarly(): PatienceError {
    return new PatienceError("opentext", leftMs());
  }

  function hasSpare(): boolean {
    // Half of a second's calls is left after one more.
    const hasTokens = bucket === undefined || bucket.available - 1 >= Math.floor(capacity / 2);
    return waiting === 0 && working < concurrency / 2 && leftMs() === 0 && hasTokens;
  }

  function finish(): void {
    working -= 1;
    serve();
  }

  function serveAfter(ms: number): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      serve();
    }, Math.ceil(ms));
  }

  function close(queue: Queue, reason: unknown): void {
    const index = round.indexOf(queue);
    if (index !== -1) round.splice(index, 1);
    waiting -= queue.calls.length;
    for (const { refuse } of queue.calls.splice(0)) refuse(reason);
    if (round.length === 0) {
      clearTimeout(timer);
      timer = undefined;
    }
  }
}
