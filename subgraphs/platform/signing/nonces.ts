/**
 * Was this signed request here before?
 *
 * Each has a nonce, which is remembered for as long as its time is accepted: in this process, and in a Redis that the
 * replicas of a subgraph share where there is one. While that fails, each process knows its own. The memory is bounded: where
 * more come than fit, those of the oldest are forgotten, and with them everything of their time is refused.
 */
import type { Logger } from "pino";
import { openRedis } from "../store/redis-session.ts";

export interface Nonces {
  /** Whether it is new. `time` is that of its request, in milliseconds since the epoch. */
  add(nonce: string, time: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface MemoryNoncesOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly max?: number;
}

/** By which the time of a request may differ, both ways. */
export const WINDOW_MS = 30_000;
/** Some 20 MB, for 3,000 requests a second. */
const MAX_NONCES = 200_000;

export function memoryNonces({ now, max = MAX_NONCES }: MemoryNoncesOptions): Nonces {
  /** By nonce: the time of its request. In the order in which they came. */
  const seen = new Map<string, number>();
  let forgottenUntil = 0;
  return {
    async add(nonce, time) {
      for (const [old, at] of seen) {
        if (at >= now() - WINDOW_MS) break;
        seen.delete(old);
      }
      if (time <= forgottenUntil || seen.has(nonce)) return false;
      seen.set(nonce, time);
      const [oldest] = seen;
      if (seen.size > max && oldest) {
        seen.delete(oldest[0]);
        forgottenUntil = Math.max(forgottenUntil, oldest[1]);
      }
      return true;
    },
    close: async () => {},
  };
}

export interface SharedNoncesOptions extends MemoryNoncesOptions {
  readonly url: string;
  readonly log: Logger;
}

export function sharedNonces({ url, log, ...options }: SharedNoncesOptions): Nonces {
  const redis = openRedis({ url, log, name: "nonces of signed requests", namespace: "decibel:nonce" });
  const own = memoryNonces(options);
  return {
    async add(nonce, time) {
      if (!(await own.add(nonce, time))) return false;
      const counter = { key: nonce, other: nonce, by: 1, ttlMs: 2 * WINDOW_MS };
      const counted = await redis.attempt("write", 1, (connection) => connection.count(counter));
      return counted === undefined || counted[0] === 1;
    },
    close: () => redis.close(),
  };
}
