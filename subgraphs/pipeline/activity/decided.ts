/**
 * What was decided lately in this process?
 *
 * Counts by minute, of the last hour: what a page shows while it is looked at; activity.ts adds them up over processes. What is
 * kept for longer are metrics (see metrics.ts); both are told of the same.
 */
import type { Metrics } from "../metrics.ts";
import type { Count } from "./note.ts";

export interface Minute {
  /** Its beginning, in milliseconds since the epoch. */
  readonly at: number;
  readonly counts: readonly Count[];
  /** Of the decision service, retries and comparisons included. */
  readonly calls: number;
}

export interface Decided extends Pick<Metrics, "answered" | "failed" | "called"> {
  /** The oldest first, without those in which nothing happened. */
  readonly minutes: () => readonly Minute[];
}

interface Noted {
  readonly counts: Map<string, Count>;
  calls: number;
}

const MINUTE_MS = 60_000;
const KEPT = 60;

/** `now` in milliseconds since the epoch; `changed` is told of each. */
export function createDecided(now: () => number, changed: () => void = () => {}): Decided {
  const minutes = new Map<number, Noted>();
  return {
    answered: (model, origin, verdict) => add({ model, origin, verdict, code: null }),
    failed: (model, code) => add({ model, origin: null, verdict: null, code }),
    called: () => {
      current().calls += 1;
      changed();
    },
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
    changed();
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

/** Metrics that are counted here too. */
export function noting(decided: Decided, metrics: Metrics): Metrics {
  return {
    ...metrics,
    answered(model, origin, verdict) {
      decided.answered(model, origin, verdict);
      metrics.answered(model, origin, verdict);
    },
    failed(model, code) {
      decided.failed(model, code);
      metrics.failed(model, code);
    },
    called(model, outcome, ms) {
      decided.called(model, outcome, ms);
      metrics.called(model, outcome, ms);
    },
  };
}
