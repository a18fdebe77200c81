/**
 * Where are outcomes kept, and what does keeping them cost when that place fails?
 *
 * In this process by default, the least recently used going first; in Redis or Valkey where several processes share
 * them. Either way a batch is one round trip. A store that is slow or gone costs a bounded few milliseconds and a log
 * line, never a decision: after a few failures it is left alone for a moment, and comes back by itself.
 */
import KeyvRedis from "@keyv/redis";
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from "cockatiel";
import { Keyv } from "keyv";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import { z } from "zod";
import type { Outcome } from "./ask.ts";
import type { Metrics } from "./metrics.ts";
import { recovery } from "./service/recovery.ts";

/** Nothing here ever rejects. */
export interface Store {
  /** Aligned with the keys; undefined for what is not there, or not to be had. */
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

/** Outcomes held in memory: about 1 KB each. */
const MOST_IN_MEMORY = 50_000;
/** What a read or a write may hold up a batch, in milliseconds, and what each of its keys adds to that. */
const PATIENCE_MS = 50;
const PATIENCE_PER_KEY_MS = 0.2;
const FAILURES_UNTIL_LEFT_ALONE = 3;
const LEFT_ALONE_MS = 2000;
const DONE = { read: "read", write: "written" } as const;
const NAMESPACE = "decibel:decision";

export function memoryStore(most: number = MOST_IN_MEMORY): Store {
  const outcomes = new LRUCache<string, object>({ max: most });
  const keyv = new Keyv<Outcome>({
    throwOnErrors: true,
    store: {
      get: (key: string) => outcomes.get(key),
      // Keyv passes a time to live as third argument, where the LRU takes options; Keyv itself forgets what is old.
      set: (key: string, value: object) => outcomes.set(key, value),
      delete: (key: string) => outcomes.delete(key),
      clear: () => outcomes.clear(),
    },
  });
  // Outcomes are frozen and stay in this process: turning them into text and back would only cost.
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  return {
    getMany: (keys) => keyv.getMany<Outcome>([...keys]),
    setMany: async (entries) => void (await keyv.setMany([...entries])),
    close: async () => outcomes.clear(),
  };
}

export interface RedisStoreOptions {
  /** `redis://127.0.0.1:6379/0` */
  readonly url: string;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, "cacheFailed"> | undefined;
}

export function redisStore({ url, log, metrics }: RedisStoreOptions): Store {
  let line = openLine(url);
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: recovery(LEFT_ALONE_MS),
    breaker: new ConsecutiveBreaker(FAILURES_UNTIL_LEFT_ALONE),
  });
  breaker.onBreak(() => {
    log.warn({ leftAloneMs: LEFT_ALONE_MS }, "decision cache keeps failing: left alone for a moment");
    // Where a connection stands and nobody answers, each try would add to what waits for ever. One that is still being
    // made is left to it: over a long way, that may take longer than anything here waits.
    if (!line.isConnected()) return;
    line.cut();
    line = openLine(url);
  });
  breaker.onReset(() => log.info("decision cache is back"));

  return {
    getMany: async (keys) => {
      const stored = await attempt("read", keys.length, () => line.keyv.getMany<unknown>([...keys]));
      return keys.map((_key, index) => outcomeOf(stored?.[index]));
    },
    setMany: async (entries) => void (await attempt("write", entries.length, () => line.keyv.setMany([...entries]))),
    close,
  };

  /** A server that says nothing says no goodbye either. */
  async function close(): Promise<void> {
    try {
      await inTime(PATIENCE_MS, line.keyv.disconnect());
    } catch {
      line.cut();
    }
  }

  async function attempt<T>(
    operation: keyof typeof DONE,
    keys: number,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    if (keys === 0) return undefined;
    try {
      return await breaker.execute(() => inTime(PATIENCE_MS + PATIENCE_PER_KEY_MS * keys, work()));
    } catch (error) {
      metrics?.cacheFailed(operation);
      // While it is left alone nothing is tried, so there is nothing to tell either.
      if (breaker.state === CircuitState.Closed) log.warn({ err: error }, `decision cache not ${DONE[operation]}`);
      return undefined;
    }
  }
}

interface Line {
  readonly keyv: Keyv<Outcome>;
  isConnected(): boolean;
  cut(): void;
}

/** Connects when it is used. */
function openLine(url: string): Line {
  const redis = new KeyvRedis<Outcome>(
    {
      url,
      // What cannot be sent now is not worth sending later.
      disableOfflineQueue: true,
      socket: {
        connectTimeout: LEFT_ALONE_MS,
        reconnectStrategy: (attempts: number) => Math.min(LEFT_ALONE_MS, 50 * attempts),
      },
    },
    { throwOnErrors: true, throwOnConnectError: true, connectionTimeout: LEFT_ALONE_MS },
  );
  const keyv = new Keyv<Outcome>({ store: redis, namespace: NAMESPACE, throwOnErrors: true });
  // Each failure is told by the operation that met it; without a listener it would end the process.
  keyv.on("error", () => {});
  redis.on("error", () => {});
  return {
    keyv,
    isConnected: () => "isReady" in redis.client && redis.client.isReady === true,
    cut: () => void (redis.client.isOpen && redis.client.destroy()),
  };
}

/** A process that was busy itself finds the answer waiting for it: it looks once more before it gives up. */
function inTime<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => setImmediate(() => late.reject(new Error(`no answer within ${ms} ms`))), ms);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

/** Others write there too, perhaps another version of this: what does not look like an outcome is none. */
function outcomeOf(stored: unknown): Outcome | undefined {
  const parsed = StoredOutcome.safeParse(stored);
  return parsed.success ? parsed.data : undefined;
}

const StoredOutcome = z.object({
  id: z.string(),
  model: z.object({ key: z.string(), version: z.string() }),
  factsDigest: z.string(),
  rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))).min(1),
  decidedAt: z.number(),
  expiresAt: z.number(),
  origin: z.literal("SERVICE"),
});
