/** What has this process counted, and how does it stand? */
import type { KnownBudget } from "../../platform/budget/budget.ts";
import type { Health } from "../../platform/health/health.ts";
import type { NotesSince } from "../../platform/store/shared-minutes.ts";
import type { States } from "../metrics.ts";
import type { Minute } from "./decided.ts";
import type { MinuteNote, Note, NotedBudget, Standing } from "./note.ts";

export interface HereOptions {
  readonly minutes: () => readonly Minute[];
  readonly states: Pick<States, "scheduler" | "breakers">;
  readonly health: Pick<Health, "minutes" | "budgets">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Here {
  /** By the minute's beginning: those that began at that time or later. */
  minutes(since?: number): ReadonlyMap<number, MinuteNote>;
  standing(): Standing;
  readonly notes: NotesSince<Note>;
}

export function createHere({ minutes, states, health, now }: HereOptions): Here {
  return {
    minutes: minutesHere,
    standing,
    notes: (since) => {
      const current = standing();
      return Array.from(minutesHere(since), ([at, minute]) => [at, { minute, standing: current }] as const);
    },
  };

  function minutesHere(since = Number.NEGATIVE_INFINITY): ReadonlyMap<number, MinuteNote> {
    const decided = new Map(minutes().map((minute) => [minute.at, minute]));
    const called = health.minutes();
    const times = [...new Set([...decided.keys(), ...called.keys()])].filter((at) => at >= since);
    return new Map(
      times.map((at) => {
        const { counts = [], calls = 0 } = decided.get(at) ?? {};
        return [at, { counts: [...counts], calls, upstreams: Object.fromEntries(called.get(at) ?? []) }];
      }),
    );
  }

  function standing(): Standing {
    const { waiting, working } = states.scheduler;
    const budgets = Array.from(health.budgets(), ([upstream, known]) => [upstream, known.map(noted)]);
    return {
      at: now(),
      circuits: Object.fromEntries(states.breakers()),
      waiting,
      working,
      budgets: Object.fromEntries(budgets),
    };
  }

  /** What nothing was sent of yet counts less than what any other process knows. */
  function noted({ name, left, total, fullInMs, agoMs, isOfProcess }: KnownBudget): NotedBudget {
    const fullAt = Math.ceil(now() + fullInMs);
    return { name, left, total, fullAt, knownAt: agoMs === undefined ? 0 : now() - agoMs, isOfProcess };
  }
}
