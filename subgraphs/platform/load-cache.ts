/**
 * How are the reads of a rate-limited upstream cached?
 *
 * For a short time, in memory. Concurrent reads of one key share one load; a failed load is not cached; above `maxEntries`
 * the least recently used entry is evicted. Entries belong to groups. `invalidate` drops a group, with the loads in flight:
 * their results are not given to later reads.
 */
import { isFresh } from "./clock.ts";

export interface LoadCache<T> {
  getOrLoad(group: string, key: string, load: () => Promise<T>): Promise<T>;
  /** The loaded entries of a group that are fresh. */
  loaded(group: string): readonly T[];
  invalidate(group: string): void;
}

export interface LoadCacheOptions {
  /** Milliseconds from the start of the load; a function is called for each load. */
  readonly ttlMs: number | (() => number);
  readonly maxEntries: number;
  /** Milliseconds that never decrease. */
  readonly now: () => number;
}

interface Entry<T> {
  readonly group: string;
  readonly startedAt: number;
  readonly ttlMs: number;
  readonly answer: Promise<T>;
  loaded: readonly T[];
}

export function createLoadCache<T>({ ttlMs, maxEntries, now }: LoadCacheOptions): LoadCache<T> {
  /** Least recently used first. */
  const entries = new Map<string, Entry<T>>();

  return {
    getOrLoad(group, key, load) {
      const id = JSON.stringify([group, key]);
      const cached = entries.get(id);
      entries.delete(id);
      const entry = cached && isCurrent(cached) ? cached : start(id, group, load);
      entries.set(id, entry);
      const [leastRecentlyUsed] = entries.keys();
      if (entries.size > maxEntries && leastRecentlyUsed !== undefined) entries.delete(leastRecentlyUsed);
      return entry.answer;
    },
    loaded: (group) =>
      [...entries.values()].flatMap((entry) => (entry.group === group && isCurrent(entry) ? entry.loaded : [])),
    invalidate(group) {
      for (const [id, entry] of entries) if (entry.group === group) entries.delete(id);
    },
  };

  function start(id: string, group: string, load: () => Promise<T>): Entry<T> {
    const entry: Entry<T> = {
      group,
      startedAt: now(),
      ttlMs: typeof ttlMs === "number" ? ttlMs : ttlMs(),
      answer: load(),
      loaded: [],
    };
    entry.answer.then(
      (value) => (entry.loaded = [value]),
      () => entries.get(id) === entry && entries.delete(id),
    );
    return entry;
  }

  function isCurrent({ startedAt, ttlMs: validFor }: Entry<T>): boolean {
    return isFresh(startedAt, validFor, now());
  }
}
