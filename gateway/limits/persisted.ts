/**
 * Which documents have clients sent before, to name them by their hash from now on?
 *
 * Automatic persisted queries, by Apollo's protocol: the memory of this process, and a Redis that processes share where there
 * is one. Only valid documents are kept, up to a size, and a caller who keeps sending new ones has them executed, but not
 * kept: nobody can drive out those of others.
 */
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import { z } from "zod";
import { monotonic } from "../../subgraphs/platform/clock.ts";
import { redisStore } from "../../subgraphs/platform/store/redis-store.ts";
import { createTokenBucket } from "../../subgraphs/platform/token-bucket.ts";
import type { TokenBucket } from "../../subgraphs/platform/token-bucket.ts";

export interface PersistedDocuments {
  /** undefined for one that nobody has sent, or that is kept no longer. */
  find(hash: string): Promise<string | undefined>;
  /** `caller`: whose allowance it counts for. The document is valid, and its hash is right. */
  keep(hash: string, text: string, caller: string): Promise<void>;
  close(): Promise<void>;
}

export interface PersistedOptions {
  readonly cacheUrl: string | undefined;
  readonly log: Logger;
  /** Milliseconds that never decrease. */
  readonly now?: () => number;
}

const MAX_DOCUMENTS = 2000;
/** Characters of all that this process keeps. */
const MAX_SIZE = 2_000_000;
/** Characters of one. */
export const MAX_PERSISTED = 32_768;
/** New ones that one caller may send at once; as many are allowed again after an hour. */
export const NEW_BY_HOUR = 300;
const MAX_CALLERS = 10_000;
const DAY_MS = 86_400_000;

const Stored = z.object({ text: z.string() });

export function createPersistedDocuments({ cacheUrl, log, now = monotonic }: PersistedOptions): PersistedDocuments {
  const near = new LRUCache<string, string>({
    max: MAX_DOCUMENTS,
    maxSize: MAX_SIZE,
    sizeCalculation: (text) => text.length,
  });
  const allowances = new LRUCache<string, TokenBucket>({ max: MAX_CALLERS });
  const far =
    cacheUrl === undefined
      ? undefined
      : redisStore({ url: cacheUrl, name: "persisted documents", namespace: "decibel:document", schema: Stored, log });
  return {
    async find(hash) {
      const known = near.get(hash);
      if (known !== undefined || !far) return known;
      const [stored] = await far.getMany([hash]);
      if (stored) near.set(hash, stored.text);
      return stored?.text;
    },
    async keep(hash, text, caller) {
      if (near.has(hash) || text.length > MAX_PERSISTED || !isAllowed(caller)) return;
      near.set(hash, text);
      await far?.setMany([{ key: hash, value: { text }, ttl: DAY_MS }]);
    },
    close: async () => far?.close(),
  };

  function isAllowed(caller: string): boolean {
    let allowance = allowances.get(caller);
    if (!allowance) {
      allowance = createTokenBucket({ capacity: NEW_BY_HOUR, perSecond: NEW_BY_HOUR / 3600, now });
      allowances.set(caller, allowance);
    }
    return allowance.take() === 0;
  }
}
