/** What is traced, what that costs where nothing is, and what a collector that fails costs: nothing. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { readHeaders } from "../../subgraphs/platform/tracing/settings.ts";
import type { TracingSettings } from "../../subgraphs/platform/tracing/settings.ts";
import { boundHere, nameOf, spanHere, spanning, within } from "../../subgraphs/platform/tracing/span.ts";
import { readTraceparent } from "../../subgraphs/platform/tracing/traceparent.ts";
import { NO_TRACING, openTracing } from "../../subgraphs/platform/tracing/tracing.ts";
import { createUpstream } from "../../subgraphs/platform/upstream.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import { startCollector } from "../support/collector.ts";
import type { LogLine } from "../support/decibel.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SAMPLED = { traceparent: `00-${TRACE}-b7ad6b7169203331-01` };
const NOT_SAMPLED = { traceparent: `00-${TRACE}-b7ad6b7169203331-00` };

async function traced(given: Partial<TracingSettings> = {}, answer?: () => number | undefined) {
  const collector = await startCollector(answer);
  cleanups.push(() => collector.close());
  const logged: LogLine[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => logged.push(JSON.parse(line) as LogLine) });
  const settings: TracingSettings = {
    endpoint: collector.endpoint,
    headers: { authorization: "planted" },
    serviceName: "test",
    sampler: "parentbased_always_on",
    ratio: 1,
    hasDocuments: false,
    toldUpstreams: ["spotify-ads"],
    ...given,
  };
  return { tracing: await openTracing(settings, { log, told: ["campaigns"] }), collector, logged };
}

describe("traceparent", () => {
  it.each([
    [SAMPLED.traceparent, true],
    [NOT_SAMPLED.traceparent, false],
    // Of a version to come.
    [`cc-${TRACE}-b7ad6b7169203331-01-more`, true],
  ])("%s names a span", (header, isSampled) => {
    expect(readTraceparent(header)).toEqual({ traceId: TRACE, spanId: "b7ad6b7169203331", isSampled });
  });

  it.each([
    undefined,
    "",
    `00-${TRACE}-b7ad6b7169203331`,
    `ff-${TRACE}-b7ad6b7169203331-01`,
    `00-${TRACE}-b7ad6b7169203331-01-more`,
    `00-${TRACE.toUpperCase()}-b7ad6b7169203331-01`,
    `00-${"0".repeat(32)}-b7ad6b7169203331-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    [SAMPLED.traceparent, SAMPLED.traceparent],
  ])("%s names none", (header) => {
    expect(readTraceparent(header)).toBeUndefined();
  });
});

describe("headers for the collector", () => {
  it.each([
    ["authorization=Bearer%20token, X-Team = a=b", { authorization: "Bearer token", "x-team": "a=b" }],
    ["a=b%0d%0ac: d", undefined],
    ["a", undefined],
    ["=b", undefined],
    ["a=%", undefined],
    ["a b=c", undefined],
  ])("%s", (text, headers) => {
    expect(readHeaders(text)).toEqual(headers);
  });
});

describe("sampling", () => {
  it.each([
    ["parentbased_always_on", 1, {}, true],
    ["parentbased_always_on", 1, SAMPLED, true],
    ["parentbased_always_on", 1, NOT_SAMPLED, false],
    ["parentbased_always_off", 1, {}, false],
    ["parentbased_always_off", 1, SAMPLED, true],
    ["parentbased_traceidratio", 0, SAMPLED, true],
    ["parentbased_traceidratio", 0, {}, false],
    ["traceidratio", 0, SAMPLED, false],
    ["traceidratio", 1, NOT_SAMPLED, true],
    ["always_on", 1, NOT_SAMPLED, true],
    ["always_off", 1, SAMPLED, false],
  ] as const)("by %s of %d, where the client sent %j: %s", async (sampler, ratio, headers, isTraced) => {
    const { tracing } = await traced({ sampler, ratio });
    const span = tracing.begin("request", headers);
    expect(span !== undefined).toBe(isTraced);
    await tracing.close();
  });

  it("is the gateway's choice, in a subgraph", async () => {
    const { tracing, collector } = await traced({ sampler: "always_off" });
    expect(tracing.parentOf(NOT_SAMPLED)).toBeUndefined();
    expect(tracing.parentOf({})).toBeUndefined();
    const span = tracing.parentOf(SAMPLED)?.begin("below");
    span?.end();
    await tracing.close();
    expect(collector.spans).toMatchObject([{ name: "below", traceId: TRACE, parentSpanId: "b7ad6b7169203331" }]);
  });

  it("is never done without settings", async () => {
    expect(await openTracing(undefined, { log: pino({ enabled: false }) })).toBe(NO_TRACING);
    expect([NO_TRACING.begin("request", SAMPLED), NO_TRACING.parentOf(SAMPLED)]).toEqual([undefined, undefined]);
  });
});

describe("a span", () => {
  it("is told to those alone that take part in traces", async () => {
    const { tracing } = await traced();
    const span = tracing.begin("request", SAMPLED);
    const told = ["campaigns", "spotify-ads", "spotify-ads-accounts", "spotify-web", "opentext"];
    expect(told.filter((name) => span?.headersFor(name) !== undefined)).toEqual(told.slice(0, 3));
    expect(span?.headersFor("campaigns")).toEqual({ traceparent: span?.traceparent });
    expect(span?.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    await tracing.close();
  });

  it("is above the calls to upstreams, which are told of it where that is set", async () => {
    const { tracing, collector } = await traced();
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers["traceparent"] as string | undefined);
      response.end("{}");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    cleanups.push(() => server.close());
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const span = tracing.begin("request", SAMPLED);
    for (const name of ["spotify-ads", "opentext"]) {
      const upstream = createUpstream({ name, baseUrl });
      await within(span, () => upstream.request({ path: "/", reply: z.unknown() }));
      await upstream.close();
    }
    span?.end();
    await tracing.close();
    const told = collector.spans.find(({ name }) => name === "GET spotify-ads");
    expect(told?.parentSpanId).toBe(span?.traceparent.split("-")[2]);
    expect(told?.attributes).toEqual({
      "http.request.method": "GET",
      "server.address": "127.0.0.1",
      "peer.service": "spotify-ads",
      "http.response.status_code": 200,
    });
    expect(asked).toEqual([`00-${TRACE}-${told?.spanId}-01`, undefined]);
  });

  it("is where its work is, also where that is done later by somebody else", async () => {
    const { tracing } = await traced();
    const [one, other] = [tracing.begin("one", {}), tracing.begin("other", {})];
    const later = within(one, () => boundHere(spanHere));
    const outside = boundHere(spanHere);
    const seen = (): readonly unknown[] => [spanHere(), later(), outside()];
    expect(within(other, seen)).toEqual([other, one, undefined]);
    expect(spanHere()).toBeUndefined();
    await tracing.close();
  });

  it("says by a code why its work failed, and nothing else", async () => {
    const { tracing, collector } = await traced();
    const span = tracing.begin("request", {});
    const error = new UpstreamError("opentext", "STATUS", "it answered 400: planted", { status: 400 });
    await expect(spanning(span, () => Promise.reject(error))).rejects.toBe(error);
    await tracing.close();
    expect(collector.spans).toMatchObject([{ attributes: { "error.type": "STATUS" }, status: { code: 2 } }]);
    expect(collector.received[0]?.body).not.toContain("planted");
    expect([nameOf(new TypeError("planted")), nameOf("planted")]).toEqual(["TypeError", "unknown"]);
  });
});

describe("a collector", () => {
  it.each([
    ["refuses", 403],
    ["fails", 500],
    ["never answers", undefined],
  ] as const)(
    "that %s costs no request anything, is mentioned once, and ends in time",
    async (_how, status) => {
      const { tracing, logged } = await traced({}, () => status);
      const startedAt = performance.now();
      // Far more than wait at most.
      for (let count = 0; count < 20_000; count += 1) tracing.begin("request", {})?.end();
      expect(performance.now() - startedAt).toBeLessThan(5000);
      await tracing.close();
      expect(performance.now() - startedAt).toBeLessThan(10_000);
      expect(JSON.stringify(logged)).not.toContain("planted");
      const said = logged.filter(({ msg }) => msg === "traces cannot be sent: spans are dropped");
      if (status === 403) expect(said).toMatchObject([{ code: status }]);
      else expect(said.length).toBeLessThanOrEqual(1);
    },
    30_000,
  );

  it("that comes back is used again", async () => {
    let status = 403;
    const { tracing, collector, logged } = await traced({}, () => status);
    // A full batch is sent at once.
    for (let count = 0; count < 512; count += 1) tracing.begin("lost", {})?.end();
    await expect.poll(() => logged.length).toBe(1);
    status = 200;
    tracing.begin("kept", {})?.end();
    await tracing.close();
    expect(new Set(collector.spans.map(({ name }) => name))).toEqual(new Set(["kept"]));
    expect(logged.map(({ msg }) => msg)).toEqual(["traces cannot be sent: spans are dropped", "traces are sent again"]);
  });
});
