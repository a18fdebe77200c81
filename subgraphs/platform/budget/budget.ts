/**
 * How do all processes together stay within the limits of an upstream's account?
 *
 * They count what they send. The count of the window before slides out as time passes, as it does in the upstreams' own
 * windows. A call that somebody waits for may use the whole limit; what is read in the background only half of it, so that
 * near the limit facts get older instead of failing. Beyond it nothing is sent, and whoever asks learns when to come back.
 * What the upstream itself says is left counts more than what was counted.
 */
import { isInBackground } from "../facts/urgency.ts";
import { UpstreamError } from "../upstream-error.ts";
import type { Counted, CountedWindow, Counter } from "./counter.ts";

export interface Budget {
  /** Counts a call of this path and gives 0; or counts none, and gives the milliseconds until it may be sent. */
  take(path: string): Promise<number>;
  /** What a response says of the limit. */
  answered(path: string, headers: Headers): void;
  /** What is left of each limit, as far as this process knows; it asks nobody. */
  known(): readonly KnownBudget[];
}

export interface KnownBudget {
  /** Of the limit: `requests`. */
  readonly name: string;
  readonly left: number;
  readonly total: number;
  /** Milliseconds until all of it is left, if nothing else is sent; 0 if it is. */
  readonly fullInMs: number;
  /** Milliseconds since this was learnt; undefined where nothing was sent yet. */
  readonly agoMs: number | undefined;
  /** It limits this process alone, and others have as much. */
  readonly isOfProcess: boolean;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface Limit {
  readonly requests: number;
  readonly windowMs: number;
}

/** Makes the budget of an account by its upstream's limits. */
export type BudgetOf = (limits: BudgetOptions["limits"], limitOf?: BudgetOptions["limitOf"]) => Budget;

/** Nothing was sent. Otherwise like the answer that the upstream would have given. */
export class BudgetError extends UpstreamError {
  constructor(
    upstream: string,
    leftMs: number,
    state = `its limit is used up for another ${Math.ceil(leftMs / 1000)} s`,
  ) {
    super(upstream, "STATUS", state, { status: 429, retryAfterMs: leftMs });
  }
}

export interface BudgetOptions {
  /** Whose limits: `megaphone`, and its account. */
  readonly name: string;
  /** By name. What the upstream says is left counts instead, if it says so. */
  readonly limits: Readonly<Record<string, Limit>>;
  /** The name of the limit that a path counts for. Default: the first. */
  readonly limitOf?: ((path: string) => string) | undefined;
  readonly counter: Counter;
  /** Milliseconds since the epoch: processes share windows by it. */
  readonly now: () => number;
}

/** What the upstream said itself. */
interface Stated {
  readonly at: number;
  readonly until: number;
  /** Of its own window, which may be shorter than that of the limit; undefined if it does not say. */
  readonly total: number | undefined;
  left: number;
}

/** As it was counted last. */
interface LastCount extends Counted {
  readonly at: number;
  /** Of its window. */
  readonly index: number;
}

/** Of the limit, for what nobody waits for. */
const BACKGROUND_SHARE = 0.5;

export function createBudget({ name, limits, counter, now, ...options }: BudgetOptions): Budget {
  const [first = ""] = Object.keys(limits);
  const { limitOf = () => first } = options;
  const stated = new Map<string, Stated>();
  const lastCounts = new Map<string, LastCount>();

  return {
    async take(path) {
      const limit = limitOf(path);
      const declared = limits[limit];
      if (!declared) return 0;
      const { requests, windowMs } = declared;
      const at = now();
      const share = isInBackground() ? 1 - BACKGROUND_SHARE : 0;
      const reserved = requests * share;
      const said = statedAt(limit, at, windowMs);
      if (said && said.left <= (said.total ?? requests) * share) return said.until - at;
      if (said) said.left -= 1;
      const window = { name: `${name} ${limit}`, index: Math.floor(at / windowMs), windowMs };
      const { current, previous } = await counted(limit, window, 1, at);
      const passed = at / windowMs - window.index;
      if (said || current + previous * (1 - passed) <= requests - reserved) return 0;
      await counted(limit, window, -1, at);
      return Math.max(1, Math.ceil(windowMs * waitFor(requests - reserved, { current, previous, passed })));
    },

    answered(path, headers) {
      const limit = limitOf(path);
      const { windowMs } = limits[limit] ?? {};
      const left = numberIn(headers, "x-ratelimit-remaining");
      const total = numberIn(headers, "x-ratelimit-limit");
      const resetMs = (numberIn(headers, "x-ratelimit-reset") ?? Number.NaN) * 1000;
      if (windowMs === undefined) return;
      // Only seconds from now are understood; a date is not.
      if (left === undefined || !(resetMs >= 0 && resetMs <= windowMs)) return;
      const at = now();
      const earlier = statedAt(limit, at, windowMs);
      // Responses overtake each other: of one window the lowest counts.
      if (earlier && Math.abs(earlier.until - (at + resetMs)) < 1500) earlier.left = Math.min(earlier.left, left);
      else stated.set(limit, { at, until: at + resetMs, total, left });
    },

    known() {
      const at = now();
      return Object.entries(limits).map(([limit, { requests, windowMs }]) => {
        const said = statedAt(limit, at, windowMs);
        const count = lastCounts.get(limit);
        return said
          ? knownOf(limit, said.left, said.total ?? requests, said.until - at, at - said.at)
          : knownOf(limit, ...countedAt(count, { requests, windowMs }, at), count && at - count.at);
      });
    },
  };

  async function counted(limit: string, window: CountedWindow, by: number, at: number): Promise<Counted> {
    const count = await counter.add(window, by);
    lastCounts.set(limit, { ...count, at, index: window.index });
    return count;
  }

  /** A clock that was set back must not prolong it. */
  function statedAt(limit: string, at: number, windowMs: number): Stated | undefined {
    const said = stated.get(limit);
    return said && said.until > at && said.until - at <= windowMs ? said : undefined;
  }
}

/** What is left of a limit, of how many, and when it is full again, by what was counted last. */
function countedAt(
  count: LastCount | undefined,
  { requests, windowMs }: Limit,
  at: number,
): [left: number, total: number, fullInMs: number] {
  const index = Math.floor(at / windowMs);
  const current = count?.index === index ? count.current : 0;
  const previous = count?.index === index ? count.previous : count?.index === index - 1 ? count.current : 0;
  const left = requests - current - previous * (1 - (at / windowMs - index));
  const windows = current > 0 ? 2 : previous > 0 ? 1 : 0;
  return [left, requests, windows === 0 ? 0 : (index + windows) * windowMs - at];
}

function knownOf(name: string, left: number, total: number, fullInMs: number, agoMs: number | undefined): KnownBudget {
  return { name, left: Math.max(0, Math.floor(left)), total, fullInMs, agoMs, isOfProcess: false };
}

/** The part of a window until one more call is within the limit. */
function waitFor(
  requests: number,
  { current, previous, passed }: { readonly current: number; readonly previous: number; readonly passed: number },
): number {
  const untilNext = 1 - passed;
  if (previous === 0 || current > requests) return untilNext;
  return Math.min(untilNext, 1 - (requests - current) / previous - passed);
}

function numberIn(headers: Headers, name: string): number | undefined {
  const text = headers[name];
  return typeof text === "string" && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}
