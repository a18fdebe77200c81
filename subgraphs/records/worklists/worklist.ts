/**
 * How does a worklist stay up to date, if nobody decides everything for each page?
 *
 * One process at a time sweeps it: everything is considered anew, in batches; what has another question than before is
 * decided, and what has changed is written. It does so by interval, and at once where a change concerns everything; between sweeps it decides what is due by the time, or what a
 * command has changed. Nobody waits for a sweep, so it leaves the upstreams' limits to clients, and it takes at most a tenth
 * of the time. A page reads what is there; only where no sweep has finished for long, or none has ever read everything, as at
 * the first start, it waits for one a while.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { isFresh, monotonic } from "../../platform/clock.ts";
import { databaseError } from "../../platform/database-error.ts";
import { outsideDryRuns } from "../../platform/dry-run.ts";
import { inBackground } from "../../platform/facts/urgency.ts";
import { upstreamErrorIn } from "../../platform/upstream-error.ts";
import type { Sweep, SweepRecords } from "./sweeps.ts";

/** What a subgraph does for its worklist. */
export interface WorklistWork {
  readonly name: string;
  /**
   * Decides everything. Resolves with the time, in milliseconds since the epoch, at which the oldest of what it was decided
   * by was read; undefined where a part could not be read, which keeps its places. Rejects where nothing could.
   */
  sweep(next: Next): Promise<number | undefined>;
  /** Whether something is due before the next sweep. */
  isDue(): Promise<boolean>;
  /** Decides what is due. */
  settle(next: Next): Promise<void>;
  /** When something changed that concerns everything, in milliseconds since the epoch: a new version of the table. */
  changedAt(): number;
}

/** Awaited before each batch. Rejects where this process has to leave the rest. */
export type Next = () => Promise<void>;

export interface WorklistOptions {
  readonly sweeps: SweepRecords;
  /** Between two sweeps. 0: only who needs one sweeps. */
  readonly intervalMs: number;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds that never decrease. */
  readonly elapsed?: () => number;
}

export interface KeptWorklist {
  /** Resolves with the worklist's `asOf` once it can be shown. Rejects where nothing is known, and why. */
  ready(): Promise<Date | null>;
  /** Sweeps if that is due, else decides what is due by the time; leaves it to another process that is at it. */
  catchUp(): Promise<void>;
  /** Begins to catch up, every two seconds. */
  start(): void;
  close(): Promise<void>;
}

const TICK_MS = 2000;
const MINUTE_MS = 60_000;
/** Older than this, a worklist is swept before it is shown. */
const MAX_AGE_MS = 15 * MINUTE_MS;
/** A page waits no longer for a sweep. */
const MAX_WAIT_MS = 10_000;
const POLL_MS = 200;
/** After a sweep that failed, unless the upstream says more. */
const PAUSE_MS = 10_000;
const MAX_PAUSE_MS = 5 * MINUTE_MS;
/** Of the time that a sweep takes: pauses between two of them. */
const PAUSE_FACTOR = 9;
/** How often a long sweep says that it still goes on: several times while it may be held. */
const EXTEND_MS = 5000;

export function createWorklist(work: WorklistWork, options: WorklistOptions): KeptWorklist {
  const { sweeps, intervalMs, log, now, elapsed = monotonic } = options;
  const holder = randomUUID();
  const maxAgeMs = Math.max(MAX_AGE_MS, 2 * intervalMs);
  let running: Promise<boolean> | undefined;
  let ticking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let pausedUntil = 0;
  /** Pages do not try again before: some part cannot be read. */
  let triedUntil = 0;
  /** Whether the last sweep of this process left out a part. */
  let isPartial = false;
  let takenAt = 0;
  let isClosing = false;

  return {
    async ready() {
      const before = await sweeps.last();
      if (isShowable(before)) return before.asOf;
      const isKnown = before.finishedAt !== null;
      // What has failed a moment ago would fail again, and what is known is better than nothing.
      if (isKnown && elapsed() < Math.max(pausedUntil, triedUntil)) return before.asOf;
      await Promise.race([attempt(isKnown), sleep(MAX_WAIT_MS, undefined, { ref: false })]);
      return (await sweeps.last()).asOf;
    },
    catchUp,
    start() {
      if (intervalMs > 0) wait();
    },
    async close() {
      isClosing = true;
      clearTimeout(timer);
      await Promise.allSettled([ticking, running]);
    },
  };

  function isShowable({ asOf, finishedAt }: Sweep): boolean {
    return asOf !== null && finishedAt !== null && isFresh(Number(finishedAt), maxAgeMs, now());
  }

  /** By this process or another one, for somebody who waits: one in the background may stop at what it leaves to others. */
  async function attempt(isKnown: boolean): Promise<void> {
    const until = elapsed() + MAX_WAIT_MS;
    await running?.catch(() => {});
    while (elapsed() < until && !isShowable(await sweeps.last())) {
      if (isClosing) return;
      try {
        if (await once()) {
          triedUntil = elapsed() + PAUSE_MS;
          return;
        }
      } catch (error) {
        if (!isKnown) throw error;
        return;
      }
      await sleep(POLL_MS);
    }
  }

  /** False while another process works on it. Others join it: it belongs to no dry run. */
  function once(): Promise<boolean> {
    running ??= outsideDryRuns(() => sweepOnce().finally(() => (running = undefined)));
    return running;
  }

  async function sweepOnce(): Promise<boolean> {
    const startedAt = now();
    try {
      return await holding(async () => {
        const asOf = await work.sweep(next);
        isPartial = asOf === undefined;
        const oldest = asOf === undefined ? {} : { asOf: new Date(Math.min(asOf, startedAt)) };
        await sweeps.finished({ startedAt: new Date(startedAt), finishedAt: new Date(now()), ...oldest });
      });
    } catch (error) {
      if (error instanceof Interrupted) return false;
      const pauseMs = Math.max(PAUSE_MS, upstreamErrorIn(error)?.retryAfterMs ?? 0);
      pausedUntil = elapsed() + Math.min(MAX_PAUSE_MS, pauseMs);
      log.warn({ err: databaseError(error), worklist: work.name }, "a worklist could not be swept, and stays as it is");
      throw error;
    }
  }

  async function settle(): Promise<void> {
    try {
      await holding(() => work.settle(next));
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  }

  /** False without work while another process holds it. */
  async function holding(doWork: () => Promise<void>): Promise<boolean> {
    if (isClosing || !(await sweeps.take(holder))) return false;
    takenAt = elapsed();
    try {
      await doWork();
    } finally {
      await sweeps.release(holder);
    }
    return true;
  }

  async function next(): Promise<void> {
    if (isClosing) throw new Interrupted();
    if (elapsed() - takenAt < EXTEND_MS) return;
    if (!(await sweeps.take(holder))) throw new Interrupted();
    takenAt = elapsed();
  }

  function wait(): void {
    timer = setTimeout(() => {
      ticking = outsideDryRuns(tick).finally(() => {
        if (!isClosing) wait();
      });
    }, TICK_MS).unref();
  }

  async function tick(): Promise<void> {
    try {
      if (elapsed() < pausedUntil) return;
      await inBackground(catchUp);
    } catch (error) {
      // A failed sweep has said so.
      log.debug({ err: databaseError(error), worklist: work.name }, "a step of a worklist failed and will be repeated");
    }
  }

  async function catchUp(): Promise<void> {
    if (await isSweepDue()) await once();
    else if (!running && (await work.isDue())) await settle();
  }

  async function isSweepDue(): Promise<boolean> {
    const { startedAt, finishedAt } = await sweeps.last();
    if (startedAt === null || finishedAt === null) return true;
    const tookMs = Number(finishedAt) - Number(startedAt);
    // What is left out for the upstream's limits is read as soon as those allow it.
    const restMs = Math.max(isPartial ? Math.min(PAUSE_MS, intervalMs) : intervalMs, PAUSE_FACTOR * tookMs);
    const hasRested = !isFresh(Number(finishedAt), restMs, now());
    return hasRested || work.changedAt() > Number(startedAt);
  }
}

/** After this a question is asked again, whatever was answered. */
const MAX_ANSWER_MS = 60 * MINUTE_MS;

/** Whether what was decided answers this question, so that it need not be asked at each sweep. */
export function isAnswered(
  { question, at }: { readonly question: string | null; readonly at: Date | null },
  asked: string | undefined,
  now: number,
): boolean {
  return asked !== undefined && question === asked && at !== null && isFresh(Number(at), MAX_ANSWER_MS, now);
}

/** Another process goes on, or this one ends. */
class Interrupted extends Error {
  override readonly name = "Interrupted";
}
