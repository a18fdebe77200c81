/**
 * How is a shared store never worse than none?
 *
 * The memory of this process is in front of it, as large as it would be by itself: what this process has seen is given
 * from there, and the shared store is asked only for the rest. An outcome that is no longer fresh is asked for too, since
 * another process may have a newer one.
 */
import type { Outcome } from "./ask.ts";
import type { Store, StoreEntry } from "../platform/store/store.ts";

export function layeredStore(near: Store<Outcome>, far: Store<Outcome>, now: () => number): Store<Outcome> {
  return {
    async getMany(keys) {
      const found = await near.getMany(keys);
      const open = keys.filter((_key, index) => !isFresh(found[index]));
      if (open.length === 0) return found;
      const shared = await far.getMany(open);
      const byKey = new Map(open.map((key, index) => [key, shared[index]]));
      const learnt = [...byKey].flatMap(([key, value]) => (value && isFresh(value) ? [entryOf(key, value)] : []));
      await near.setMany(learnt);
      return keys.map((key, index) => later(found[index], byKey.get(key)));
    },
    async setMany(entries) {
      await near.setMany(entries);
      await far.setMany(entries);
    },
    close: async () => void (await Promise.all([near.close(), far.close()])),
  };

  function isFresh(outcome: Outcome | undefined): boolean {
    return outcome !== undefined && outcome.expiresAt > now();
  }

  function entryOf(key: string, value: Outcome): StoreEntry<Outcome> {
    return { key, value, ttl: value.expiresAt - now() };
  }
}

function later(one: Outcome | undefined, other: Outcome | undefined): Outcome | undefined {
  if (!one || !other) return one ?? other;
  return other.decidedAt > one.decidedAt ? other : one;
}
