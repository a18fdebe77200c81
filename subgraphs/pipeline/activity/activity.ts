/**
 * What is decided lately, and how do the upstreams stand, in all processes together?
 *
 * This process knows itself, and reads what the others told (shared-minutes.ts). Counts are added up. Circuits, and calls that
 * wait or run, are those of processes that told them within a minute: one that has ended does not count for ever.
 */
import type { SharedMinutes, ToldMinute } from "../../platform/store/shared-minutes.ts";
import type { Minute } from "./decided.ts";
import type { Here } from "./here.ts";
import type { Count, Note, ProcessNotes, Standing } from "./note.ts";
import { upstreamsOf } from "./upstreams.ts";
import type { UpstreamStanding } from "./upstreams.ts";

export interface Activity {
  /** The oldest first, without those in which nothing happened. */
  readonly minutes: readonly Minute[];
  readonly circuits: readonly Circuit[];
  readonly waiting: number;
  readonly working: number;
  readonly upstreams: readonly UpstreamStanding[];
  /** That it is of: this one, and those that have counted anything in the last hour. */
  readonly processes: number;
  readonly reach: Reach;
}

/** "alone": there is no shared cache. "cut off": it does not answer, and the others are missing. */
export type Reach = "all" | "alone" | "cut off";

export interface Circuit {
  readonly name: string;
  /** The worst of all processes. */
  readonly state: "closed" | "half open" | "open";
  /** In that state. */
  readonly processes: number;
}

export interface ActivityOptions {
  readonly here: Here;
  readonly shared: Pick<SharedMinutes<Note>, "others" | "isShared">;
  /** In this order, also those that were not called. */
  readonly upstreams: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const RECENT_MS = 60_000;
const WORST_FIRST = ["open", "half open", "closed"] as const;

/** Never rejects. */
export function createActivityReader({ here, shared, upstreams, now }: ActivityOptions): () => Promise<Activity> {
  return async () => {
    const told = await shared.others();
    const others = processesOf(told ?? []);
    const all: readonly ProcessNotes[] = [{ minutes: here.minutes(), standing: here.standing() }, ...others];
    const standings = all.map(({ standing }) => standing).filter(({ at }) => at > now() - RECENT_MS);
    return {
      minutes: minutesOf(all),
      circuits: circuitsOf(standings),
      waiting: total(standings.map(({ waiting }) => waiting)),
      working: total(standings.map(({ working }) => working)),
      upstreams: upstreamsOf(upstreams, all, standings, now()),
      processes: all.length,
      reach: told === undefined ? "cut off" : shared.isShared ? "all" : "alone",
    };
  };
}

function processesOf(told: readonly ToldMinute<Note>[]): readonly ProcessNotes[] {
  return Map.groupBy(told, ({ process }) => process)
    .values()
    .map((notes) => ({
      minutes: new Map(notes.map(({ at, note }) => [at, note.minute])),
      standing: latest(notes.map(({ note }) => note.standing)),
    }))
    .toArray();
}

function latest(standings: readonly Standing[]): Standing {
  return standings.reduce((one, other) => (other.at > one.at ? other : one));
}

function minutesOf(processes: readonly ProcessNotes[]): readonly Minute[] {
  const entries = processes.flatMap(({ minutes }) => [...minutes]);
  const decided = entries.filter(([, { counts, calls }]) => counts.length > 0 || calls > 0);
  return Array.from(
    Map.groupBy(decided, ([at]) => at),
    ([at, notes]) => ({
      at,
      calls: total(notes.map(([, { calls }]) => calls)),
      counts: added(notes.flatMap(([, { counts }]) => counts)),
    }),
  ).toSorted((one, other) => one.at - other.at);
}

function added(counts: readonly Count[]): readonly Count[] {
  const kinds = Map.groupBy(counts, ({ model, verdict, origin, code }) => `${model} ${verdict} ${origin} ${code}`);
  return [...kinds.values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, count: total([first, ...others].map(({ count }) => count)) }] : [],
  );
}

function circuitsOf(standings: readonly Standing[]): readonly Circuit[] {
  const circuits = Map.groupBy(
    standings.flatMap((standing) => Object.entries(standing.circuits)),
    ([name]) => name,
  );
  return Array.from(circuits, ([name, states]) => {
    const state = WORST_FIRST.find((one) => states.some(([, given]) => given === one)) ?? "closed";
    return { name, state, processes: states.filter(([, given]) => given === state).length };
  });
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
