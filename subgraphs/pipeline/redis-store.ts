/**
 * How are outcomes shared between processes, and what does it cost while Redis or Valkey fails?
 *
 * A batch is one round trip. A server that is slow or down costs a bounded few milliseconds and a log line, never a
 * decision: after a few failures the circuit opens, and a later operation probes whether the server has recovered.
 */
import KeyvRedis from "@keyv/redis";
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from "cockatiel";
import { Keyv } from "keyv";
import type { Logger } from "pino";
import { z } from "zod";
import { Verdict } from "../../schema/verdict.ts";
import type { Outcome } from "./ask.ts";
import type { Metrics } from "./metrics.ts";
import { recoveryAfter } from "./recovery.ts";
import type { Store } from "./store.ts";

export interface RedisStoreOptions {
  /** `redis://127.0.0.1:6379/0` */
  readonly url: string;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, "cacheFailed"> | undefined;
}

/** How long an operation may hold up a batch, in milliseconds, and what each of its keys adds. */
const TIMEOUT_MS = 50;
const TIMEOUT_PER_KEY_MS = 0.2;
const MAX_FAILURES = 3;
const RECOVERY_MS = 2000;
const NAMESPACE = "decibel:decision";
const DONE = { read: "read", write: "written" } as const;

export function redisStore({ url, log, metrics }: RedisStoreOptions): Store {
  let connection = connect(url);
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: recoveryAfter(RECOVERY_MS),
    breaker: new ConsecutiveBreaker(MAX_FAILURES),
  });
  breaker.onBreak(() => {
    log.warn({ recoveryMs: RECOVERY_MS }, "decision cache keeps failing: circuit opened");
    // A connection that is up but never answers would collect the operations of every probe. One that is still being
    // made is kept: over a long distance that may take longer than any operation waits.
    if (!connection.isConnected()) return;
    connection.destroy();
    connection = connect(url);
  });
  breaker.onReset(() => log.info("decision cache recovered: circuit closed"));

  return {
    getMany: async (keys) => {
      const stored = await attempt("read", keys.length, () => connection.keyv.getMany<unknown>([...keys]));
      return keys.map((_key, index) => parseOutcome(stored?.[index]));
    },
    setMany: async (entries) =>
      void (await attempt("write", entries.length, () => connection.keyv.setMany([...entries]))),
    close,
  };

  async function close(): Promise<void> {
    try {
      await withTimeout(TIMEOUT_MS, connection.keyv.disconnect());
    } catch {
      // A server that does not answer would not answer a QUIT either.
      connection.destroy();
    }
  }

  async function attempt<T>(
    operation: keyof typeof DONE,
    keys: number,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    if (keys === 0) return undefined;
    try {
      return await breaker.execute(() => withTimeout(TIMEOUT_MS + TIMEOUT_PER_KEY_MS * keys, work()));
    } catch (error) {
      metrics?.cacheFailed(operation);
      // While the circuit is open nothing is attempted, so there is nothing to log.
      if (breaker.state === CircuitState.Closed) log.warn({ err: error }, `decision cache not ${DONE[operation]}`);
      return undefined;
    }
  }
}

interface Connection {
  readonly keyv: Keyv<Outcome>;
  isConnected(): boolean;
  destroy(): void;
}

/** Connects on first use. */
function connect(url: string): Connection {
  const redis = new KeyvRedis<Outcome>(
    {
      url,
      // A command that cannot be sent now is useless later.
      disableOfflineQueue: true,
      socket: {
        connectTimeout: RECOVERY_MS,
        reconnectStrategy: (attempts: number) => Math.min(RECOVERY_MS, 50 * attempts),
      },
    },
    { throwOnErrors: true, throwOnConnectError: true, connectionTimeout: RECOVERY_MS },
  );
  const keyv = new Keyv<Outcome>({ store: redis, namespace: NAMESPACE, throwOnErrors: true });
  // The operation that failed logs it; an "error" event without a listener would end the process.
  keyv.on("error", () => {});
  redis.on("error", () => {});
  return {
    keyv,
    isConnected: () => "isReady" in redis.client && redis.client.isReady === true,
    destroy: () => void (redis.client.isOpen && redis.client.destroy()),
  };
}

/** A process that was itself busy may find the answer waiting for it: it looks once more before it gives up. */
function withTimeout<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => setImmediate(() => late.reject(new Error(`no answer within ${ms} ms`))), ms);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

/** Other processes write there too, perhaps another version of this code: an entry that is not a complete outcome is a miss. */
function parseOutcome(stored: unknown): Outcome | undefined {
  const parsed = StoredOutcome.safeParse(stored);
  return parsed.success ? parsed.data : undefined;
}

const StoredOutcome = z.object({
  id: z.string(),
  model: z.object({ key: z.string(), version: z.string() }),
  factsDigest: z.string(),
  rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))).min(1),
  verdict: z.enum(Verdict),
  decidedAt: z.number(),
  expiresAt: z.number(),
  origin: z.literal("SERVICE"),
});
