/**
 * How do the stages of deciding hang together?
 *
 *   ask → loader (per request) → cache (shared) → service → OpenText
 *
 * Each is handed the next; the order is law, and this is the only place that knows it.
 */
import { Keyv } from "keyv";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import type { Outcome } from "./ask.ts";
import { cache } from "./cache.ts";
import { createIdentity } from "./identity.ts";
import { createLoader } from "./loader.ts";
import type { DecideFor } from "./loader.ts";
import { bindModels } from "./models.ts";
import type { Declared, Models } from "./models.ts";
import { createOpenText } from "./opentext.ts";
import { service } from "./service.ts";
import { createVersions } from "./versions.ts";
import type { Versions } from "./versions.ts";

export interface PipelineOptions {
  readonly account: OpenTextAccount;
  /** What each subgraph has decided. */
  readonly declared: readonly Declared[];
  readonly log: Logger;
  readonly now?: () => number;
}

export interface OpenTextAccount {
  readonly baseUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Milliseconds an evaluation may take. */
  readonly timeoutMs: number;
  /** Milliseconds all evaluations of a batch may take together. */
  readonly batchTimeoutMs: number;
  /** Evaluations in flight at once. */
  readonly concurrency: number;
  /** Milliseconds between two looks at which versions run. */
  readonly versionIntervalMs: number;
}

export interface Pipeline {
  readonly decide: DecideFor;
  readonly models: Models;
  readonly versions: Versions;
  /** Looks which versions run, now and by interval. Never rejects: without an answer, every ask is its own question. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Outcomes held in memory: about 1 KB each. */
const REMEMBERED_OUTCOMES = 50_000;

/** Throws an Error where a decision and its table disagree. */
export function createPipeline({ account, declared, log, now = Date.now }: PipelineOptions): Pipeline {
  const models = bindModels(declared);
  const opentext = createOpenText({ ...account, connections: account.concurrency, now });
  const versions = createVersions({
    list: () => opentext.models(),
    models,
    intervalMs: account.versionIntervalMs,
    log,
    now,
  });
  const identify = createIdentity(models, versions);
  const { concurrency, batchTimeoutMs } = account;
  const asked = service({ opentext, models, versions, concurrency, batchTimeoutMs, now });
  const decide = cache(asked, { store: memory(), identify, log, now });

  return {
    decide: createLoader(decide, identify, now),
    models,
    versions,
    start: () => versions.start(),
    close: () => {
      versions.stop();
      return opentext.close();
    },
  };
}

function memory(): Keyv<Outcome> {
  const outcomes = new LRUCache<string, object>({ max: REMEMBERED_OUTCOMES });
  const store = new Keyv<Outcome>({
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
  store.serialize = undefined;
  store.deserialize = undefined;
  return store;
}
