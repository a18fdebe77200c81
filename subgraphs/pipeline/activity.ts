/**
 * What was decided lately?
 *
 * Counts by minute, of the last hour, in this process: what a page shows while it is looked at. What is kept for longer, and
 * by whom it is added up over processes, are metrics (see metrics.ts); both are told of the same.
 */
import type { Origin, Verdict } from "../../schema/verdict.ts";
import type { Metrics } from "./metrics.ts";

export interface Minute {
  /** Its beginning, in milliseconds since the epoch. */
  readonly at: number;
  readonly counts: readonly Count[];
  /** Of the decision service, retries and comparisons included. */
  readonly calls: number;
}

/** Decisions of one kind: with a verdict, or with the code of an error. */
export interface Count {
  readonly model: string;
  readonly verdict: Verdict | null;
  readonly origin: Origin | null;
  readonly code: string | null;
  readonly count: number;
}

export interface Activity extends Pick<Metrics, "answered" | "failed" | "called"> {
  /** The oldest first, without those in which nothing happened. */
  readonly minutes: () => readonly Minute[];
}

interface Noted {
  readonly counts: Map<string, Count>;
  calls: number;
}

const MINUTE_MS = 60_000;
const KEPT = 60;

/** `now` in milliseconds since the epoch. */
export function createActivity(now: () => number): Activity {
  const minutes = new Map<number, Noted>();
  return {
    answered: (model, origin, verdict) => add({ model, origin, verdict, code: null }),
    failed: (model, code) => add({ model, origin: null, verdict: null, code }),
    called: () => void (current().calls += 1),
    minutes: () => {
      forgetOld();
      const noted = [...minutes].toSorted(([one], [other]) => one - other);
      return noted.map(([at, { counts, calls }]) => ({ at, counts: [...counts.values()], calls }));
    },
  };

  function add(kind: Omit<Count, "count">): void {
    const { counts } = current();
    const key = `${kind.model} ${kind.verdict} ${kind.origin} ${kind.code}`;
    counts.set(key, { ...kind, count: 1 + (counts.get(key)?.count ?? 0) });
  }

  function current(): Noted {
    const at = now() - (now() % MINUTE_MS);
    const known = minutes.get(at);
    if (known) return known;
    forgetOld();
    const noted: Noted = { counts: new Map(), calls: 0 };
    minutes.set(at, noted);
    return noted;
  }

  function forgetOld(): void {
    for (const at of minutes.keys()) if (at <= now() - KEPT * MINUTE_MS) minutes.delete(at);
  }
}

/** Metrics that tell the activity too. */
export function noting(activity: Activity, metrics: Metrics): Metrics {
  return {
    ...metrics,
    answered(model, origin, verdict) {
      activity.answered(model, origin, verdict);
      metrics.answered(model, origin, verdict);
    },
    failed(model, code) {
      activity.failed(model, code);
      metrics.failed(model, code);
    },
    called(model, outcome, ms) {
      activity.called(model, outcome, ms);
      metrics.called(model, outcome, ms);
    },
  };
}
