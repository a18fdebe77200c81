/**
 * Whose call to the decision service is next, and when?
 *
 * Every call takes a turn: a bounded number at work at once, no more a second than the service allows, and nobody
 * asked again while the service wants a pause. Turns go round: each batch is a lane, and lanes are served one call at
 * a time, so a batch of one waits for one round, not for a batch of a thousand. What waits is bounded; what does not
 * fit is refused at once, since an answer that comes minutes later helps nobody. A call that nobody waits for takes a
 * turn only where there are plenty: half of them stay free for whoever comes next.
 */

export interface TurnsOptions {
  /** Calls at work at once. */
  readonly concurrency: number;
  /** Calls begun a second; as many may be begun at once after a quiet second. Left out: no limit. */
  readonly perSecond?: number | undefined;
  /** Calls waiting in all lanes. */
  readonly limit: number;
  /** Milliseconds that only ever go forward. */
  readonly now?: () => number;
}

export interface Turns {
  /**
   * A lane for one batch, closed by the signal at the given time of `now`: what still waits in it then rejects with the
   * signal's reason.
   */
  lane(signal: AbortSignal, endsAt?: number): Lane;
  /** Begins nothing for this long. */
  pause(ms: number): void;
  /** Works at once, or rejects with a QueueFullError where no turn is to spare. */
  spare<T>(work: () => Promise<T>): Promise<T>;
  /** Nobody waits, and neither half of the turns nor half of a second's calls are taken. */
  readonly hasSpare: boolean;
  readonly waiting: number;
  readonly working: number;
}

export interface Lane {
  /**
   * Rejects with a QueueFullError where too many wait already, with a PausedError where the service wants a longer pause
   * than the lane has time for; otherwise as `work` does.
   */
  take<T>(work: () => Promise<T>): Promise<T>;
}

export class QueueFullError extends Error {
  override readonly name = "QueueFullError";
}

export class PausedError extends Error {
  override readonly name = "PausedError";
}

/** A clock that somebody sets neither holds up a turn nor hurries one. */
export function monotonic(): number {
  return performance.now();
}

type Waiting = { readonly begin: () => void; readonly refuse: (reason: unknown) => void };

export function createTurns({ concurrency, perSecond, limit, now = monotonic }: TurnsOptions): Turns {
  /** The lanes somebody waits in; the first is served next. */
  const round: Waiting[][] = [];
  const bucket = perSecond === undefined ? undefined : createBucket(perSecond, now);
  let waiting = 0;
  let working = 0;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let alarm: NodeJS.Timeout | undefined;

  return {
    lane,
    pause: (ms) => {
      pausedUntil = Math.max(pausedUntil, now() + ms);
    },
    spare: async (work) => {
      if (!hasSpare()) throw new QueueFullError("no turn is to spare");
      bucket?.spend();
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
  };

  function lane(signal: AbortSignal, endsAt = Number.POSITIVE_INFINITY): Lane {
    const queue: Waiting[] = [];
    // One listener a lane: a thousand waiting calls would be a thousand listeners.
    signal.addEventListener("abort", () => close(queue, signal.reason), { once: true });
    return {
      take: (work) =>
        new Promise((resolve, reject) => {
          if (signal.aborted) return reject(signal.reason);
          if (pausedUntil >= endsAt)
            return reject(new PausedError("the service wants a longer pause than there is time"));
          if (waiting >= limit) return reject(new QueueFullError(`${limit} calls are waiting already`));
          // Synchronous work that throws must free its turn like any other.
          const begin = (): void => void Promise.try(work).then(resolve, reject).finally(finish);
          if (queue.length === 0) round.push(queue);
          queue.push({ begin, refuse: reject });
          waiting += 1;
          serve();
        }),
    };
  }

  function serve(): void {
    while (working < concurrency) {
      const queue = round[0];
      if (!queue) return;
      const pauseMs = pausedUntil - now();
      const waitMs = pauseMs > 0 ? pauseMs : (bucket?.spend() ?? 0);
      if (waitMs > 0) return wake(waitMs);
      round.shift();
      const next = queue.shift();
      if (queue.length > 0) round.push(queue);
      if (!next) continue;
      waiting -= 1;
      working += 1;
      next.begin();
    }
  }

  function hasSpare(): boolean {
    return waiting === 0 && working < concurrency / 2 && pausedUntil <= now() && (bucket?.isHalfFull() ?? true);
  }

  function finish(): void {
    working -= 1;
    serve();
  }

  function wake(ms: number): void {
    alarm ??= setTimeout(() => {
      alarm = undefined;
      serve();
    }, Math.ceil(ms));
  }

  function close(queue: Waiting[], reason: unknown): void {
    const place = round.indexOf(queue);
    if (place !== -1) round.splice(place, 1);
    waiting -= queue.length;
    for (const { refuse } of queue.splice(0)) refuse(reason);
    if (round.length === 0) {
      clearTimeout(alarm);
      alarm = undefined;
    }
  }
}

interface Bucket {
  /** Takes a call and gives 0, or takes none and gives the milliseconds until there is one. */
  spend(): number;
  /** Half of what it can hold would be left after one more call. */
  isHalfFull(): boolean;
}

/** Holds a second's worth of calls. */
function createBucket(perSecond: number, now: () => number): Bucket {
  const capacity = Math.max(1, perSecond);
  let tokens = capacity;
  let filledAt = now();
  const fill = (): void => {
    const at = now();
    tokens = Math.min(capacity, tokens + ((at - filledAt) / 1000) * perSecond);
    filledAt = at;
  };
  return {
    isHalfFull() {
      fill();
      return tokens - 1 >= Math.floor(capacity / 2);
    },
    spend() {
      fill();
      if (tokens < 1) return ((1 - tokens) / perSecond) * 1000;
      tokens -= 1;
      return 0;
    },
  };
}
