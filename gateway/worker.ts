/**
 * What does one of several gateway processes do?
 *
 * It answers on the connections that the first process hands it, and ends when that says so, or ends itself. This file is
 * imported for its path and its messages, and serves only as a program of its own.
 */
import type { Socket } from "node:net";
import process from "node:process";
import closeWithGrace from "close-with-grace";
import { Registry } from "prom-client";
import { createEventStream } from "../subgraphs/platform/events.ts";
import type { Event } from "../subgraphs/platform/events.ts";
import { createLog } from "../subgraphs/platform/log.ts";
import type { TracingSettings } from "../subgraphs/platform/tracing/settings.ts";
import { NO_TRACING, openTracing } from "../subgraphs/platform/tracing/tracing.ts";
import { createGateway } from "./gateway.ts";
import type { Gateway, GatewayOptions } from "./gateway.ts";
import type { Supergraphs } from "./graph.ts";
import { createQuestions } from "./questions.ts";
import type { Answer, Question } from "./questions.ts";
import type { Counted } from "./telemetry/gathered.ts";
import { createGatewayMetrics } from "./telemetry/metrics.ts";

/** To a worker. */
export type Order =
  | { readonly kind: "serve"; readonly options: WorkerOptions; readonly logLevel: string }
  /** Comes with a connection. */
  | { readonly kind: "answer"; readonly isForPartners: boolean }
  | Answer
  /** To say what it has counted. */
  | { readonly kind: "count" }
  | { readonly kind: "happened"; readonly event: Event }
  | { readonly kind: "reload"; readonly number: number; readonly supergraphs: Supergraphs }
  /** Before the end: every answer ends its connection. */
  | { readonly kind: "leave" }
  /** After the last connection: to answer the requests in flight, then to end. */
  | { readonly kind: "close" };

export type WorkerOptions = Pick<
  GatewayOptions,
  | "supergraph"
  | "partnerSupergraph"
  | "routes"
  | "campaignId"
  | "corsOrigins"
  | "allowedHosts"
  | "tokens"
  | "subgraphSecrets"
  | "limits"
  | "trustedDocuments"
  | "cacheUrl"
  | "logsAccess"
> & {
  readonly tracingSettings?: TracingSettings | undefined;
  /** Whether it is told what happens. */
  readonly hearsEvents?: boolean;
};

/** From a worker. */
export type Report =
  | { readonly kind: "serving"; readonly engine: Gateway["engine"] }
  | { readonly kind: "failed"; readonly message: string }
  /** `problem`: why it goes on with the supergraphs that it had. */
  | { readonly kind: "reloaded"; readonly number: number; readonly problem: string | undefined }
  /** It has the next connection of those it was handed. */
  | { readonly kind: "taken" }
  | { readonly kind: "counted"; readonly counted: Counted }
  | Question;

/** The path of this file, or of its build. */
export const WORKER = import.meta.filename;

/** Milliseconds after an uncaught error: less than the whole of Decibel may take. */
const DRAIN_MS = 15_000;
/** Milliseconds for the requests of connections that have come but have sent nothing yet. */
const LINGER_MS = 500;

/** A terminal or a supervisor sends them to all processes, but the first one says when its workers may end. */
const SIGNALS = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;

function work(): void {
  let gateway: Gateway | undefined;
  let serving: Promise<Report> | undefined;
  let log = createLog("info");
  let tracing = NO_TRACING;
  const registry = new Registry();
  const questions = createQuestions(report);
  const events = createEventStream();
  for (const signal of SIGNALS) process.on(signal, () => {});
  const { close } = closeWithGrace({ delay: DRAIN_MS, logger: false, skip: [...SIGNALS] }, async ({ err }) => {
    if (err) log.fatal({ err }, "uncaught error: shutting down a gateway process");
    await gateway?.close();
    await tracing.close();
  });
  process.on("disconnect", () => process.exit(1));

  process.on("message", (order: Order, socket: Socket | undefined) => {
    switch (order.kind) {
      case "serve":
        serving = serve(order);
        return void serving.then(report);
      case "answer":
        // There is none if the client has left already.
        if (socket) gateway?.accept(socket, order.isForPartners);
        return report({ kind: "taken" });
      case "answered":
        return questions.answered(order);
      case "count":
        return void registry.getMetricsAsJSON().then((counted) => report({ kind: "counted", counted }));
      case "happened":
        return events.publish(order.event);
      case "reload":
        return void reload(order).then(report);
      case "leave":
        return gateway?.leave();
      case "close":
      default:
        return close();
    }
  });

  async function reload({ number, supergraphs }: Order & { readonly kind: "reload" }): Promise<Report> {
    try {
      await serving;
      await gateway?.reload(supergraphs);
      return { kind: "reloaded", number, problem: undefined };
    } catch (error) {
      return { kind: "reloaded", number, problem: error instanceof Error ? error.message : String(error) };
    }
  }

  async function serve({ options: given, logLevel }: Order & { readonly kind: "serve" }): Promise<Report> {
    const { hearsEvents = false, ...options } = given;
    try {
      log = createLog(logLevel);
      tracing = await openTracing(options.tracingSettings, { log });
      gateway = await createGateway({
        ...options,
        ...questions.answers,
        events: hearsEvents ? events : undefined,
        log,
        tracing,
        metrics: createGatewayMetrics(registry),
        lingerMs: LINGER_MS,
      });
      // An HTTP server has its timeouts from when it listens: at any port, which nobody is told.
      await gateway.listen();
      if (options.partnerSupergraph !== undefined) await gateway.listenForPartners();
      return { kind: "serving", engine: gateway.engine };
    } catch (error) {
      return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
    }
  }
}

function report(message: Report): void {
  process.send?.(message, undefined, undefined, () => {});
}

if (import.meta.main) work();
