/**
 * Which metrics does deciding have?
 *
 * All of the pipeline's metrics are named, explained and counted here, on one registry for each pipeline. The stages report
 * events; states are looked up at each scrape. `docs/metrics.md` lists the metrics. Labels are keys of models and words of
 * short lists, never facts or ids. Longer than other files, because it is the one list of all metrics.
 */
import type { Origin, Verdict } from "../../schema/verdict.ts";
import { Counter, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import { scrapedGauges } from "../platform/scraped-gauge.ts";

export interface Metrics {
  readonly registry: Registry;

  /** A field asked for a decision. */
  asked(model: string): void;
  /** A field got a decision. */
  answered(model: string, origin: Origin, verdict: Verdict): void;
  /** A field got an error. */
  failed(model: string, code: string): void;
  /** A batch of distinct asks was answered, after so many milliseconds. */
  batched(asks: number, ms: number): void;

  /** An ask joined a question in flight. */
  joined(model: string): void;
  cacheHit(model: string): void;
  cacheMissed(model: string): void;
  cacheFailed(operation: "read" | "write"): void;

  called(model: string, outcome: CallOutcome, ms: number): void;
  retried(model: string): void;
  verified(model: string, result: VerificationResult): void;
  /** An answer of the service was the same as the table here gives, or was not. */
  compared(model: string, result: "agreed" | "disagreed"): void;

  /** States are read from there from now on. */
  watch(states: States): void;
}

/** Busy is 429, refused another 4xx, failed a 5xx, unexpected an answer that cannot be read, aborted a call we cancelled. */
export type CallOutcome =
  | "answered"
  | "busy"
  | "refused"
  | "failed"
  | "timeout"
  | "unreachable"
  | "unexpected"
  | "aborted";

/** Failed: there was no answer to compare with. Skipped: there was no spare capacity. */
export type VerificationResult = "agreed" | "disagreed" | "failed" | "skipped";

export interface States {
  /** Calls to the service that wait, and calls that run. */
  readonly scheduler: { readonly waiting: number; readonly working: number };
  /** By model, and `service` for the service as a whole. */
  breakers(): ReadonlyMap<string, (typeof BREAKER_STATES)[number]>;
  models(): Iterable<ModelState>;
}
export interface ModelState {
  readonly model: string;
  readonly local: number;
  /** Undefined while it is unknown. */
  readonly running: number | undefined;
  readonly trusted: boolean;
}

const BREAKER_STATES = ["closed", "half open", "open"] as const;
const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const counts = countersOn(registry);
  let states: States | undefined;
  addStates(registry, () => states);

  return {
    registry,
    asked: (model) => counts.asked.inc({ model }),
    answered: (model, origin, verdict) => counts.answered.inc({ model, origin, verdict }),
    failed: (model, code) => counts.failed.inc({ model, code }),
    batched: (asks, ms) => {
      counts.batchSize.observe(asks);
      counts.batchSeconds.observe(ms / 1000);
    },
    joined: (model) => counts.joined.inc({ model }),
    cacheHit: (model) => counts.cacheHits.inc({ model }),
    cacheMissed: (model) => counts.cacheMisses.inc({ model }),
    cacheFailed: (operation) => counts.cacheFailures.inc({ operation }),
    called: (model, outcome, ms) => {
      counts.calls.inc({ model, outcome });
      counts.callSeconds.observe({ model }, ms / 1000);
    },
    retried: (model) => counts.retries.inc({ model }),
    verified: (model, result) => counts.verifications.inc({ model, result }),
    compared: (model, result) => counts.comparisons.inc({ model, result }),
    watch: (given) => void (states = given),
  };
}

/** Memory, CPU, event loop and garbage collection of the process, under their usual names. Once for each process. */
export function addProcessMetrics({ registry }: Pick<Metrics, "registry">): void {
  collectDefaultMetrics({ register: registry });
}

function countersOn(registry: Registry) {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = <Label extends string>(name: string, help: string, buckets: number[], ...labelNames: Label[]) =>
    new Histogram({ name, help, buckets, labelNames, registers });

  return {
    asked: counter("decibel_decisions_asked_total", "Decisions requested by fields", "model"),
    answered: counter("decibel_decisions_answered_total", "Decisions given to fields", "model", "origin", "verdict"),
    failed: counter("decibel_decisions_failed_total", "Errors given to fields instead of a decision", "model", "code"),
    batchSize: histogram("decibel_decision_batch_size", "Distinct questions of a request in one tick", SIZES),
    batchSeconds: histogram(
      "decibel_decision_batch_duration_seconds",
      "Time until all questions of a request in one tick were answered",
      SECONDS,
    ),
    joined: counter("decibel_decisions_joined_total", "Questions that joined the same question in flight", "model"),
    cacheHits: counter("decibel_cache_hits_total", "Questions answered from the cache", "model"),
    cacheMisses: counter("decibel_cache_misses_total", "Questions without a fresh answer in the cache", "model"),
    cacheFailures: counter(
      "decibel_cache_failures_total",
      "Reads and writes of the shared cache that failed, timed out, or were skipped while its circuit was open",
      "operation",
    ),
    calls: counter(
      "decibel_service_calls_total",
      "Calls to the decision service, retries included",
      "model",
      "outcome",
    ),
    callSeconds: histogram(
      "decibel_service_call_duration_seconds",
      "Duration of a call to the decision service",
      SECONDS,
      "model",
    ),
    retries: counter("decibel_service_retries_total", "Calls to the decision service that were retries", "model"),
    verifications: counter(
      "decibel_verifications_total",
      "Equivalent and local answers compared with the decision service",
      "model",
      "result",
    ),
    comparisons: counter(
      "decibel_comparisons_total",
      "Answers of the decision service compared with the local table",
      "model",
      "result",
    ),
  };
}

/** Looked up at each scrape, so they are never outdated. */
function addStates(registry: Registry, states: () => States | undefined): void {
  const gauge = scrapedGauges(registry, states);
  const ofModels = (name: string, help: string, read: (state: ModelState) => number | undefined) =>
    gauge(name, help, ["model"], (gauge, now) => {
      for (const state of now.models()) {
        const value = read(state);
        if (value !== undefined) gauge.set({ model: state.model }, value);
      }
    });

  gauge("decibel_service_queue_waiting", "Calls to the decision service that wait", [], (gauge, { scheduler }) =>
    gauge.set(scheduler.waiting),
  );
  gauge("decibel_service_queue_working", "Calls to the decision service that run", [], (gauge, { scheduler }) =>
    gauge.set(scheduler.working),
  );
  gauge(
    "decibel_service_breaker_state",
    "1 for the state that the circuit of a model, or of the service, is in",
    ["breaker", "state"],
    (gauge, now) => {
      for (const [breaker, current] of now.breakers()) {
        for (const state of BREAKER_STATES) gauge.set({ breaker, state }, Number(state === current));
      }
    },
  );
  ofModels("decibel_model_local_version", "Version of the local table", ({ local }) => local);
  ofModels(
    "decibel_model_running_version",
    "Version that the decision service runs; absent while unknown",
    ({ running }) => running,
  );
  ofModels(
    "decibel_model_drifted",
    "1 while the running version is unknown or disagreed with the local table: equivalence is off",
    ({ running, trusted }) => Number(running === undefined || !trusted),
  );
  ofModels("decibel_model_distrusted", "1 after the running version disagreed with the local table", ({ trusted }) =>
    Number(!trusted),
  );
}
