/**
 * What can an operator read of deciding, in figures?
 *
 * Every metric of the pipeline is named, explained and counted here, on a registry of its own: two pipelines in one
 * process do not count for each other. The stages say what happens, in their own words; states are looked up when
 * somebody reads. `docs/metrics.md` lists all of it. No label is ever a fact or an id: they are keys of models, and words
 * of short lists. Longer than most files, because what there is to count stands in one place.
 */
import type { Origin, Verdict } from "../../schema/verdict.ts";
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

export interface Metrics {
  readonly registry: Registry;

  /** A field asked for a decision, */
  asked(model: string): void;
  /** got one, */
  answered(model: string, origin: Origin, verdict: Verdict): void;
  /** or an error. */
  failed(model: string, code: string): void;
  /** What a request asked for in one tick: how many distinct asks, for how many milliseconds. */
  batched(asks: number, ms: number): void;

  /** An ask joined the same one of another request. */
  joined(model: string): void;
  cacheHit(model: string): void;
  cacheMissed(model: string): void;
  cacheFailed(operation: "read" | "write"): void;

  called(model: string, outcome: CallOutcome, ms: number): void;
  retried(model: string): void;
  verified(model: string, result: VerificationResult): void;

  /** From where states are read, from now on. */
  watch(states: States): void;
}

/** Refused is a 4xx, failed a 5xx, busy 429; what nobody understands is unexpected, and aborted what we gave up. */
export type CallOutcome =
  | "answered"
  | "busy"
  | "refused"
  | "failed"
  | "timeout"
  | "unreachable"
  | "unexpected"
  | "aborted";

/** Failed: there was nothing to compare with. Skipped: no turn was to spare. */
export type VerificationResult = "agreed" | "disagreed" | "failed" | "skipped";

export interface States {
  /** Calls to the service that wait for their turn, and those that have it. */
  readonly turns: { readonly waiting: number; readonly working: number };
  /** By model, and `service` for the service as a whole. */
  breakers(): ReadonlyMap<string, (typeof BREAKER_STATES)[number]>;
  models(): Iterable<ModelState>;
}
export interface ModelState {
  readonly model: string;
  readonly local: number;
  /** undefined while nobody knows. */
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
    watch: (given) => void (states = given),
  };
}

/** Memory, CPU, event loop and garbage collection of the whole process, under their usual names. Once in a process. */
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
    asked: counter("decibel_decisions_asked_total", "Decisions that fields asked for", "model"),
    answered: counter(
      "decibel_decisions_answered_total",
      "Decisions that fields got, by where they came from",
      "model",
      "origin",
      "verdict",
    ),
    failed: counter("decibel_decisions_failed_total", "Fields that got an error for a decision", "model", "code"),
    batchSize: histogram("decibel_decision_batch_size", "Distinct questions that a request asked in one tick", SIZES),
    batchSeconds: histogram(
      "decibel_decision_batch_duration_seconds",
      "How long a request waited for all answers of one tick",
      SECONDS,
    ),
    joined: counter(
      "decibel_decisions_joined_total",
      "Questions of a request that another one was asking already",
      "model",
    ),
    cacheHits: counter("decibel_cache_hits_total", "Questions with a fresh answer in the cache", "model"),
    cacheMisses: counter("decibel_cache_misses_total", "Questions without a fresh answer in the cache", "model"),
    cacheFailures: counter(
      "decibel_cache_failures_total",
      "Reads and writes of a shared cache that failed, took too long or were not tried",
      "operation",
    ),
    calls: counter(
      "decibel_service_calls_total",
      "Calls to the decision service, further tries included; busy are those it answered 429",
      "model",
      "outcome",
    ),
    callSeconds: histogram(
      "decibel_service_call_duration_seconds",
      "How long a call to the decision service took",
      SECONDS,
      "model",
    ),
    retries: counter("decibel_service_retries_total", "Calls that tried again what had failed before", "model"),
    verifications: counter(
      "decibel_verifications_total",
      "Answers that the service did not give, asked of it again to compare",
      "model",
      "result",
    ),
  };
}

/** Looked up when somebody reads them, so that none of them is ever old. */
function addStates(registry: Registry, states: () => States | undefined): void {
  const gauge = <Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    read: (gauge: Gauge<Label>, now: States) => void,
  ) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        const now = states();
        if (now) read(this, now);
      },
    });
  const ofModels = (name: string, help: string, read: (state: ModelState) => number | undefined) =>
    gauge(name, help, ["model"], (gauge, now) => {
      for (const state of now.models()) {
        const value = read(state);
        if (value !== undefined) gauge.set({ model: state.model }, value);
      }
    });

  gauge("decibel_service_queue_waiting", "Calls that wait for their turn", [], (gauge, { turns }) =>
    gauge.set(turns.waiting),
  );
  gauge("decibel_service_queue_working", "Calls that have their turn", [], (gauge, { turns }) =>
    gauge.set(turns.working),
  );
  gauge(
    "decibel_service_breaker_state",
    "1 for the state a breaker is in; breaker is a model, or service for the service as a whole",
    ["breaker", "state"],
    (gauge, now) => {
      for (const [breaker, current] of now.breakers()) {
        for (const state of BREAKER_STATES) gauge.set({ breaker, state }, Number(state === current));
      }
    },
  );
  ofModels("decibel_model_local_version", "Version of the table here", ({ local }) => local);
  ofModels(
    "decibel_model_running_version",
    "Version that the service runs; none while nobody knows",
    ({ running }) => running,
  );
  ofModels(
    "decibel_model_drifted",
    "1 while the two versions differ or one is not known: nothing is equivalent",
    ({ local, running }) => Number(local !== running),
  );
  ofModels("decibel_model_distrusted", "1 since the service disagreed with the table here", ({ trusted }) =>
    Number(!trusted),
  );
}
