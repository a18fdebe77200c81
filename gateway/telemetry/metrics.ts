/**
 * Which metrics does the gateway have?
 *
 * All of them are named, explained and counted here. Labels are words of short lists, names of subgraphs, and the gateway's
 * own codes: never what a client sends, so that nobody can make more of them.
 */
import { Counter, Gauge, Histogram } from "prom-client";
import type { Registry } from "prom-client";

/** `none`: there was no operation in the request. */
export type OperationKind = "query" | "mutation" | "subscription" | "none";
/** As in the metrics of calls to upstreams. */
export type SubgraphOutcome = "answered" | "refused" | "timeout" | "unreachable" | "unexpected" | "aborted";

export interface GatewayMetrics {
  /** A request to an endpoint has come; call the result when it was answered, with the status. */
  began(): (operation: OperationKind, status: number, ms: number) => void;
  /** A request was not executed. */
  refused(code: string): void;
  called(subgraph: string, outcome: SubgraphOutcome, ms: number): void;
  readonly planned: (how: "kept" | "loaded" | "failed") => void;
  /** How a request named its document. */
  readonly document: (how: "trusted" | "persisted" | "sent") => void;
  /** A subscription to events of this name has begun. */
  subscribed(event: string): CountedSubscription;
  runs(engine: string): void;
}

export interface CountedSubscription {
  /** Something. */
  told(): void;
  /** Once. */
  ended(reason: string): void;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60];

/** Counts on this registry, once for each. */
export function createGatewayMetrics(registry: Registry): GatewayMetrics {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Histogram({ name, help, buckets: SECONDS, labelNames, registers });
  /** Of several processes: added up, or as the first one says. */
  const gauge = <Label extends string>(
    name: string,
    help: string,
    aggregator: "sum" | "first",
    ...labelNames: Label[]
  ) => new Gauge({ name, help, labelNames, registers, aggregator });

  const requests = counter("decibel_gateway_requests_total", "Requests that were answered", "operation", "status");
  const seconds = histogram(
    "decibel_gateway_request_duration_seconds",
    "Time until the whole answer was sent",
    "operation",
  );
  const inFlight = gauge("decibel_gateway_requests_in_flight", "Requests that are being answered", "sum");
  const refusals = counter("decibel_gateway_refusals_total", "Requests that were not executed", "code");
  const calls = counter("decibel_gateway_subgraph_calls_total", "Calls to subgraphs", "subgraph", "outcome");
  const callSeconds = histogram(
    "decibel_gateway_subgraph_call_duration_seconds",
    "Duration of a call to a subgraph",
    "subgraph",
  );
  const plans = counter("decibel_gateway_plans_total", "Operations that needed a plan, by how it was known", "how");
  const documents = counter("decibel_gateway_documents_total", "Requests by how they named their document", "document");
  const subscriptions = gauge("decibel_gateway_subscriptions", "Subscriptions that are open", "sum", "event");
  const told = counter("decibel_gateway_events_told_total", "Responses that subscribers were told", "event");
  const ends = counter("decibel_gateway_subscriptions_ended_total", "Subscriptions that ended", "event", "reason");
  const engine = gauge(
    "decibel_gateway_engine",
    "1 for the engine that plans and executes operations",
    "first",
    "engine",
  );

  return {
    began() {
      inFlight.inc();
      return (operation, status, ms) => {
        inFlight.dec();
        requests.inc({ operation, status });
        seconds.observe({ operation }, ms / 1000);
      };
    },
    refused: (code) => refusals.inc({ code }),
    called(subgraph, outcome, ms) {
      calls.inc({ subgraph, outcome });
      callSeconds.observe({ subgraph }, ms / 1000);
    },
    planned: (how) => plans.inc({ how }),
    document: (document) => documents.inc({ document }),
    subscribed(event) {
      subscriptions.inc({ event });
      return {
        told: () => told.inc({ event }),
        ended(reason) {
          subscriptions.dec({ event });
          ends.inc({ event, reason });
        },
      };
    },
    runs: (name) => engine.set({ engine: name }, 1),
  };
}
