/**
 * Which version of each model does the decision service run?
 *
 * A snapshot says, renewed by interval with one list call for all models, so that identifying an ask waits for nothing. A
 * snapshot that could not be renewed for a while expires: all versions are then unknown, which costs calls and never a
 * wrong answer. The price of a snapshot: for up to one interval after a deployment, answers are shared as the old version
 * allowed; and outcomes of a version that was deployed and rolled back between two snapshots count while they are fresh.
 */
import type { Logger } from "pino";
import type { Models } from "./models.ts";

export interface Versions {
  /** Of the last snapshot; undefined where that has expired, or has no such model. */
  readonly running: (model: string) => number | undefined;
  /** Of the last snapshot, even an expired one. */
  readonly last: (model: string) => number | undefined;
  /**
   * When a snapshot first showed the running version, in milliseconds since the epoch. Before that, another version may
   * have run, even where an earlier snapshot showed the same one: a deployment may have been rolled back.
   */
  readonly since: (model: string) => number;
  /** Takes a snapshot now; false where that failed. Never rejects: a failure is logged, and the old snapshot ages. */
  refresh(): Promise<boolean>;
  /** Refreshes now, and then by interval until `stop`. */
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

/** Intervals after which a snapshot expires. */
export const MAX_AGE_INTERVALS = 4;

export function createVersions({ list, models, intervalMs, log, now = Date.now }: VersionsOptions): Versions {
  let snapshot: ReadonlyMap<string, number> = new Map();
  let takenAt = Number.NEGATIVE_INFINITY;
  const runningSince = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let refreshing: Promise<boolean> | undefined;

  return { running, last: (model) => snapshot.get(model), since, refresh, start, stop };

  function running(model: string): number | undefined {
    // A snapshot from the future, after a clock was set back, is of unknown age: it expires like an old one.
    return Math.abs(now() - takenAt) > MAX_AGE_INTERVALS * intervalMs ? undefined : snapshot.get(model);
  }

  function since(model: string): number {
    return runningSince.get(model) ?? Number.NEGATIVE_INFINITY;
  }

  function refresh(): Promise<boolean> {
    refreshing ??= take().finally(() => (refreshing = undefined));
    return refreshing;
  }

  async function take(): Promise<boolean> {
    try {
      const newest = new Map<string, number>();
      for (const { key, version, namespace } of await list()) {
        // The same key in another namespace is another model.
        const expected = models.get(key)?.compiled.table.namespace;
        if (namespace === undefined || expected === namespace) newest.set(key, Math.max(version, newest.get(key) ?? 0));
      }
      reportDrift(newest);
      for (const key of changed(newest)) runningSince.set(key, now());
      snapshot = newest;
      takenAt = now();
      return true;
    } catch (error) {
      log.warn({ err: error }, "versions of decision models not renewed");
      return false;
    }
  }

  /** Does nothing for the first snapshot. */
  function changed(newest: ReadonlyMap<string, number>): readonly string[] {
    if (takenAt === Number.NEGATIVE_INFINITY) return [];
    return [...models.keys()].filter((key) => newest.get(key) !== snapshot.get(key));
  }

  /** Logs once for each change whether the running version differs from that of the local table. */
  function reportDrift(newest: ReadonlyMap<string, number>): void {
    for (const [key, { compiled }] of models) {
      const local = compiled.table.version;
      const running = newest.get(key);
      if (running === snapshot.get(key) && takenAt !== Number.NEGATIVE_INFINITY) continue;
      if (running === local) log.info({ decision: key, version: running }, "decision model matches the local table");
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
