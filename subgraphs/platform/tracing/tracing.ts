/**
 * How does a process trace what it does, and who gets to see it?
 *
 * Spans are recorded by OpenTelemetry's SDK and sent to a collector by OTLP over HTTP, in batches, behind everybody's back. A
 * collector that is down, slow or refuses costs no request anything: what does not fit into a queue of bounded size is
 * dropped, and the log says so, once. Without settings there are no spans, and the SDK is not even loaded.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from "@opentelemetry/api";
import type { AttributeValue, Context, Span as SdkSpan, SpanContext, Tracer } from "@opentelemetry/api";
import type * as Sdk from "@opentelemetry/sdk-trace";
import type { Sampler, SpanExporter } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";
import type { TracingSettings } from "./settings.ts";
import type { Attributes, Span, SpanParent } from "./span.ts";
import { TRACEPARENT, readTraceparent, writeTraceparent } from "./traceparent.ts";

export interface Tracing {
  /** For a request from outside; undefined where it is not recorded. */
  begin(name: string, headers: Headers): Span | undefined;
  /** For what is done later, and maybe again: a trace of its own that links to the one which caused it, if that is recorded. */
  beginCausedBy(traceparent: string | undefined, name: string, attributes: Attributes): Span | undefined;
  /** For a request from a gateway, which has decided whether it is recorded. */
  parentOf(headers: Headers): SpanParent | undefined;
  /** Whether spans may have the documents of operations, without values. */
  readonly hasDocuments: boolean;
  /** Sends what was recorded, for a bounded time. */
  close(): Promise<void>;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export const NO_TRACING: Tracing = {
  begin: () => undefined,
  beginCausedBy: () => undefined,
  parentOf: () => undefined,
  hasDocuments: false,
  close: async () => {},
};

/** Spans that wait: some megabytes. Of more, the newest are dropped. */
const MAX_WAITING = 8192;
const MAX_BATCH = 512;
const INTERVAL_MS = 2000;
/** Milliseconds for a batch, with its retries. */
const TIMEOUT_MS = 5000;
/** Milliseconds at the end of the process, for all that waits. */
const CLOSE_MS = 3000;
/** Characters of an attribute. */
const MAX_VALUE = 4096;
const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

export interface TracingTools {
  readonly log: Logger;
  /** Names of others that take part in traces, besides those in the settings: the subgraphs. */
  readonly told?: readonly string[];
}

export async function openTracing(
  settings: TracingSettings | undefined,
  { log, told = [] }: TracingTools,
): Promise<Tracing> {
  if (!settings) return NO_TRACING;
  const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  const exporter = new OTLPTraceExporter({
    url: `${settings.endpoint.replace(/\/$/, "")}/v1/traces`,
    headers: { ...settings.headers },
    timeoutMillis: TIMEOUT_MS,
  });
  const processor = new sdk.BatchSpanProcessor({
    exporter: saidOnce(exporter, log),
    maxQueueSize: MAX_WAITING,
    maxExportBatchSize: MAX_BATCH,
    scheduledDelayMillis: INTERVAL_MS,
    exportTimeoutMillis: 2 * TIMEOUT_MS,
  });
  const resource = resourceFromAttributes({
    "service.name": settings.serviceName,
    "service.instance.id": randomUUID(),
    "process.pid": process.pid,
  });
  const spanLimits = { attributeValueLengthLimit: MAX_VALUE };
  const tracerBy = (sampler: Sampler): Tracer =>
    new sdk.TracerProvider({ sampler, resource, spanLimits, spanProcessors: [processor] }).getTracer("decibel");
  const outer = tracerBy(samplerOf(settings, sdk));
  // Whatever is below a span that is recorded is recorded.
  const inner = tracerBy(new sdk.AlwaysOnSampler());
  const upstreams = [...told, ...settings.toldUpstreams];
  // A part of an upstream begins with its name: `spotify-ads-accounts`.
  const takesPart = (name: string): boolean => upstreams.some((one) => name === one || name.startsWith(`${one}-`));

  return {
    begin(name, headers) {
      const context = contextOf(readTraceparent(headers[TRACEPARENT]));
      const span = outer.startSpan(name, { kind: SpanKind.SERVER }, context);
      return span.isRecording() ? wrap(span, inner, takesPart) : undefined;
    },
    beginCausedBy(traceparent, name, attributes) {
      const cause = trace.getSpanContext(contextOf(readTraceparent(traceparent)));
      if (!cause) return undefined;
      const options = { kind: SpanKind.CONSUMER, attributes: known(attributes), links: [{ context: cause }] };
      return wrap(inner.startSpan(name, options, ROOT_CONTEXT), inner, takesPart);
    },
    parentOf(headers) {
      const remote = readTraceparent(headers[TRACEPARENT]);
      return remote?.isSampled ? below(contextOf(remote), remote.traceId, inner, takesPart) : undefined;
    },
    hasDocuments: settings.hasDocuments,
    close: () => Promise.race([processor.shutdown().catch(() => {}), delay(CLOSE_MS, undefined, { ref: false })]),
  };
}

function contextOf(remote: ReturnType<typeof readTraceparent>): Context {
  if (!remote) return ROOT_CONTEXT;
  const { traceId, spanId, isSampled } = remote;
  const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true } satisfies SpanContext);
}

function below(
  context: Context,
  traceId: string,
  tracer: Tracer,
  takesPart: (upstream: string) => boolean,
): SpanParent {
  return {
    traceId,
    begin: (name, attributes = {}, kind = "internal") =>
      wrap(tracer.startSpan(name, { kind: KINDS[kind], attributes: known(attributes) }, context), tracer, takesPart),
  };
}

function wrap(span: SdkSpan, tracer: Tracer, takesPart: (upstream: string) => boolean): Span {
  const own = span.spanContext();
  const counts = new Map<string, number>();
  const traceparent = writeTraceparent(own);
  return {
    ...below(trace.setSpan(ROOT_CONTEXT, span), own.traceId, tracer, takesPart),
    traceparent,
    headersFor: (upstream) => (takesPart(upstream) ? { [TRACEPARENT]: traceparent } : undefined),
    set: (attributes) => void span.setAttributes(known(attributes)),
    count(attribute) {
      const count = (counts.get(attribute) ?? 0) + 1;
      counts.set(attribute, count);
      span.setAttribute(attribute, count);
    },
    end(error) {
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute("error.type", error);
      span.end();
    },
  };
}

function known(attributes: Attributes): Record<string, AttributeValue> {
  const entries = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === "object" ? [...value] : value] as const],
  );
  return Object.fromEntries<AttributeValue>(entries);
}

function samplerOf({ sampler, ratio }: TracingSettings, sdk: typeof Sdk): Sampler {
  const root = sampler.endsWith("always_on")
    ? new sdk.AlwaysOnSampler()
    : sampler.endsWith("always_off")
      ? new sdk.AlwaysOffSampler()
      : new sdk.TraceIdRatioBasedSampler(ratio);
  return sampler.startsWith("parentbased_") ? new sdk.ParentBasedSampler({ root }) : root;
}

/** Says in the log that spans cannot be sent, once until they can. What a collector answers is not repeated. */
function saidOnce(exporter: SpanExporter, log: Logger): SpanExporter {
  let isFailing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined;
        if (failed && !isFailing) log.warn({ code: codeOf(result.error) }, "traces cannot be sent: spans are dropped");
        if (!failed && isFailing) log.info("traces are sent again");
        isFailing = failed;
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

/** `ECONNREFUSED`, or the status of HTTP. */
function codeOf(error: Error | undefined): string | number | undefined {
  const code: unknown = error && Reflect.get(error, "code");
  return typeof code === "string" || typeof code === "number" ? code : undefined;
}
