/**
 * Which version of each model does the decision service run now?
 *
 * A snapshot, renewed by interval with one list call for all models, so that an ask can be identified without
 * waiting for anything. A snapshot nobody could renew for a while is no longer believed: everything that needs to know
 * a version then behaves as if no version were known, which costs calls and never a wrong answer. The price of a
 * snapshot: for up to one interval after a deployment, answers may still be shared as the old version allowed; and what a
 * version decided that came and went between two looks is believed for as long as it is fresh.
 */
import type { Logger } from "pino";
import type { Models } from "./models.ts";

export interface Versions {
  /** The version the service reported last; undefined where it is not known (any more). */
  running(model: string): number | undefined;
  /** The version the service reported last, however long ago. */
  last(model: string): number | undefined;
  /**
   * When it was seen to begin to run, in milliseconds since the epoch. What was decided before that, while the same
   * version was taken to run, may have been decided by the one that ran in between.
   */
  since(model: string): number;
  /** Asks now, and says whether that was answered. Never rejects: a failure is logged, and the snapshot ages. */
  refresh(): Promise<boolean>;
  /** Refreshes at once and then by interval until `stop`. */
  start(): Promise<void>;
  stop(): void;
}

export interface VersionsOptions {
  readonly list: () => Promise<readonly DeployedModel[]>;
  readonly models: Models;
  readonly intervalMs: number;
  readonly log: Logger;
  readonly now?: () => number;
}

interface DeployedModel {
  readonly key: string;
  readonly version: number;
  readonly namespace?: string | undefined;
}

/** Intervals after which a snapshot that could not be renewed is not believed. */
const BELIEVED_INTERVALS = 4;

export function createVersions({ list, models, intervalMs, log, now = Date.now }: VersionsOptions): Versions {
  let snapshot: ReadonlyMap<string, number> = new Map();
  let takenAt = Number.NEGATIVE_INFINITY;
  const begins = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let refreshing: Promise<boolean> | undefined;

  return { running, last: (model) => snapshot.get(model), since, refresh, start, stop };

  function running(model: string): number | undefined {
    // Taken in the future: the clock was set back, and nobody knows how old it is.
    return Math.abs(now() - takenAt) > BELIEVED_INTERVALS * intervalMs ? undefined : snapshot.get(model);
  }

  function since(model: string): number {
    return begins.get(model) ?? Number.NEGATIVE_INFINITY;
  }

  function refresh(): Promise<boolean> {
    refreshing ??= take().finally(() => (refreshing = undefined));
    return refreshing;
  }

  async function take(): Promise<boolean> {
    try {
      const newest = new Map<string, number>();
      for (const { key, version, namespace } of await list()) {
        // Another namespace may have a model of the same key: it is another model.
        const own = models.get(key)?.compiled.table.namespace;
        if (namespace === undefined || own === namespace) newest.set(key, Math.max(version, newest.get(key) ?? 0));
      }
      reportDrift(newest);
      for (const key of changed(newest)) begins.set(key, now());
      snapshot = newest;
      takenAt = now();
      return true;
    } catch (error) {
      log.warn({ err: error }, "versions of decision models not renewed");
      return false;
    }
  }

  /** What ran before this process saw anything is no change. */
  function changed(newest: ReadonlyMap<string, number>): readonly string[] {
    if (takenAt === Number.NEGATIVE_INFINITY) return [];
    return [...models.keys()].filter((key) => newest.get(key) !== snapshot.get(key));
  }

  /** Says once for each change that a model runs in another version than the table here, or is the same again. */
  function reportDrift(newest: ReadonlyMap<string, number>): void {
    for (const [key, { compiled }] of models) {
      const local = compiled.table.version;
      const running = newest.get(key);
      if (running === snapshot.get(key) && takenAt !== Number.NEGATIVE_INFINITY) continue;
      if (running === local) log.info({ decision: key, version: running }, "decision model in step");
      else log.warn({ decision: key, local, running: running ?? null }, "decision model drifted: equivalence is off");
    }
  }

  async function start(): Promise<void> {
    timer ??= setInterval(() => void refresh(), intervalMs).unref();
    await refresh();
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }
}
