/**
 * How do the stages of deciding hang together?
 *
 *   ask → loader (per request) → cache (shared) → service → OpenText
 *
 * Each is handed the next; the order is law, and this is the only place that knows it.
 */
import type { Logger } from "pino";
import { cache } from "./cache.ts";
import { createGuard } from "./guard.ts";
import { createIdentity } from "./identity.ts";
import { createLoader } from "./loader.ts";
import type { DecideFor } from "./loader.ts";
import { bindModels } from "./models.ts";
import type { Declared, Models } from "./models.ts";
import { createOpenText } from "./opentext.ts";
import { service } from "./service.ts";
import { memoryStore, redisStore } from "./store.ts";
import { createVersions } from "./versions.ts";
import type { Versions } from "./versions.ts";

export interface PipelineOptions {
  readonly account: OpenTextAccount;
  /** What each subgraph has decided. */
  readonly declared: readonly Declared[];
  /** Redis or Valkey, shared with other processes; memory where left out. */
  readonly cacheUrl?: string | undefined;
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
  /** Evaluations begun a second; undefined: no limit. */
  readonly requestsPerSecond: number | undefined;
  /** Evaluations that may wait. */
  readonly queueLimit: number;
  /** Milliseconds a service that keeps failing is left alone before it is tried again. */
  readonly recoveryMs: number;
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

/** Throws an Error where a decision and its table disagree. */
export function createPipeline({ account, declared, cacheUrl, log, now = Date.now }: PipelineOptions): Pipeline {
  const models = bindModels(declared);
  const opentext = createOpenText({ ...account, connections: account.concurrency, now });
  const versions = createVersions({
    list: () => opentext.models(),
    models,
    intervalMs: account.versionIntervalMs,
    log,
    now,
  });
  const identify = createIdentity(models, versions.running);
  const identifyLast = createIdentity(models, versions.last);
  const store = cacheUrl === undefined ? memoryStore() : redisStore({ url: cacheUrl, log });
  const guard = createGuard({ ...account, perSecond: account.requestsPerSecond, log });
  const asked = service({ opentext, models, versions, guard, log, now });
  const decide = cache(asked, { store, models, identify, identifyLast, now });

  return {
    decide: createLoader(decide, identify, now),
    models,
    versions,
    start: () => versions.start(),
    close: async () => {
      versions.stop();
      await Promise.all([opentext.close(), store.close()]);
    },
  };
}
