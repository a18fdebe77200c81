/**
 * Which version of each model does the decision service run?
 *
 * A snapshot says, renewed by interval with one list call for all models, so that identifying an ask waits for nothing. A
 * snapshot that could not be renewed for a while expires: all versions are then unknown, which costs calls and never a
 * wrong answer. The price of a snapshot: for up to one interval after a deployment, answers are shared as the old version
 * allowed; and outcomes of a version that was deployed and rolled back between two snapshots count while they are fresh.
 */
import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import { MAX_CLOCK_DIFFERENCE_MS, isFresh, monotonic } from "../platform/clock.ts";
import { deployedOf } from "./deployed.ts";
import type { Deployed, ListedModel } from "./deployed.ts";
import type { RefusedAccounts } from "../platform/refused-accounts.ts";
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
  /** Refreshes now, and then by interval until `stop`. Resolves after some seconds even if the list takes longer. */
  start(): Promise<void>;
  stop(): void;
}

export interface VersionsOptions {
  readonly list: () => Promise<readonly ListedModel[]>;
  readonly models: Models;
  /** Whose models count where several namespaces have a key: its name or id. Default: that of each table. */
  readonly namespace?: string | undefined;
  readonly intervalMs: number;
  readonly log: Logger;
  readonly accounts?: RefusedAccounts | undefined;
  /** Told of each model whose running version is another than before. Default: nobody is. */
  readonly changed?: ((model: string) => void) | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Milliseconds that never decrease. Default: `now`, if that is given. */
  readonly elapsed?: (() => number) | undefined;
}

/** A start waits no longer for the first snapshot: until it is there, every set of facts is asked. */
const MAX_START_MS = 10_000;
/** Intervals after which a snapshot expires. */
export const MAX_AGE_INTERVALS = 4;

export function createVersions(options: VersionsOptions): Versions {
  const {
    list,
    models,
    namespace,
    intervalMs,
    log,
    accounts,
    now = Date.now,
    elapsed = options.now ?? monotonic,
  } = options;
  let snapshot: ReadonlyMap<string, Deployed> = new Map();
  let takenAt = Number.NEGATIVE_INFINITY;
  const runningSince = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let refreshing: Promise<boolean> | undefined;

  return { running, last, since, refresh, start, stop };

  function running(model: string): number | undefined {
    return isFresh(takenAt, MAX_AGE_INTERVALS * intervalMs, elapsed()) ? last(model) : undefined;
  }

  function last(model: string): number | undefined {
    return versionOf(snapshot.get(model));
  }

  function since(model: string): number {
    const since = runningSince.get(model) ?? Number.NEGATIVE_INFINITY;
    if (since <= now() + MAX_CLOCK_DIFFERENCE_MS) return since;
    // The clock was set back: the version has run for some time, but nothing tells since when.
    const from = now();
    runningSince.set(model, from);
    return from;
  }

  function refresh(): Promise<boolean> {
    refreshing ??= take().finally(() => (refreshing = undefined));
    return refreshing;
  }

  async function take(): Promise<boolean> {
    try {
      const listed = await list();
      const newest = new Map(
        Array.from(models, ([key, { compiled }]) => [key, deployedOf(compiled.table, listed, namespace)] as const),
      );
      report(newest);
      const others = changed(newest);
      for (const key of others) runningSince.set(key, now());
      snapshot = newest;
      takenAt = elapsed();
      for (const key of others) options.changed?.(key);
      return true;
    } catch (error) {
      accounts?.tell(log, error);
      log.warn({ err: error }, "versions of decision models not renewed");
      return false;
    }
  }

  /** Does nothing for the first snapshot. */
  function changed(newest: ReadonlyMap<string, Deployed>): readonly string[] {
    if (takenAt === Number.NEGATIVE_INFINITY) return [];
    return [...models.keys()].filter((key) => versionOf(newest.get(key)) !== last(key));
  }

  /** Logs once for each change. */
  function report(newest: ReadonlyMap<string, Deployed>): void {
    for (const [key, deployed] of newest) {
      if (isDeepStrictEqual(deployed, snapshot.get(key))) continue;
      if (deployed.state === "running")
        log.info({ decision: key, version: deployed.version }, "decision model is deployed");
      else
        log.warn(
          { decision: key, ...(deployed.state !== "not deployed" && { seen: deployed.seen }) },
          UNKNOWN[deployed.state],
        );
    }
  }

  async function start(): Promise<void> {
    timer ??= setInterval(() => void refresh(), intervalMs).unref();
    const late = Promise.withResolvers<void>();
    const waiting = setTimeout(() => {
      log.warn({ waitedMs: MAX_START_MS }, "versions of decision models are still being listed: starting without them");
      late.resolve();
    }, MAX_START_MS);
    await Promise.race([refresh(), late.promise]);
    clearTimeout(waiting);
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }
}

/** Why a running version is unknown. */
const UNKNOWN: Readonly<Record<Exclude<Deployed["state"], "running">, string>> = {
  "not deployed": "decision model is not deployed: equivalence is off",
  ambiguous: "decision model is in several namespaces, set OPENTEXT_NAMESPACE to one of them: equivalence is off",
  malformed: "decision model is listed without a version that can be read: equivalence is off",
};

function versionOf(deployed: Deployed | undefined): number | undefined {
  return deployed?.state === "running" ? deployed.version : undefined;
}
