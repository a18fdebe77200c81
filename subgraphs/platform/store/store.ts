/**
 * Where is kept what was learnt from a service or an upstream?
 *
 * In this process by default, where the least recently used is dropped first; redis-store.ts shares it between
 * processes. A store never fails whoever asks: what it cannot give is a miss, and costs a bounded time.
 */
import { Keyv } from "keyv";
import { createLru } from "../lru.ts";

/** Never rejects. */
export interface Store<Value> {
  /** Aligned with the keys; undefined for a miss, and where the store failed. */
  getMany(keys: readonly string[]): Promise<readonly (Value | undefined)[]>;
  setMany(entries: readonly StoreEntry<Value>[]): Promise<void>;
  close(): Promise<void>;
}

export interface StoreEntry<Value> {
  readonly key: string;
  readonly value: Value;
  /** Milliseconds. */
  readonly ttl: number;
}

/** Values must not be changed: they are given as they were stored. */
export function memoryStore<Value extends object>(max: number): Store<Value> {
  const values = createLru<string, object>(max);
  const keyv = new Keyv<Value>({
    throwOnErrors: true,
    store: {
      get: (key: string) => values.get(key),
      // Without Keyv's third argument, a time to live: the LRU takes options there, and Keyv drops expired entries itself.
      set: (key: string, value: object) => values.set(key, value),
      delete: (key: string) => values.delete(key),
      clear: () => values.clear(),
    },
  });
  // They stay in this process: serialising them would be wasted work.
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  return {
    getMany: (keys) => keyv.getMany<Value>([...keys]),
    setMany: async (entries) => void (await keyv.setMany([...entries])),
    close: async () => values.clear(),
  };
}
