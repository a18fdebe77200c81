/**
 * What does a source still know from a moment ago?
 *
 * The last answers of an upstream that may be asked only a few times a minute. Whoever asks for one that is under way
 * joins it; a failure is forgotten at once; beyond `most` answers the longest unused goes. Answers belong to a group, and
 * a group can be dropped as a whole: what was asked before that, even if it comes in later, is not given to anybody new.
 */

export interface Memory<T> {
  recall(group: string, key: string, load: () => Promise<T>): Promise<T>;
  /** The fresh answers of a group that have come in. */
  known(group: string): readonly T[];
  forget(group: string): void;
}

export interface MemoryOptions {
  /** Milliseconds from the asking. */
  readonly ttlMs: number;
  readonly most: number;
  readonly now: () => number;
}

interface Entry<T> {
  readonly group: string;
  readonly expiresAt: number;
  readonly answer: Promise<T>;
  arrived: readonly T[];
}

export function createMemory<T>({ ttlMs, most, now }: MemoryOptions): Memory<T> {
  /** In the order of their last use. */
  const entries = new Map<string, Entry<T>>();

  return {
    recall(group, key, load) {
      const id = JSON.stringify([group, key]);
      const held = entries.get(id);
      entries.delete(id);
      const entry = held && isFresh(held) ? held : ask(id, group, load);
      entries.set(id, entry);
      const [longestUnused] = entries.keys();
      if (entries.size > most && longestUnused !== undefined) entries.delete(longestUnused);
      return entry.answer;
    },
    known: (group) =>
      [...entries.values()].flatMap((entry) => (entry.group === group && isFresh(entry) ? entry.arrived : [])),
    forget(group) {
      for (const [id, entry] of entries) if (entry.group === group) entries.delete(id);
    },
  };

  function ask(id: string, group: string, load: () => Promise<T>): Entry<T> {
    const entry: Entry<T> = { group, expiresAt: now() + ttlMs, answer: load(), arrived: [] };
    entry.answer.then(
      (value) => (entry.arrived = [value]),
      () => entries.get(id) === entry && entries.delete(id),
    );
    return entry;
  }

  function isFresh(entry: Entry<T>): boolean {
    return now() < entry.expiresAt;
  }
}
