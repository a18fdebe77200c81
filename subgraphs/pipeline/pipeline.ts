/**
 * How do the stages of deciding hang together?
 *
 *   ask → loader (per request) → cache (shared) → ledger → service → OpenText
 *                              ↘ ledger → local
 *
 * Each is handed the next; the order is law, and this is the only place that knows it. Beside them verification asks
 * the service again, and metrics count. What is decided here is not cached: evaluating is cheaper than looking up.
 */
import type { Logger } from "pino";
import type { OpenTextSettings } from "../platform/environment.ts";
import { DecisionError } from "./ask.ts";
import { cache } from "./cache.ts";
import { createGuard } from "./service/guard.ts";
import type { Guard } from "./service/guard.ts";
import { createIdentity } from "./identity.ts";
import type { Ledger } from "./ledger.ts";
import { createLoader } from "./loader.ts";
import type { Loader } from "./loader.ts";
import { local, localVersions } from "./local.ts";
import { createMetrics } from "./metrics.ts";
import type { Metrics } from "./metrics.ts";
import { bindModels } from "./models.ts";
import type { Declared, Models } from "./models.ts";
import { createOpenText } from "./opentext/client.ts";
import { service } from "./service/service.ts";
import { memoryStore, redisStore } from "./store.ts";
import { createVerification } from "./verify.ts";
import { createVersions } from "./versions.ts";
import type { Versions } from "./versions.ts";

export interface PipelineOptions {
  /** Left out: there is no service to ask, which only local decisions can do without. */
  readonly account?: OpenTextAccount | undefined;
  /** Who decides: the service, or the tables here. Default: the service. */
  readonly decisions?: "service" | "local" | undefined;
  /** How many of the answers that the service did not give are asked again to compare, 0 to 1. Default 0. */
  readonly verifyShare?: number | undefined;
  /** What each subgraph has decided. */
  readonly declared: readonly Declared[];
  /** Redis or Valkey, shared with other processes; memory where left out. */
  readonly cacheUrl?: string | undefined;
  /** Where evaluations are written down. Left out: nowhere. */
  readonly ledger?: Pick<Ledger, "recorded" | "written"> | undefined;
  readonly log: Logger;
  readonly metrics?: Metrics;
  readonly now?: () => number;
  /** 0 to 1, without 1. */
  readonly random?: () => number;
}

/** A service that somebody named. */
export interface OpenTextAccount extends OpenTextSettings {
  readonly baseUrl: string;
}

export interface Pipeline extends Loader {
  readonly models: Models;
  readonly versions: Versions;
  /** Evaluations that wait, and those at work. */
  readonly turns: Guard["turns"];
  /** Looks which versions run, now and by interval. Never rejects: without an answer, every ask is its own question. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Throws an Error where a decision and its table disagree, a TypeError where there is nobody to decide. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { account, decisions = "service", declared, ledger = NOWHERE, log } = options;
  const { metrics = createMetrics(), now = Date.now } = options;
  const models = bindModels(declared);
  const asked = account && createAsked({ ...options, account, ledger, models, metrics, now });
  if (!asked && decisions === "service") {
    throw new TypeError("Cannot decide by the decision service: expected an account there, got none");
  }
  const versions = asked?.versions ?? localVersions(models);
  const running = (model: string): number | undefined => versions.running(model);
  const trusts = (model: string): boolean => asked?.verification.trusts(model) ?? true;
  const here = local({
    models,
    recorded: (decide) => ledger.recorded(decide),
    service: asked && { trusts, decide: asked.decide },
    log,
    now,
  });
  const isAsked = decisions === "service" && asked;
  metrics.watch({
    turns: asked?.guard.turns ?? IDLE,
    breakers: () => asked?.guard.breakers() ?? new Map(),
    models: () =>
      Array.from(models, ([model, { compiled }]) => ({
        model,
        local: compiled.table.version,
        running: running(model),
        trusted: trusts(model),
      })),
  });

  return {
    ...createLoader({
      decide: isAsked ? asked.decide : here,
      evaluate: isAsked ? asked.evaluate : here,
      written: () => ledger.written(),
      identify: createIdentity(models, running, trusts),
      models,
      verification: asked?.verification,
      metrics,
    }),
    models,
    versions,
    turns: asked?.guard.turns ?? IDLE,
    start: async () => {
      const started = versions.start();
      // Nothing that is decided here waits for the service.
      if (decisions === "service") await started;
    },
    close: async () => asked?.close(),
  };
}

/** Where there is no service to ask, nobody waits for it. */
const IDLE: Guard["turns"] = { waiting: 0, working: 0, hasSpare: false };

const NOWHERE: Pick<Ledger, "recorded" | "written"> = { recorded: (decide) => decide, written: async () => {} };

/** The stages that lead to the service. */
function createAsked(options: PipelineOptions & Bound) {
  const { account, models, ledger, verifyShare = 0, cacheUrl, log, metrics, now, random } = options;
  const opentext = createOpenText({ ...account, connections: account.concurrency, now });
  const versions = createVersions({
    list: () => opentext.models(),
    models,
    intervalMs: account.versionIntervalMs,
    log,
    now,
  });
  const guard = createGuard({ ...account, perSecond: account.requestsPerSecond, log, metrics });
  const stage = { opentext, models, versions, log, now };
  const verification = createVerification({
    share: verifyShare,
    ask: async (ask, signal) => {
      const again = ledger.recorded(service({ ...stage, guard: { batch: () => guard.spare(signal) } }));
      const [found] = await again([{ ...ask, caller: VERIFICATION }]);
      return found ?? new DecisionError("DECISION_UNAVAILABLE", ask.model, "no answer", true);
    },
    turns: guard.turns,
    models,
    versions,
    log,
    metrics,
    ...(random && { random }),
  });
  const trusts = (model: string): boolean => verification.trusts(model);
  const store = cacheUrl === undefined ? memoryStore() : redisStore({ url: cacheUrl, log, metrics });
  const evaluate = ledger.recorded(service({ ...stage, guard }));
  const decide = cache(evaluate, {
    store,
    models,
    identify: createIdentity(models, (model) => versions.running(model), trusts),
    identifyLast: createIdentity(models, (model) => versions.last(model), trusts),
    since: (model) => versions.since(model),
    metrics,
    now,
  });
  const close = async (): Promise<void> => {
    versions.stop();
    await verification.close();
    await Promise.all([opentext.close(), store.close()]);
  };
  return { decide, evaluate, versions, guard, verification, close };
}

/** Who asks, in the ledger, for what nobody asked for. */
const VERIFICATION = "verification";

interface Bound {
  readonly ledger: Pick<Ledger, "recorded" | "written">;
  readonly account: OpenTextAccount;
  readonly models: Models;
  readonly metrics: Metrics;
  readonly now: () => number;
}
