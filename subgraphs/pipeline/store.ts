/**
 * Where are outcomes kept?
 *
 * In this process by default, where the least recently used is dropped first; redis-store.ts shares them between
 * processes. A store never fails a decision: what it cannot give is a miss, and costs a bounded time.
 */
import { Keyv } from "keyv";
import { LRUCache } from "lru-cache";
import type { Outcome } from "./ask.ts";

/** Never rejects. */
export interface Store {
  /** Aligned with the keys; undefined for a miss, and where the store failed. */
  getMany(keys: readonly string[]): Promise<readonly (Outcome | undefined)[]>;
  setMany(entries: readonly StoreEntry[]): Promise<void>;
  close(): Promise<void>;
}

export interface StoreEntry {
  readonly key: string;
  readonly value: Outcome;
  /** Milliseconds. */
  readonly ttl: number;
}

/** About 1 KB each. */
const MAX_OUTCOMES = 50_000;

export function memoryStore(max: number = MAX_OUTCOMES): Store {
  const outcomes = new LRUCache<string, object>({ max });
  const keyv = new Keyv<Outcome>({
    throwOnErrors: true,
    store: {
      get: (key: string) => outcomes.get(key),
      // Without Keyv's third argument, a time to live: the LRU takes options there, and Keyv drops expired entries itself.
      set: (key: string, value: object) => outcomes.set(key, value),
      delete: (key: string) => outcomes.delete(key),
      clear: () => outcomes.clear(),
    },
  });
  // Outcomes are frozen and stay in this process: serialising them would be wasted work.
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  return {
    getMany: (keys) => keyv.getMany<Outcome>([...keys]),
    setMany: async (entries) => void (await keyv.setMany([...entries])),
    close: async () => outcomes.clear(),
  };
}
