/**
 * Which API key has this digest, now?
 *
 * A process keeps the keys that it found for a few seconds, and forgets them at once when any process revokes one. While it
 * may miss that, it keeps none and reads each time. What is not found is not kept: a key is good as soon as it is issued.
 */
import type { Logger } from "pino";
import { LRUCache } from "lru-cache";
import type { ApiKey, FindApiKey } from "../../platform/api-key.ts";
import { isFresh } from "../../platform/clock.ts";
import type { Database } from "../database/database.ts";
import { hear } from "../database/hearing.ts";
import { KEYS_REVOKED, keyRecords } from "./store.ts";
import type { KeyRecord } from "./types.ts";

export interface KeyLookup {
  readonly find: FindApiKey;
  close(): Promise<void>;
}

export interface KeyLookupOptions {
  readonly database: Database;
  readonly log: Logger;
  /** Milliseconds that never decrease. */
  readonly elapsed: () => number;
}

interface Kept {
  readonly key: ApiKey;
  readonly readAt: number;
}

/** The bound where a host vanishes without a word. */
const KEPT_MS = 10_000;
const MAX_KEPT = 1000;

export async function openKeyLookup({ database, log, elapsed }: KeyLookupOptions): Promise<KeyLookup> {
  const records = keyRecords(database.db);
  const kept = new LRUCache<string, Kept>({ max: MAX_KEPT });
  const reading = new Map<string, Promise<ApiKey | undefined>>();
  const forget = (): void => {
    kept.clear();
    reading.clear();
  };
  const hearing = await hear(database, {
    channel: KEYS_REVOKED,
    heard: forget,
    missed: forget,
    without: "this process reads API keys for each request",
    log,
  });

  return {
    async find(digest) {
      const known = hearing.hears() ? kept.get(digest) : undefined;
      if (known && isFresh(known.readAt, KEPT_MS, elapsed())) return known.key;
      const running = reading.get(digest) ?? read(digest);
      reading.set(digest, running);
      return running;
    },
    close: () => hearing.close(),
  };

  /** Nobody joins a read that began before a key was revoked, and what it finds is not kept. */
  function read(digest: string): Promise<ApiKey | undefined> {
    const readAt = elapsed();
    const running: Promise<ApiKey | undefined> = records
      .byDigest(digest)
      .then((record) => {
        const key = record && keyOf(record);
        if (key && reading.get(digest) === running && hearing.hears()) kept.set(digest, { key, readAt });
        return key;
      })
      .finally(() => {
        if (reading.get(digest) === running) reading.delete(digest);
      });
    return running;
  }
}

function keyOf({ id, scopes, accounts, expiresAt, revokedAt }: KeyRecord): ApiKey | undefined {
  if (revokedAt !== null) return undefined;
  return { id, scopes, accounts: accounts ?? undefined, expiresAt: expiresAt?.getTime() };
}
