/** A trace shows each hop of a query, down to OpenText's calls, however the subgraphs are called. */
import { afterEach, describe, expect, it } from "vitest";
import { pathsOf, startCollector, treesOf } from "../support/collector.ts";
import type { StartOptions } from "../support/decibel.ts";
import type { CollectedSpan, Collector } from "../support/collector.ts";
import { hasServer } from "../support/database.ts";
import { FACTS_KEPT, ask } from "../support/decibel.ts";
import { FAST_RETRIES, adsIdOf, outboxIsIdle } from "../support/mutations.ts";
import { STARTING, TRANSPORTS, startDeployment } from "../support/start-deployment.ts";
import type { Deployment } from "../support/deployment.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const BOARD = `query Board($campaignId: ID!) {
  campaigns(first: 5) { nodes { name targeting { verdict } activation { verdict } } }
  episodes(first: 20) { nodes { title placement(campaignId: $campaignId) { verdict } } }
  locations(first: 20) { nodes { playback { verdict } } }
  listeners(first: 20) { nodes { segments { verdict } } }
}`;
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";

async function start(
  variables: Record<string, string> = {},
  options: Pick<StartOptions, "now"> = {},
): Promise<{ graph: Deployment; collector: Collector }> {
  const collector = await startCollector();
  cleanups.push(() => collector.close());
  const given = { ...FACTS_KEPT, OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...variables };
  const graph = await startDeployment({ variables: given, ...options });
  return { graph, collector };
}

async function board(graph: Deployment, flags = "01") {
  const { data } = await graph.query<{ campaigns: { nodes: { id: string }[] } }>(
    "{ campaigns(first: 1) { nodes { id } } }",
  );
  const campaignId = data.campaigns.nodes[0]?.id ?? "";
  const headers = { traceparent: `00-${TRACE}-${CALLER}-${flags}`, "x-request-id": "board" };
  const answer = await ask(graph.decibel.url, BOARD, { campaignId }, headers);
  expect(answer.errors).toEqual([]);
}

const ofTrace = (spans: readonly CollectedSpan[]) => spans.filter(({ traceId }) => traceId === TRACE);

const SUBGRAPH = (name: string) => `POST /graphql > query > call ${name} > subgraph ${name}`;
/** Of the board, from the client to OpenText. */
const HOPS = [
  "POST /graphql > graphql.parse",
  "POST /graphql > graphql.validate",
  "POST /graphql > query > graphql.plan",
  `${SUBGRAPH("episodes")} > facts megaphone episode page > GET megaphone`,
  `${SUBGRAPH("campaigns")} > facts spotify-ads ad sets > GET spotify-ads`,
  `${SUBGRAPH("locations")} > facts soundtrack location page > POST soundtrack`,
  ...["campaigns", "locations", "listeners"].map((name) => `${SUBGRAPH(name)} > decide > POST opentext`),
];

describe.each(TRANSPORTS)("a trace of one board over %s", STARTING, (transport) => {
  it("has every hop from the client to OpenText's calls, what is asked for on the way, and no id", async () => {
    // Signed, as subgraphs in other processes have it.
    const secret = { SUBGRAPH_SECRET: "a secret of at least thirty-two bytes" };
    const names = { OTEL_SERVICE_NAME: "board", OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20planted" };
    const { graph, collector } = await start({ SUBGRAPH_TRANSPORT: transport, ...secret, ...names });
    const opentext = graph.sandbox("opentext");
    await opentext.forget();
    await board(graph);
    const { executes } = await opentext.calls();
    await graph.stop();

    expect(collector.resources[0]).toMatchObject({ "service.name": "board" });
    expect(graph.pids).toContain(collector.resources[0]?.["process.pid"]);
    expect(collector.received[0]?.headers.authorization).toBe("Bearer planted");
    const spans = ofTrace(collector.spans);
    const trees = treesOf(spans);
    // The client's own span is above it.
    expect(trees.map(({ span }) => [span.name, span.parentSpanId])).toEqual([["POST /graphql", CALLER]]);
    const paths = pathsOf(trees);
    expect(HOPS.filter((hop) => !paths.includes(hop))).toEqual([]);

    const named = (name: string) => spans.filter((span) => span.name === name).map(({ attributes }) => attributes);
    expect(named("POST /graphql")).toMatchObject([
      { "http.request.method": "POST", "http.route": "/graphql", "http.response.status_code": 200 },
    ]);
    expect(named("query")).toEqual([{ "graphql.operation.type": "query", "graphql.operation.name": "Board" }]);
    const batches = named("decide");
    const sum = (attribute: string) => batches.reduce((total, one) => total + Number(one[attribute]), 0);
    // Two for each campaign, one for everything else.
    expect(sum("decibel.decision.asks")).toBe(2 * 5 + 20 + 20 + 20);
    expect(sum("decibel.decision.calls")).toBe(executes);
    expect(named("POST opentext")).toHaveLength(executes);
    for (const batch of batches)
      expect(batch["decibel.decision.classes"]).toBeLessThanOrEqual(Number(batch["decibel.decision.asks"]));
    expect(named("facts spotify-ads ad sets")[0]).toMatchObject({
      "decibel.upstream": "spotify-ads",
      "decibel.facts.keys": 5,
    });
    // Each line of the log about it says which trace it is of.
    const lines = graph.logged.filter(({ requestId }) => requestId === "board");
    expect(lines.length).toBeGreaterThan(0);
    expect(new Set(lines.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
  });
});

describe.runIf(hasServer())("a mutation", () => {
  it(
    "has its statements in its trace, and its effect in one that links to it, without ids and values",
    STARTING,
    async () => {
      const { graph, collector } = await start({ ...FAST_RETRIES, SUBGRAPH_TRANSPORT: "http" });
      const { data } = await graph.query<{ campaigns: { nodes: { id: string }[] } }>(
        "{ campaigns(first: 1, status: ACTIVE) { nodes { id } } }",
      );
      const id = data.campaigns.nodes[0]?.id ?? "";
      const text = `mutation { pauseCampaign(input: { campaignId: "${id}" }) { campaign { id } } }`;
      const headers = { traceparent: `00-${TRACE}-${CALLER}-01` };
      expect((await ask(graph.decibel.url, text, {}, headers)).errors).toEqual([]);
      await outboxIsIdle(graph);
      await graph.stop();

      const spans = ofTrace(collector.spans);
      const subgraph = "POST /graphql > mutation > call campaigns > subgraph campaigns";
      expect(pathsOf(treesOf(spans))).toContain(`${subgraph} > INSERT campaigns.status_requests`);
      expect(spans.find(({ name }) => name === "INSERT campaigns.status_requests")?.attributes).toEqual({
        "db.system.name": "postgresql",
        "db.operation.name": "INSERT",
        "db.collection.name": "campaigns.status_requests",
        "db.query.summary": "INSERT campaigns.status_requests",
        "db.response.returned_rows": 1,
      });
      const effect =
        collector.spans.find(({ name }) => name === "process campaigns.status") ?? expect.fail("no effect");
      expect(effect.parentSpanId ?? "").toBe("");
      expect(effect.links.map(({ traceId }) => traceId)).toEqual([TRACE]);
      expect(effect.attributes).toMatchObject({
        "messaging.destination.name": "campaigns",
        "decibel.effect": "campaigns.status",
        "decibel.effect.attempt": 1,
      });
      const ofEffect = pathsOf(treesOf(collector.spans.filter(({ traceId }) => traceId === effect.traceId)));
      expect(ofEffect).toContain("process campaigns.status > PATCH spotify-ads");
      const sent = collector.received.map(({ body }) => body).join();
      expect(sent).not.toContain(adsIdOf(id));
    },
  );
});

describe("tracing", STARTING, () => {
  it("follows the client that does not record, and asks nobody without a collector", async () => {
    const { graph, collector } = await start();
    await board(graph, "00");
    await graph.stop();
    expect(ofTrace(collector.spans)).toEqual([]);
    // The first query of the test is one of its own.
    expect(treesOf(collector.spans).map(({ span }) => span.name)).toEqual(["POST /graphql"]);
    expect(graph.logged.filter(({ requestId, traceId }) => requestId === "board" && traceId !== undefined)).toEqual([]);
  });

  it("shows an operation's document only where that is asked for, and never its values", async () => {
    const { graph, collector } = await start({ TRACE_DOCUMENTS: "true" });
    await graph.query(
      'query Named($of: ID = "planted-default") { listener(id: "planted-id") { id } other: listener(id: $of) { id } }',
    );
    await graph.stop();
    const query = collector.spans.find(({ name }) => name === "query");
    expect(query?.attributes["graphql.document"]).toMatch(/listener\(id: null\)/);
    expect(collector.received.map(({ body }) => body).join()).not.toContain("planted");
  });

  it("has the spans of several gateway processes", async () => {
    const { graph, collector } = await start({ GATEWAY_WORKERS: "2" }, { now: Date.now });
    await board(graph);
    await graph.stop();
    const trees = treesOf(ofTrace(collector.spans));
    expect(trees.map(({ span }) => span.name)).toEqual(["POST /graphql"]);
    expect(pathsOf(trees)).toContain(`${SUBGRAPH("campaigns")} > decide > POST opentext`);
    const pids = new Set(collector.resources.map((resource) => resource["process.pid"]));
    expect(pids.size).toBeGreaterThan(1);
    expect(graph.pids.some((pid) => pids.has(pid))).toBe(true);
  });
});
