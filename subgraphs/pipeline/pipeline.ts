/**
 * How are the stages of deciding connected?
 *
 *   service:  loader (per request) ▸ equivalence ▸ cache (shared) ▸ ledger ▸ service ▸ OpenText
 *   local:    loader (per request) ▸ local ▸ ledger
 *
 * Each stage is handed the next; their order is law, and only this file and remote.ts know it. Local outcomes are not
 * cached, because evaluating costs less than a look-up. Verification compares answers with the service behind both.
 */
import type { Logger } from "pino";
import { monotonic } from "../platform/clock.ts";
import type { UpstreamHealth } from "../platform/health/health.ts";
import type { RefusedAccounts } from "../platform/refused-accounts.ts";
import { createDecided, noting } from "./activity/decided.ts";
import type { Minute } from "./activity/decided.ts";
import { createEligible } from "./eligible.ts";
import type { EligibleAmong } from "./eligible.ts";
import { createFactsIdentity, createIdentity } from "./identity.ts";
import type { Ledger } from "./ledger.ts";
import { createLoader } from "./loader.ts";
import type { Loader } from "./loader.ts";
import { local, localVersions } from "./local.ts";
import { createMetrics } from "./metrics.ts";
import type { Metrics, States } from "./metrics.ts";
import { bindModels } from "./models.ts";
import type { Declared, Models } from "./models.ts";
import type { OpenTextAccount } from "./opentext/account.ts";
import { createRemote } from "./remote.ts";
import type { Remote } from "./remote.ts";
import type { Guard } from "./service/guard.ts";
import { createQuestions } from "./questions.ts";
import type { Questions } from "./questions.ts";
import { localTrust } from "./trust.ts";
import type { Trust } from "./trust.ts";
import type { Versions } from "./versions.ts";

export interface PipelineOptions {
  /** Left out: there is no service, which only local decisions can do without. */
  readonly account?: OpenTextAccount | undefined;
  /** What decides: the service, or the tables in this process. Default: the service. */
  readonly decisions?: "service" | "local" | undefined;
  /** The share of answers not given by the service that is compared with it, 0 to 1. Default 0. */
  readonly verifyShare?: number | undefined;
  /** What each subgraph has decided. */
  readonly declared: readonly Declared[];
  /** Redis or Valkey, shared with other processes; memory where left out. */
  readonly cacheUrl?: string | undefined;
  /** Records evaluations. Left out: they are not recorded. */
  readonly ledger?: Pick<Ledger, "recorded" | "written"> | undefined;
  readonly log: Logger;
  /** Shared with all that tells refusals. Default: its own. */
  readonly accounts?: RefusedAccounts | undefined;
  readonly metrics?: Metrics;
  /** Of OpenText. Default: nobody is told how its calls end. */
  readonly health?: UpstreamHealth | undefined;
  /** Told whenever anything was decided. Default: nobody is. */
  readonly decided?: (() => void) | undefined;
  /** Told of each model whose running version is another than before. Default: nobody is. */
  readonly modelChanged?: ((model: string) => void) | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Milliseconds that never decrease. Default: `now`, if that is given. */
  readonly elapsed?: (() => number) | undefined;
  /** 0 to 1, without 1. */
  readonly random?: () => number;
}

export interface Pipeline extends Loader {
  readonly models: Models;
  readonly versions: Versions;
  readonly trust: Trust;
  readonly questions: Questions;
  readonly eligibleAmong: EligibleAmong;
  /** Evaluations that wait, and those that run. */
  readonly scheduler: Guard["scheduler"];
  readonly states: States;
  /** What was decided in this process in the last hour, the oldest minute first. */
  readonly minutes: () => readonly Minute[];
  /** Looks up the running versions, now and by interval. Never rejects: while they are unknown, nothing is equivalent. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Throws an Error where a decision and its table disagree, a TypeError where nothing can decide. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { account, decisions = "service", ledger = UNRECORDED, log } = options;
  const { now = Date.now, elapsed = options.now ?? monotonic } = options;
  const decided = createDecided(now, options.decided);
  const metrics = noting(decided, options.metrics ?? createMetrics());
  const models = bindModels(options.declared);
  const remote = account && createRemote({ ...options, account, ledger, models, metrics, now, elapsed });
  const stages = { models, ledger, log, metrics, minutes: decided.minutes, now };
  if (decisions === "local") return localPipeline(stages, remote);
  if (!remote) throw new TypeError("Cannot decide by the decision service: expected an account there, got none");
  return servicePipeline(stages, remote);
}

interface Stages {
  readonly models: Models;
  readonly ledger: Pick<Ledger, "recorded" | "written">;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly minutes: Pipeline["minutes"];
  readonly now: () => number;
}

function servicePipeline(stages: Stages, remote: Remote): Pipeline {
  const { decide, evaluate, versions } = remote;
  return { ...pipelineOf(stages, remote, { decide, evaluate }), start: () => versions.start() };
}

/** With a remote, answers are verified, and a model whose table disagrees with the service is left to the service. */
function localPipeline(stages: Stages, remote: Remote | undefined): Pipeline {
  const { models, ledger, log, now } = stages;
  const surroundings = remote ?? withoutRemote(models, now());
  const { versions, trust } = surroundings;
  const decide = local({
    models,
    recorded: (evaluate) => ledger.recorded(evaluate),
    service: remote && { trusts: (model) => trust.trusts(model), decide: remote.decide },
    log,
    now,
  });
  return {
    ...pipelineOf(stages, surroundings, { decide, evaluate: decide }),
    // No local decision waits for the service.
    start: async () => void versions.start(),
  };
}

/** All but its start. */
function pipelineOf(
  { models, ledger, metrics, minutes }: Stages,
  surroundings: Surroundings,
  deciding: Pick<Remote, "decide" | "evaluate">,
): Omit<Pipeline, "start"> {
  const { versions, trust, verification, identify, identifyByFacts, scheduler } = surroundings;
  const states = statesOf(models, surroundings);
  metrics.watch(states);
  const loader = createLoader({
    ...deciding,
    written: () => ledger.written(),
    identify,
    identifyByFacts,
    models,
    trust,
    verification,
    metrics,
  });
  return {
    ...loader,
    models,
    versions,
    trust,
    questions: createQuestions(identify, versions),
    eligibleAmong: createEligible({ models, trust, decide: loader.decide }),
    scheduler,
    states,
    minutes,
    close: () => surroundings.close(),
  };
}

const UNRECORDED: Pick<Ledger, "recorded" | "written"> = { recorded: (decide) => decide, written: async () => {} };

/** What a pipeline takes from the remote, where there is one. */
interface Surroundings extends Pick<
  Remote,
  "identify" | "identifyByFacts" | "versions" | "trust" | "scheduler" | "breakers" | "close"
> {
  readonly verification: Remote["verification"] | undefined;
}

function withoutRemote(models: Models, now: number): Surroundings {
  const versions = localVersions(models);
  const trust = localTrust(now);
  return {
    versions,
    trust,
    verification: undefined,
    identify: createIdentity({ models, version: versions.running, covers: trust.covers }),
    identifyByFacts: createFactsIdentity({ version: versions.running }),
    scheduler: { waiting: 0, working: 0, hasSpare: false, budgets: () => [] },
    breakers: () => new Map(),
    close: async () => {},
  };
}

/** What metrics look up when they are read. */
function statesOf(models: Models, { versions, trust, scheduler, breakers }: Surroundings): States {
  return {
    scheduler,
    breakers,
    models: () =>
      Array.from(models, ([model, { compiled }]) => ({
        model,
        local: compiled.table.version,
        running: versions.running(model),
        trusted: trust.trusts(model),
      })),
  };
}
