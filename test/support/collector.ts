/** A collector of traces: takes OTLP over HTTP, in JSON, and keeps the spans. It may refuse, or answer late. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { z } from "zod";

const Value = z
  .object({
    stringValue: z.string().optional(),
    intValue: z.union([z.number(), z.string()]).optional(),
    doubleValue: z.number().optional(),
    boolValue: z.boolean().optional(),
    arrayValue: z.object({ values: z.array(z.object({ stringValue: z.string() })) }).optional(),
  })
  .transform(
    ({ stringValue, intValue, doubleValue, boolValue, arrayValue }) =>
      stringValue ?? intValue ?? doubleValue ?? boolValue ?? arrayValue?.values.map((one) => one.stringValue),
  );
const Attributes = z
  .array(z.object({ key: z.string(), value: Value }))
  .default([])
  .transform((all) => Object.fromEntries(all.map(({ key, value }) => [key, value])));
const Sent = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().optional(),
              name: z.string(),
              kind: z.int(),
              attributes: Attributes,
              /** To spans of other traces. */
              links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).default([]),
              status: z.object({ code: z.int().optional() }).optional(),
            }),
          ),
        }),
      ),
    }),
  ),
});

export type CollectedSpan = z.infer<typeof Sent>["resourceSpans"][number]["scopeSpans"][number]["spans"][number];

export interface Collector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  readonly spans: readonly CollectedSpan[];
  /** Of the processes that sent them. */
  readonly resources: readonly Readonly<Record<string, unknown>>[];
  /** All that came, as it came. */
  readonly received: readonly { readonly headers: IncomingHttpHeaders; readonly body: string }[];
  close(): Promise<void>;
}

/** `answer`: the status; `undefined` for none, ever. */
export async function startCollector(answer: () => number | undefined = () => 200): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const resources: Readonly<Record<string, unknown>>[] = [];
  const received: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    received.push({ headers: request.headers, body });
    const status = answer();
    if (status === undefined) return;
    if (status === 200) {
      for (const { resource, scopeSpans } of Sent.parse(JSON.parse(body)).resourceSpans) {
        resources.push(resource.attributes);
        for (const scope of scopeSpans) spans.push(...scope.spans);
      }
    }
    response.writeHead(status, { "content-type": "application/json" }).end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    spans,
    resources,
    received,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export interface SpanTree {
  readonly span: CollectedSpan;
  readonly below: readonly SpanTree[];
}

/** Those without a parent among the spans. */
export function treesOf(spans: readonly CollectedSpan[]): readonly SpanTree[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const treeOf = (span: CollectedSpan): SpanTree => ({
    span,
    below: spans.filter(({ parentSpanId }) => parentSpanId === span.spanId).map(treeOf),
  });
  return spans.filter(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId)).map(treeOf);
}

/** Each way from a root to a span, by names. */
export function pathsOf(trees: readonly SpanTree[], above = ""): readonly string[] {
  return trees.flatMap(({ span, below }) => {
    const path = above === "" ? span.name : `${above} > ${span.name}`;
    return [path, ...pathsOf(below, path)];
  });
}
