/**
 * How do processes share facts, so that what one has changed is never brought back by another?
 *
 * Each fact is stored with the epoch of its group, which was read before the upstream was asked. A drop begins a new epoch:
 * facts of an earlier one are no longer given, whenever they were stored, and by whatever clock. The facts of a batch and
 * their epochs are one read. Any drop also begins a new epoch of the kind: a list, of which nobody knows beforehand what it
 * tells, is shared if that is still the same.
 */
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { z } from "zod";
import { decodeValue, encodeValue } from "./encode.ts";
import { redisStore } from "../store/redis-store.ts";
import type { Store } from "../store/store.ts";

export interface SharedFact {
  readonly key: string;
  readonly value: unknown;
  readonly asOf: number;
  readonly epoch: string;
}

export interface SharedFacts {
  /** Both aligned with the keys: undefined for a fact that is not there, or of an earlier epoch. */
  read(
    kind: string,
    keys: readonly string[],
    groups: readonly string[],
  ): Promise<{
    readonly facts: readonly (Omit<SharedFact, "key" | "epoch"> | undefined)[];
    readonly epochs: readonly string[];
  }>;
  write(kind: string, facts: readonly SharedFact[], ttlMs: number): Promise<void>;
  /** `ttlMs` is how long a fact of these groups may be kept. */
  drop(kind: string, groups: readonly string[], ttlMs: number): Promise<void>;
  close(): Promise<void>;
}

/** The group whose epoch is that of its kind: each drop begins a new one. */
export const ANY_GROUP = "";

/** A fact, or the epoch of a group. */
export const StoredFact = z.object({ epoch: z.string(), asOf: z.number(), value: z.string() });
export type StoredFact = z.infer<typeof StoredFact>;

/** Of groups that were never dropped. */
const FIRST_EPOCH = "";
/** How long a read of an upstream may be under way: an epoch is remembered for as long after the last fact. */
const READ_MS = 120_000;

/** In a Redis or Valkey. */
export function sharedFactsAt(url: string, log: Logger): SharedFacts {
  return sharedFacts(redisStore({ url, name: "facts cache", namespace: "decibel:facts", schema: StoredFact, log }));
}

export function sharedFacts(store: Store<StoredFact>): SharedFacts {
  return {
    async read(kind: string, keys: readonly string[], groups: readonly string[]) {
      const wanted = [...keys.map((key) => factKey(kind, key)), ...groups.map((group) => epochKey(kind, group))];
      const distinct = [...new Set(wanted)];
      const stored = await store.getMany(distinct);
      const byKey = new Map(distinct.map((key, index) => [key, stored[index]]));
      const epochs = groups.map((group) => byKey.get(epochKey(kind, group))?.epoch ?? FIRST_EPOCH);
      const facts = keys.map((key, index) => {
        const fact = byKey.get(factKey(kind, key));
        if (!fact || fact.epoch !== epochs[index]) return undefined;
        const value = decodeValue(fact.value);
        return value && { value: value.decoded, asOf: fact.asOf };
      });
      return { facts, epochs };
    },
    write: (kind, facts, ttl) =>
      store.setMany(
        facts.map(({ key, value, asOf, epoch }) => ({
          key: factKey(kind, key),
          value: { epoch, asOf, value: encodeValue(value) },
          ttl,
        })),
      ),
    drop: (kind, groups, ttlMs) =>
      store.setMany(
        [...groups, ANY_GROUP].map((group) => ({
          key: epochKey(kind, group),
          value: { epoch: randomUUID(), asOf: 0, value: "" },
          ttl: ttlMs + READ_MS,
        })),
      ),
    close: () => store.close(),
  };
}

function factKey(kind: string, key: string): string {
  return `${kind}:${key}`;
}

function epochKey(kind: string, group: string): string {
  return `${kind} epoch:${group}`;
}
