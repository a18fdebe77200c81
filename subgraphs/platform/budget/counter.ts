/**
 * How many calls were counted in a window of time, by all processes?
 *
 * In the memory of this process, and in a Redis that processes share where there is one. While that fails, each process
 * counts its own calls.
 */
import { LRUCache } from "lru-cache";
import { openRedis } from "../store/redis-session.ts";
import type { RedisOptions } from "../store/redis-session.ts";

export interface Counter {
  /** Adds to the count of a window, and gives it and that of the window before. */
  add(window: CountedWindow, by: number): Promise<Counted>;
  close(): Promise<void>;
}

export interface CountedWindow {
  /** What is counted: `megaphone requests …` */
  readonly name: string;
  /** The number of the window since the epoch. */
  readonly index: number;
  readonly windowMs: number;
}

export interface Counted {
  readonly current: number;
  readonly previous: number;
}

/** Of so many names, the last ones that were counted: callers and addresses may be any number. */
const MAX_NAMES = 100_000;

type SharedOptions = Pick<RedisOptions, "url" | "log" | "timeoutMs"> & Partial<Pick<RedisOptions, "namespace">>;

/** Shared in the Redis at `url`; the memory of this process where there is none. */
export function counterAt({
  url,
  ...options
}: Omit<SharedOptions, "url"> & { readonly url: string | undefined }): Counter {
  return url === undefined ? memoryCounter() : redisCounter({ url, ...options });
}

export function memoryCounter(): Counter {
  const counts = new LRUCache<string, Counted & { readonly index: number }>({ max: MAX_NAMES });
  return {
    async add({ name, index }, by) {
      const last = counts.get(name);
      const isSame = last?.index === index;
      const previous = isSame ? last.previous : last?.index === index - 1 ? last.current : 0;
      const counted = { current: Math.max(0, (isSame ? last.current : 0) + by), previous };
      counts.set(name, { ...counted, index });
      return counted;
    },
    close: async () => {},
  };
}

export function redisCounter(options: SharedOptions): Counter {
  const redis = openRedis({ namespace: "decibel:limit", ...options, name: "shared limits" });
  const own = memoryCounter();
  return {
    async add(window, by) {
      const { name, index, windowMs } = window;
      const counted = await own.add(window, by);
      const key = (of: number): string => `{${name}}:${of}`;
      const counter = { key: key(index), other: key(index - 1), by, ttlMs: 2 * windowMs };
      const shared = await redis.attempt("write", 2, (connection) => connection.count(counter));
      if (!shared) return counted;
      const [current, previous] = shared;
      return { current: Math.max(current, counted.current), previous: Math.max(previous, counted.previous) };
    },
    close: () => redis.close(),
  };
}
