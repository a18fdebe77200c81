/**
 * Where are outcomes kept?
 *
 * In the memory of this process, with a Redis behind it that shares them where there is one (layered-store.ts).
 */
import type { Logger } from "pino";
import { z } from "zod";
import { Verdict } from "../../schema/verdict.ts";
import { redisStore } from "../platform/store/redis-store.ts";
import { memoryStore } from "../platform/store/store.ts";
import type { Store } from "../platform/store/store.ts";
import type { Outcome } from "./ask.ts";
import { layeredStore } from "./layered-store.ts";
import type { Metrics } from "./metrics.ts";

export interface OutcomeStoreOptions {
  /** Of a Redis; undefined for the memory of this process alone. */
  readonly cacheUrl: string | undefined;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, "cacheFailed"> | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** About 1 KB each. */
const MAX_OUTCOMES = 50_000;

export const StoredOutcome: z.ZodType<Outcome> = z.object({
  id: z.string(),
  model: z.object({ key: z.string(), version: z.string() }),
  factsDigest: z.string(),
  rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))).min(1),
  verdict: z.enum(Verdict),
  decidedAt: z.number(),
  expiresAt: z.number(),
  origin: z.literal("SERVICE"),
});

export function outcomeStore({ cacheUrl, log, metrics, now }: OutcomeStoreOptions): Store<Outcome> {
  const near = memoryStore<Outcome>(MAX_OUTCOMES);
  if (cacheUrl === undefined) return near;
  return layeredStore(near, sharedOutcomes(cacheUrl, log, metrics), now);
}

export function sharedOutcomes(url: string, log: Logger, metrics?: Pick<Metrics, "cacheFailed">): Store<Outcome> {
  const failed = metrics && ((operation: "read" | "write"): void => metrics.cacheFailed(operation));
  return redisStore({ url, name: "decision cache", namespace: "decibel:decision", schema: StoredOutcome, log, failed });
}
