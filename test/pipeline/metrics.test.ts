/** The metrics of deciding, and their documentation. Over 200 lines, because both are compared with one list. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createGatewayMetrics } from "../../gateway/telemetry/metrics.ts";
import { addProcessMetrics, createMetrics } from "../../subgraphs/pipeline/metrics.ts";
import type { Metrics } from "../../subgraphs/pipeline/metrics.ts";
import { createPipeline } from "../../subgraphs/pipeline/pipeline.ts";
import type { OpenTextAccount } from "../../subgraphs/pipeline/opentext/account.ts";
import type { PipelineOptions } from "../../subgraphs/pipeline/pipeline.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { addBacklogMetrics } from "../../subgraphs/records/backlog.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { Faults } from "../../subgraphs/sandbox/sandbox.ts";
import { SUBJECT } from "../support/asks.ts";
import { NOW, SUBGRAPHS, startTestDecibel } from "../support/decibel.ts";
import { createFactMetrics } from "../../subgraphs/platform/facts/metrics.ts";
import { SILENT, accountAt, loan, loanTable, request, samplesOf } from "../support/loans.ts";
import { misbehave } from "../support/sandbox-control.ts";

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).toReversed()) await part.close();
});

describe("docs/metrics.md", () => {
  /** The rows of its tables: name, type, labels and meaning. */
  const described = Array.from(
    readFileSync(join(projectRoot(), "docs/metrics.md"), "utf8").matchAll(
      /^\| `(?<name>[a-z0-9_]+)` +\| (?<type>counter|gauge|histogram) +\| (?<labels>[^|]*?) *\| (?<help>.*?) *\|$/gm,
    ),
    ({ groups }) => ({ ...groups }),
  );
  const registered = async (metrics: Metrics) => {
    const labels = new Map(
      metrics.registry
        .getMetricsAsArray()
        .map((metric) => [metric.name, (metric as { labelNames?: string[] }).labelNames ?? []]),
    );
    return (await metrics.registry.getMetricsAsJSON()).map(({ name, type, help }) => ({
      name,
      type,
      labels: (labels.get(name) ?? []).map((label) => `\`${label}\``).join(", "),
      help,
    }));
  };
  const isOurs = ({ name = "" }: { readonly name?: string }) => name.startsWith("decibel_");

  it("lists all metrics of ours, in the order and with the help texts of the code", async () => {
    const metrics = createMetrics();
    createFactMetrics(metrics.registry);
    createGatewayMetrics(metrics.registry);
    const db = { execute: () => Promise.reject(new Error("there is none")) } as unknown as Database["db"];
    addBacklogMetrics(metrics.registry, { db });
    expect(described.filter(isOurs)).toEqual(await registered(metrics));
  });

  it("lists all metrics of the process", async () => {
    const metrics = createMetrics();
    addProcessMetrics(metrics);
    const existing = (await registered(metrics)).filter((metric) => !isOurs(metric));
    const names = new Set(existing.map(({ name }) => name));
    // Some metrics exist only on Linux.
    const lacking = process.platform === "linux" ? [] : described.filter(({ name = "" }) => !names.has(name));
    const listed = described.filter((metric) => !isOurs(metric) && !lacking.includes(metric));
    expect(listed).toEqual(existing);
  });

  it("explains every label", () => {
    const text = readFileSync(join(projectRoot(), "docs/metrics.md"), "utf8");
    const used = new Set(described.filter(isOurs).flatMap(({ labels = "" }) => labels.split(", ").filter(Boolean)));
    const explained = Array.from(text.matchAll(/^\| (`[a-z]+`) +\| [^|]+ \|$/gm), ([, label = ""]) => label);
    expect(explained.toSorted()).toEqual([...used].toSorted());
  });
});

/** A pipeline over a sandbox, and its metrics. */
async function counted(options: Partial<PipelineOptions> = {}, account: Partial<OpenTextAccount> = {}) {
  const sandbox = createOpenTextSandbox({ tables: [loanTable()], now: () => NOW });
  open.push(sandbox);
  const metrics = createMetrics();
  const pipeline = createPipeline({
    account: accountAt(await sandbox.listen(), account),
    declared: [{ decisions: [loan], tables: [loanTable()] }],
    log: SILENT,
    metrics,
    now: () => NOW,
    ...options,
  });
  open.push(pipeline);
  await pipeline.start();
  return {
    sandbox,
    pipeline,
    /** In one request. */
    ask: (...amounts: number[]) => {
      const context = request();
      const asks = amounts.map((amount) => pipeline.decide(context, loan, { amount, country: "DE" }, SUBJECT));
      return Promise.allSettled(asks);
    },
    figures: (name: string) => samplesOf(metrics.registry, `decibel_${name}`),
    misbehave: (faults: Faults) => misbehave(sandbox, faults),
  };
}

describe("metrics of deciding", () => {
  it("count decisions requested, given and failed, by origin and verdict", async () => {
    const { ask, figures } = await counted();
    await ask(1, 2, 3, 2000);
    await ask(1, 2000, Number.NaN);
    expect(await figures("decisions_asked_total")).toEqual({ 'model="loan"': 7 });
    expect(await figures("decisions_answered_total")).toEqual({
      'model="loan",origin="SERVICE",verdict="ALLOW"': 2,
      'model="loan",origin="EQUIVALENT",verdict="ALLOW"': 2,
      'model="loan",origin="SERVICE",verdict="REVIEW"': 1,
      'model="loan",origin="CACHE",verdict="REVIEW"': 1,
    });
    expect(await figures("decisions_failed_total")).toEqual({ 'model="loan",code="DECISION_REJECTED"': 1 });
  });

  it("count distinct questions of a batch, cache hits, misses and calls", async () => {
    const { ask, figures } = await counted();
    await ask(1, 2, 3, 2000);
    await ask(1, 2000);
    expect([await figures("decision_batch_size_sum"), await figures("decision_batch_size_count")]).toEqual([
      { "": 6 },
      { "": 2 },
    ]);
    expect(await figures("decision_batch_duration_seconds_count")).toEqual({ "": 2 });
    // The third amount is of the class of the first two.
    expect(await figures("cache_hits_total")).toEqual({ 'model="loan"': 3 });
    expect(await figures("cache_misses_total")).toEqual({ 'model="loan"': 3 });
    expect(await figures("service_calls_total")).toEqual({ 'model="loan",outcome="answered"': 3 });
    expect(await figures("service_call_duration_seconds_count")).toEqual({ 'model="loan"': 3 });
    expect(await figures("comparisons_total")).toEqual({ 'model="loan",result="agreed"': 3 });
    expect(await figures("service_retries_total")).toEqual({});
  });

  it("count asks that join a question in flight", async () => {
    const { ask, figures, misbehave } = await counted();
    await misbehave({ latencyMs: 20 });
    await Promise.all([ask(1), ask(1), ask(1)]);
    expect(await figures("decisions_joined_total")).toEqual({ 'model="loan"': 2 });
    expect(await figures("service_calls_total")).toEqual({ 'model="loan",outcome="answered"': 1 });
  });

  it.each([
    [{ status: 429 }, "busy", 3],
    [{ status: 503 }, "failed", 3],
    [{ status: 400 }, "refused", 1],
    [{ body: "malformed" }, "unexpected", 1],
    [{ latencyMs: 60_000 }, "timeout", 1],
  ] as const)("count a call by its outcome: %j is %s, in %i attempts", async (faults, outcome, tries) => {
    // Only what never answers may time out, however busy the machine is.
    const { ask, figures, misbehave } = await counted({}, { timeoutMs: "latencyMs" in faults ? 100 : 30_000 });
    await misbehave(faults);
    await ask(1);
    expect(await figures("service_calls_total")).toEqual({ [`model="loan",outcome="${outcome}"`]: tries });
    expect(await figures("service_retries_total")).toEqual(tries > 1 ? { 'model="loan"': tries - 1 } : {});
  });

  it("count an unreachable service, and show its open circuit", async () => {
    const { sandbox, ask, figures } = await counted({}, { recoveryMs: 60_000 });
    // While another table runs, each amount is a distinct question.
    sandbox.deploy(loanTable({ above: 0 }));
    await ask(1);
    const state = (breaker: string, now: string) =>
      Object.fromEntries(
        ["closed", "half open", "open"].map((state) => [
          `breaker="${breaker}",state="${state}"`,
          state === now ? 1 : 0,
        ]),
      );
    expect(await figures("service_breaker_state")).toEqual({
      ...state("service", "closed"),
      ...state("loan", "closed"),
    });
    await sandbox.close();
    await ask(...Array.from({ length: 30 }, (_none, index) => index + 10));
    expect((await figures("service_calls_total"))['model="loan",outcome="unreachable"']).toBeGreaterThanOrEqual(10);
    expect(await figures("service_breaker_state")).toMatchObject(state("service", "open"));
  });

  it("show calls that wait and calls that run", async () => {
    const { sandbox, pipeline, ask, figures, misbehave } = await counted({}, { concurrency: 2 });
    sandbox.deploy(loanTable({ above: 0 }));
    await ask(6);
    await misbehave({ latencyMs: 150 });
    const asks = ask(1, 2, 3, 4, 5);
    await expect.poll(() => pipeline.scheduler.working, { interval: 1 }).toBe(2);
    expect([await figures("service_queue_working"), await figures("service_queue_waiting")]).toEqual([
      { "": 2 },
      { "": 3 },
    ]);
    await asks;
    expect([await figures("service_queue_working"), await figures("service_queue_waiting")]).toEqual([
      { "": 0 },
      { "": 0 },
    ]);
  });

  it("show local and running versions, and drift", async () => {
    const { sandbox, pipeline, ask, figures } = await counted();
    const versions = async () => [
      await figures("model_local_version"),
      await figures("model_running_version"),
      await figures("model_drifted"),
    ];
    const loans = (value: number) => ({ 'model="loan"': value });
    expect(await versions()).toEqual([loans(1), loans(1), loans(0)]);
    sandbox.deploy(loanTable({ version: 2 }));
    await pipeline.versions.refresh();
    expect(await versions()).toEqual([loans(1), loans(2), loans(0)]);
    sandbox.deploy(loanTable({ version: 2, above: 0 }));
    await ask(1);
    expect(await versions()).toEqual([loans(1), loans(2), loans(1)]);
    expect(await figures("comparisons_total")).toEqual({ 'model="loan",result="disagreed"': 1 });
  });

  it("show an unknown running version only as drift", async () => {
    const metrics = createMetrics();
    let running: number | undefined = 3;
    const models = () => [{ model: "loan", local: 3, running, trusted: true }];
    metrics.watch({ scheduler: { waiting: 0, working: 0 }, breakers: () => new Map(), models });
    const shown = async () => [
      await samplesOf(metrics.registry, "decibel_model_local_version"),
      await samplesOf(metrics.registry, "decibel_model_running_version"),
      await samplesOf(metrics.registry, "decibel_model_drifted"),
    ];
    expect(await shown()).toEqual([{ 'model="loan"': 3 }, { 'model="loan"': 3 }, { 'model="loan"': 0 }]);
    running = undefined;
    expect(await shown()).toEqual([{ 'model="loan"': 3 }, {}, { 'model="loan"': 1 }]);
  });

  it("count failures of a shared cache that is down", async () => {
    const { ask, figures } = await counted({ cacheUrl: "redis://127.0.0.1:1" });
    await ask(1);
    // The write follows the answer.
    await expect
      .poll(() => figures("cache_failures_total"), { interval: 5 })
      .toEqual({ 'operation="read"': 1, 'operation="write"': 1 });
    expect(await figures("decisions_answered_total")).toEqual({ 'model="loan",origin="SERVICE",verdict="ALLOW"': 1 });
  });

  it("are separate for each pipeline", async () => {
    const [one, other] = [await counted(), await counted()];
    await one.ask(1);
    expect([await one.figures("decisions_asked_total"), await other.figures("decisions_asked_total")]).toEqual([
      { 'model="loan"': 1 },
      {},
    ]);
  });

  it("count local decisions, without a service", async () => {
    const { ask, figures } = await counted({ decisions: "local", account: undefined });
    await ask(1);
    expect(await figures("decisions_answered_total")).toEqual({ 'model="loan",origin="LOCAL",verdict="ALLOW"': 1 });
    expect([await figures("service_queue_waiting"), await figures("service_breaker_state")]).toEqual([{ "": 0 }, {}]);
  });
});

describe("/metrics", () => {
  it("is served by every subgraph, for the whole process, in the Prometheus text format", async () => {
    const graph = await startTestDecibel();
    open.push({ close: () => graph.stop() });
    await graph.query("{ campaigns(first: 3) { nodes { targeting { verdict } } } }");
    for (const name of SUBGRAPHS) {
      const response = await fetch(new URL("/metrics", graph.part(name).url));
      expect([response.status, response.headers.get("content-type")]).toEqual([
        200,
        "text/plain; version=0.0.4; charset=utf-8",
      ]);
      expect((await response.text()).split("\n")).toContain(
        'decibel_decisions_asked_total{model="campaign_targeting"} 3',
      );
    }
  });
});
