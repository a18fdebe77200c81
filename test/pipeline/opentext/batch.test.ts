/**
 * Many evaluations in one call, for a gateway in front of OpenText that offers that. Over 200 lines, because sandbox,
 * client and pipeline are tested with one format and one service.
 */
import { BrokenCircuitError } from "cockatiel";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { backgroundContext } from "../../../subgraphs/platform/context.ts";
import { callEach } from "../../../subgraphs/pipeline/service/calls.ts";
import { decision } from "../../../subgraphs/pipeline/decision.ts";
import { createGuard } from "../../../subgraphs/pipeline/service/guard.ts";
import { createMetrics } from "../../../subgraphs/pipeline/metrics.ts";
import type { Metrics } from "../../../subgraphs/pipeline/metrics.ts";
import { createOpenText } from "../../../subgraphs/pipeline/opentext/client.ts";
import type { OpenText, OpenTextOptions } from "../../../subgraphs/pipeline/opentext/client.ts";
import type { ExecuteBatch, Execution } from "../../../subgraphs/pipeline/opentext/execution.ts";
import { BatchRefusedError } from "../../../subgraphs/pipeline/opentext/batch.ts";
import { createPipeline } from "../../../subgraphs/pipeline/pipeline.ts";
import type { OpenTextAccount } from "../../../subgraphs/pipeline/opentext/account.ts";
import type { Pipeline } from "../../../subgraphs/pipeline/pipeline.ts";
import { createOpenTextSandbox } from "../../../subgraphs/sandbox/opentext/server.ts";
import type { OpenTextSandbox } from "../../../subgraphs/sandbox/opentext/server.ts";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { UpstreamError } from "../../../subgraphs/platform/upstream-error.ts";
import { SUBJECT } from "../../support/asks.ts";
import { startTestDecibel } from "../../support/decibel.ts";
import { NUMBER_DECISION, numbersTable } from "../../support/numbers.ts";
import { CONVENTION, compiled } from "../../support/otdt.ts";
import { behave, misbehave } from "../../support/sandbox-control.ts";
import { MINUTE_MS } from "../../support/times.ts";

const BATCH = "/decision/v1/execute:batch";
/** Each number is a distinct question, and its reason code names it. */
const plain = decision({ ...NUMBER_DECISION, key: "plain" });
const other = decision({ ...NUMBER_DECISION, key: "other" });

const numbers = Array.from({ length: 1000 }, (_none, number) => number);
const tables = [numbersTable("plain", 1000), numbersTable("other", 1000)];

/** Random numbers that decide which faults happen: for a call, then for each of its items. After the last, none does. */
let draws: number[];
let sandbox: OpenTextSandbox;
let origin: string;
/** Every request that came in, as `POST /path`, whether there is a route or not. */
let requests: string[];
let logged: { readonly level: number; readonly msg: string }[];
const open: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  draws = [];
  logged = [];
  await offer({ batchPath: BATCH });
});
afterEach(async () => {
  for (const part of open.splice(0).toReversed()) await part.close();
});

/** Starts a sandbox that replaces the last one. */
async function offer(options: { readonly batchPath?: string; readonly tables?: typeof tables }): Promise<void> {
  requests = [];
  sandbox = createOpenTextSandbox({ tables, random: () => draws.shift() ?? 0.99, ...options });
  sandbox.app.server.on("request", ({ method, url }) => requests.push(`${method} ${url}`));
  open.push(sandbox);
  origin = await sandbox.listen();
}

const calls = async (): Promise<{ batches: number; executes: number; byKey: Record<string, number> }> =>
  (await sandbox.app.inject("/sandbox/calls")).json();
const forget = async (): Promise<void> => void (await sandbox.app.inject({ method: "DELETE", url: "/sandbox/calls" }));
const counts = async (): Promise<readonly [batches: number, executes: number]> => {
  const { batches, executes } = await calls();
  return [batches, executes];
};

function client(options: Partial<OpenTextOptions> = {}): OpenText {
  const made = createOpenText({
    baseUrl: origin,
    tenantId: "sandbox",
    clientId: "sandbox",
    clientSecret: "sandbox",
    batchPath: BATCH,
    ...options,
  });
  open.push(made);
  return made;
}

function batchOf({ executeBatch }: OpenText): ExecuteBatch {
  if (executeBatch === undefined) throw new Error("expected a client with an endpoint for batches");
  return executeBatch;
}

const execution = (number: number, key = "plain"): Execution => ({
  key,
  inputs: [{ name: "number", value: number, type: "integer" }],
});
const rowsOf = (number: number) => [
  { verdict: "REVIEW", reason_code: `N${number}`, reason: "Is it" },
  { verdict: "ALLOW", reason_code: "CLEAR", reason: "Nothing objects" },
];

describe("the OpenText sandbox with an endpoint for batches", () => {
  const asked = (number: number, decisionKey = "plain") => ({
    decisionKey,
    inputVariables: [{ name: "number", value: number, type: "integer" }],
  });
  const allowed = {
    status: 201,
    resultVariables: [
      [
        { name: "verdict", type: "string", value: "ALLOW" },
        { name: "reason_code", type: "string", value: "CLEAR" },
        { name: "reason", type: "string", value: "Nothing objects" },
      ],
    ],
  };

  async function send(payload: object, url = BATCH): Promise<unknown> {
    const client = { client_id: "sandbox", client_secret: "sandbox", grant_type: "client_credentials" };
    const token = await sandbox.app.inject({ method: "POST", url: "/tenants/sandbox/oauth2/token", payload: client });
    const headers = { authorization: `Bearer ${String(token.json().access_token)}` };
    const answer = await sandbox.app.inject({ method: "POST", url, payload, headers });
    return { status: answer.statusCode, body: answer.json() };
  }

  it("answers each item as a single evaluation, with its key and status; the call 200, or 207 if an item fails", async () => {
    expect(await send({ items: {} })).toEqual({ status: 200, body: { items: {} } });
    expect(await send({ items: { b: asked(-1), a: asked(-2, "other") } })).toEqual({
      status: 200,
      body: { items: { a: allowed, b: allowed } },
    });
    expect(await send({ items: { a: asked(-1), b: asked(1, "nobody"), c: {}, d: null } })).toEqual({
      status: 207,
      body: {
        items: {
          a: allowed,
          b: { status: 400, message: "Bad request", exception: "No decision found for key: nobody" },
          c: { status: 400, message: "Bad request", exception: "Decision key is required." },
          d: { status: 400, message: "Bad request", exception: "Decision key is required." },
        },
      },
    });
  });

  it("rejects a body that is not a map of at most 100 evaluations", async () => {
    const refusal = (exception: string) => ({ status: 400, body: { message: "Bad request", exception } });
    expect(await send({})).toEqual(refusal("items is not a map of evaluations"));
    expect(await send({ items: [asked(1)] })).toEqual(refusal("items is not a map of evaluations"));
    const many = Object.fromEntries(numbers.slice(0, 101).map((number) => [number, asked(number)]));
    expect(await send({ items: many })).toEqual(refusal("items are more than 100: 101"));
  });

  it("serves no other path, and rejects a call without a token, which counts as a call without evaluations", async () => {
    expect(await send({ items: {} }, BATCH.replace(":batch", ":other"))).toMatchObject({ status: 404 });
    const answer = await sandbox.app.inject({ method: "POST", url: BATCH, payload: { items: { a: asked(1) } } });
    expect(answer.statusCode).toBe(401);
    expect(await calls()).toMatchObject({ batches: 1, executes: 0, byKey: {}, recent: [] });
  });

  it("applies faults with a share to single items, and others to the whole call", async () => {
    await misbehave(sandbox, { status: 503, share: 0.5, only: "execute" });
    draws = [0, 1, 0, 1];
    expect(await send({ items: { a: asked(1), b: asked(2), c: asked(3) } })).toMatchObject({
      status: 207,
      body: { items: { a: { status: 201 }, b: { status: 503 }, c: { status: 201 } } },
    });
    await misbehave(sandbox, { rows: "empty", share: 0.5, only: "execute" });
    draws = [1, 0, 1];
    expect(await send({ items: { a: asked(1), b: asked(2) } })).toMatchObject({
      status: 200,
      body: { items: { a: { resultVariables: [] }, b: { resultVariables: { length: 2 } } } },
    });
    await misbehave(sandbox, { status: 503, only: "execute" });
    expect(await send({ items: { a: asked(1) } })).toMatchObject({ status: 503 });
    expect(await counts()).toEqual([3, 5]);
  });
});

describe("the OpenText client, with an endpoint for batches", () => {
  it("sends all evaluations in one call, and returns the rows of each", async () => {
    const executions = [execution(7), execution(5000, "other"), execution(3)];
    expect(await batchOf(client())(executions)).toEqual([
      rowsOf(7),
      [{ verdict: "ALLOW", reason_code: "CLEAR", reason: "Nothing objects" }],
      rowsOf(3),
    ]);
    expect(await calls()).toMatchObject({
      batches: 1,
      executes: 3,
      byKey: { plain: 2, other: 1 },
      recent: [
        { key: "plain", inputs: { number: 7 }, status: 201 },
        { key: "other", inputs: { number: 5000 }, status: 201 },
        { key: "plain", inputs: { number: 3 }, status: 201 },
      ],
    });
  });

  it("has no batch call without a path", () => {
    expect(client({ batchPath: undefined }).executeBatch).toBeUndefined();
  });

  it("sends at most 100 evaluations", async () => {
    const ask = batchOf(client());
    expect(await ask(numbers.slice(0, 100).map((number) => execution(number)))).toHaveLength(100);
    await expect(ask(numbers.slice(0, 101).map((number) => execution(number)))).rejects.toThrow(
      new RangeError("A call takes at most 100 evaluations but got 101"),
    );
    expect(await counts()).toEqual([1, 100]);
  });

  it("returns an error for each failed item, with the service's message but without any value that was sent", async () => {
    const asked = client();
    await asked.models();
    await misbehave(sandbox, { status: 503, share: 0.5 });
    draws = [1, 1, 1, 1, 0];
    const [right, unknown, wrong, failed] = await batchOf(asked)([
      execution(7),
      execution(7, "nobody"),
      { key: "plain", inputs: [{ name: "number", value: "anna@example.com", type: "integer" }] },
      execution(8),
    ]);
    expect(right).toEqual(rowsOf(7));
    expect(unknown).toMatchObject({
      failure: "STATUS",
      status: 400,
      retryable: false,
      message:
        "Cannot ask opentext: it answered 400 to an item of a batch: Bad request: No decision found for key: nobody",
    });
    expect(wrong).toMatchObject({
      status: 400,
      detail: "Bad request: The given value of variable 'number' is not a integer: '…'",
      message:
        "Cannot ask opentext: it answered 400 to an item of a batch: Bad request: The given value of variable 'number' is not a integer: '…'",
    });
    expect(failed).toMatchObject({
      status: 503,
      retryable: true,
      detail: "The Service is temporarily unavailable (messaging.adaptors.http.flow.ServiceUnavailable)",
    });
    expect(await calls()).toMatchObject({
      batches: 1,
      executes: 4,
      recent: [{ status: 201 }, { key: "nobody", status: 400 }, { status: 400 }, { key: "plain", status: 503 }],
    });
  });

  it.each([
    ["503", { status: 503 }, { failure: "STATUS", status: 503, retryable: true }],
    ["429", { status: 429 }, { failure: "STATUS", status: 429, retryable: true }],
    ["a truncated body", { body: "malformed" }, { failure: "UNEXPECTED" }],
    ["a broken connection", { body: "reset" }, { failure: "UNREACHABLE", retryable: true }],
  ] as const)("fails as a whole on %s, after one call", async (_title, faults, error) => {
    const ask = client();
    await ask.models();
    await misbehave(sandbox, faults);
    const failure = await batchOf(ask)([execution(1), execution(2)]).catch((reason: unknown) => reason);
    expect(failure).toBeInstanceOf(UpstreamError);
    expect(failure).not.toBeInstanceOf(BatchRefusedError);
    expect(failure).toMatchObject(error);
    expect((await calls()).batches).toBe(1);
  });

  it("ends at its deadline, and by its caller's signal", async () => {
    const ask = client({ timeoutMs: 1500 });
    await ask.models();
    await misbehave(sandbox, { latencyMs: 5000 });
    await expect(batchOf(ask)([execution(1)])).rejects.toMatchObject({ failure: "TIMEOUT" });
    await expect(batchOf(ask)([execution(1)], AbortSignal.timeout(20))).rejects.toMatchObject({ failure: "ABORTED" });
  });

  it("retries once with a fresh token after a 401", async () => {
    const ask = client();
    await ask.models();
    await misbehave(sandbox, { status: 401, only: "execute" });
    await expect(batchOf(ask)([execution(1)])).rejects.toMatchObject({ failure: "STATUS", status: 401 });
    expect((await calls()).batches).toBe(2);
  });

  it("reports a missing endpoint", async () => {
    await offer({});
    const missing = await batchOf(client())([execution(1)]).catch((reason: unknown) => reason);
    expect(missing).toBeInstanceOf(BatchRefusedError);
    expect(missing).toMatchObject({
      isMissing: true,
      status: 404,
      message: `Cannot ask opentext: it has no endpoint for batches, it answered 404: Route POST:${BATCH} not found`,
    });
  });

  it("tells a missing tenant from a missing endpoint", async () => {
    const failure = await batchOf(client({ tenantId: "nobody" }))([execution(1)]).catch((reason: unknown) => reason);
    expect(failure).not.toBeInstanceOf(BatchRefusedError);
    expect(failure).toMatchObject({ upstream: "opentext-token", status: 404 });
  });
});

describe("the OpenText client and other replies to a batch", () => {
  let answer: { readonly status: number; readonly body: unknown };
  let sent: unknown;
  let ask: ExecuteBatch;

  beforeEach(async () => {
    const scripted = createSandbox({
      name: "scripted",
      problem: () => ({}),
      routes(app) {
        app.addContentTypeParser("application/x-www-form-urlencoded", (_request, _body, done) => done(null));
        app.post("/tenants/sandbox/oauth2/token", () => ({ access_token: "a", expires_in: 3600 }));
        app.post("/batch", (request, reply) => {
          sent = request.body;
          return reply.code(answer.status).send(answer.body);
        });
      },
    });
    open.push(scripted);
    ask = batchOf(client({ baseUrl: await scripted.listen(), batchPath: "/batch" }));
  });

  const fine = { status: 201, resultVariables: [[{ name: "verdict", type: "string", value: "ALLOW" }]] };
  const unexpectedly = (state: string) => ({
    failure: "UNEXPECTED",
    retryable: false,
    message: `Cannot ask opentext: it answered unexpectedly: an item of a batch ${state}`,
  });

  it("sends items by key, each like a single evaluation", async () => {
    answer = { status: 200, body: { items: { 0: fine, 1: fine } } };
    await ask([execution(1), execution(2, "other")]);
    expect(sent).toEqual({
      items: {
        0: { decisionKey: "plain", inputVariables: [{ name: "number", value: 1, type: "integer" }] },
        1: { decisionKey: "other", inputVariables: [{ name: "number", value: 2, type: "integer" }] },
      },
    });
  });

  it("reads items by key in any order, and ignores items that were not requested", async () => {
    const denied = { status: 200, resultVariables: [[{ name: "verdict", value: "DENY" }]] };
    answer = { status: 207, body: { items: { 7: denied, 1: denied, x: null, 0: fine }, took: 3 } };
    expect(await ask([execution(1), execution(2)])).toEqual([[{ verdict: "ALLOW" }], [{ verdict: "DENY" }]]);
  });

  it("returns an error for a missing or malformed item", async () => {
    const items = {
      0: fine,
      2: { resultVariables: [] },
      3: { status: 201 },
      4: { status: 201, resultVariables: [[{ name: "verdict", value: ["ALLOW"] }]] },
      5: "ALLOW",
      6: { status: "201", resultVariables: [] },
      7: { status: 201, resultVariables: [["DENY", "ALLOW"].map((value) => ({ name: "verdict", value }))] },
      8: { status: 201, resultVariables: [[], []] },
    };
    answer = { status: 207, body: { items } };
    const asked = Array.from({ length: 9 }, (_one, number) => ({ ...execution(number), maxRows: 1 }));
    expect(await ask(asked)).toMatchObject([
      [{ verdict: "ALLOW" }],
      unexpectedly("is missing"),
      unexpectedly("has no status"),
      unexpectedly("has no rows that can be read: resultVariables: Invalid input: expected array, received undefined"),
      unexpectedly("has no rows that can be read: resultVariables.0.0.value: Invalid input"),
      unexpectedly("has no status"),
      unexpectedly("has no status"),
      unexpectedly("has no rows that can be read: resultVariables.0: expected each output once"),
      unexpectedly("has too many rows: expected at most 1 rows, got 2"),
    ]);
  });

  it.each([
    ["nothing", null, "(body): Invalid input: expected object, received null"],
    ["a list", { items: [fine] }, "items: Invalid input: expected record, received array"],
    ["a single evaluation", fine, "items: Invalid input: expected record, received undefined"],
  ])("rejects a reply of %s", async (_title, body, fields) => {
    answer = { status: 200, body };
    await expect(ask([execution(1)])).rejects.toMatchObject({
      failure: "UNEXPECTED",
      message: `Cannot ask opentext: it answered unexpectedly: ${fields}`,
    });
  });

  it.each([
    [404, true, "it has no endpoint for batches"],
    [405, true, "it has no endpoint for batches"],
    [400, false, "it refused a batch as a whole"],
    [413, false, "it refused a batch as a whole"],
    [422, false, "it refused a batch as a whole"],
  ])(
    "reports a call that was refused as a whole (%d), without any value that was sent",
    async (status, isMissing, state) => {
      answer = { status, body: { message: "Cannot read 4711 beside 12 and 47110" } };
      const refused = await ask([execution(12), execution(4711)]).catch((reason: unknown) => reason);
      expect(refused).toBeInstanceOf(BatchRefusedError);
      expect(refused).toMatchObject({
        isMissing,
        status,
        message: `Cannot ask opentext: ${state}, it answered ${status}: Cannot read … beside … and 47110`,
      });
    },
  );

  it.each([401, 403, 408, 429, 500, 501])("treats %d like that of a single evaluation", async (status) => {
    answer = { status, body: {} };
    const failure = await ask([execution(1)]).catch((reason: unknown) => reason);
    expect(failure).not.toBeInstanceOf(BatchRefusedError);
    expect(failure).toMatchObject({ failure: "STATUS", status });
  });
});

async function start(account: Partial<OpenTextAccount> = {}, metrics: Metrics = createMetrics()): Promise<Pipeline> {
  const pipeline = createPipeline({
    account: {
      baseUrl: origin,
      tenantId: "sandbox",
      clientId: "sandbox",
      clientSecret: "sandbox",
      batchPath: BATCH,
      timeoutMs: 30_000,
      batchTimeoutMs: 60_000,
      concurrency: 16,
      requestsPerSecond: undefined,
      queueLimit: 10_000,
      recoveryMs: MINUTE_MS,
      versionIntervalMs: 10 * MINUTE_MS,
      ...account,
    },
    declared: [{ decisions: [plain, other], tables }],
    metrics,
    log: pino({ level: "warn" }, { write: (line: string) => logged.push(JSON.parse(line)) }),
  });
  open.push(pipeline);
  await pipeline.start();
  await forget();
  requests = [];
  return pipeline;
}

/** In one tick of one request: the first reason code of each decision, or the error code. */
async function askFor({ decide }: Pipeline, asked: readonly number[], what = plain): Promise<readonly string[]> {
  const context = backgroundContext(pino({ enabled: false }), "test");
  const results = await Promise.allSettled(asked.map((number) => decide(context, what, { number }, SUBJECT)));
  return results.map((result) =>
    result.status === "fulfilled" ? (result.value.reasons[0]?.code ?? "") : String(result.reason.code),
  );
}
const decided = (asked: readonly number[]): readonly string[] => asked.map((number) => `N${number}`);
const tally = (results: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(results, (result) => (result.startsWith("DECISION_") ? result : "decided"))].map(([key, all]) => [
      key,
      all.length,
    ]),
  );

describe("deciding with an endpoint for batches", () => {
  it("sends 1,000 questions in ten calls, and gives each its answer", async () => {
    const pipeline = await start();
    expect(await askFor(pipeline, numbers)).toEqual(decided(numbers));
    expect(await counts()).toEqual([10, 1000]);
    expect(await askFor(pipeline, numbers)).toEqual(decided(numbers));
    expect(await counts()).toEqual([10, 1000]);
  });

  it("counts a call once against the rate limit: at 5 a second, 1,000 questions take a second, not minutes", async () => {
    const pipeline = await start({ requestsPerSecond: 5 });
    await misbehave(sandbox, { requestsPerSecond: 6, only: "execute" });
    expect(await askFor(pipeline, numbers)).toEqual(decided(numbers));
    expect([await counts(), logged]).toEqual([[10, 1000], []]);
  });

  it("counts a call with several questions once, as model batch", async () => {
    const metrics = createMetrics();
    const pipeline = await start({}, metrics);
    await misbehave(sandbox, { status: 503, share: 0.5 });
    draws = [1, 0, 1];
    await askFor(pipeline, numbers.slice(0, 200));
    const lines = (await metrics.registry.metrics()).split("\n");
    expect(lines.filter((line) => /^decibel_service_(calls|retries)_total/.test(line))).toEqual([
      'decibel_service_calls_total{model="batch",outcome="answered"} 3',
      'decibel_service_retries_total{model="batch"} 1',
    ]);
  });

  it("sends a single question as a single evaluation", async () => {
    const pipeline = await start();
    expect(await askFor(pipeline, [1])).toEqual(["N1"]);
    expect(await counts()).toEqual([0, 1]);
    expect(await askFor(pipeline, numbers.slice(100, 201))).toEqual(decided(numbers.slice(100, 201)));
    expect(await counts()).toEqual([1, 102]);
  });

  it("calls for each question without a path for batches", async () => {
    const pipeline = await start({ batchPath: undefined });
    expect(await askFor(pipeline, numbers.slice(0, 100))).toEqual(decided(numbers.slice(0, 100)));
    expect(await counts()).toEqual([0, 100]);
  });

  it("detects a missing endpoint with one call, logs it once, and calls for each question from then on", async () => {
    await offer({});
    const pipeline = await start();
    expect(await askFor(pipeline, numbers.slice(0, 250))).toEqual(decided(numbers.slice(0, 250)));
    expect(await askFor(pipeline, numbers.slice(250, 350))).toEqual(decided(numbers.slice(250, 350)));
    expect(requests.filter((request) => request === `POST ${BATCH}`)).toHaveLength(1);
    expect((await calls()).executes).toBe(350);
    expect(logged.map(({ msg }) => msg)).toEqual([
      "decision service has no batch endpoint: sending single evaluations",
    ]);
  });

  it("calls for each question of a refused batch, and keeps sending batches", async () => {
    // The endpoint for single evaluations refuses a batch.
    const pipeline = await start({ batchPath: "/decision/v1/execute" });
    expect(await askFor(pipeline, numbers.slice(0, 150))).toEqual(decided(numbers.slice(0, 150)));
    expect((await calls()).executes).toBe(2 + 150);
    expect(new Set(logged.map(({ msg }) => msg))).toEqual(
      new Set(["decision service refused a batch as a whole: its asks go one by one"]),
    );
  });

  it("works for the whole graph and its sandbox", async () => {
    const graph = await startTestDecibel({ variables: { OPENTEXT_BATCH_PATH: "/batch" } });
    try {
      const { errors } = await graph.query("{ listeners(first: 50) { nodes { segments { id } lead { id } } } }");
      const response = await fetch(`${graph.sandbox("opentext").origin}/sandbox/calls`);
      const { batches, executes } = (await response.json()) as { batches: number; executes: number };
      expect([errors, batches, executes > 10]).toEqual([[], 1, true]);
    } finally {
      await graph.stop();
    }
  });
});

describe("a batch that fails in part", () => {
  it("gives each failed question its own code, and answers the others", async () => {
    // At the service no rule matches 1, and one of the two models is missing.
    const gap = compiled({
      key: "plain",
      version: 2,
      inputs: NUMBER_DECISION.inputs,
      outputs: CONVENTION,
      rules: [{ number: [">", "1"], verdict: "REVIEW", reason_code: "MORE", reason: "Is more" }],
    });
    await offer({ batchPath: BATCH, tables: [gap] });
    const pipeline = await start();
    const [first, second] = await Promise.all([
      askFor(pipeline, [1, 2, Number.NaN, 3]),
      askFor(pipeline, [1, 2], other),
    ]);
    expect(first).toEqual(["DECISION_UNDETERMINED", "MORE", "DECISION_REJECTED", "MORE"]);
    expect(second).toEqual(["DECISION_REJECTED", "DECISION_REJECTED"]);
    expect(await calls()).toMatchObject({ batches: 2, byKey: { plain: 3, other: 2 } });
  });

  it("retries failed questions together", async () => {
    const pipeline = await start();
    await misbehave(sandbox, { status: 503, share: 0.5 });
    // Ten of a hundred items fail, then three of those ten; the first number of each call is for the call itself.
    draws = [1, ...Array<number>(90).fill(1), ...Array<number>(10).fill(0), 1, ...Array<number>(3).fill(0)];
    expect(await askFor(pipeline, numbers.slice(0, 100))).toEqual(decided(numbers.slice(0, 100)));
    expect(await counts()).toEqual([3, 100 + 10 + 3]);
  });

  it("gives up on a question after three calls", async () => {
    const pipeline = await start();
    await misbehave(sandbox, { status: 503, share: 0.5 });
    draws = [1, 1, 0, 0, 1, 0, 0, 1, 0, 0];
    expect(await askFor(pipeline, [1, 2, 3])).toEqual(["N1", "DECISION_UNAVAILABLE", "DECISION_UNAVAILABLE"]);
    expect(await counts()).toEqual([3, 3 + 2 + 2]);
  });

  it("does not retry rejected questions", async () => {
    const pipeline = await start();
    await misbehave(sandbox, { status: 400, share: 0.5 });
    draws = [1, 0, 1, 0];
    expect(await askFor(pipeline, [1, 2, 3])).toEqual(["DECISION_REJECTED", "N2", "DECISION_REJECTED"]);
    expect(await counts()).toEqual([1, 3]);
  });

  it.each([
    [{ status: 503 }, "DECISION_UNAVAILABLE", 3],
    [{ status: 429 }, "DECISION_UNAVAILABLE", 3],
    [{ body: "reset" }, "DECISION_UNAVAILABLE", 3],
    [{ body: "malformed" }, "DECISION_UNAVAILABLE", 1],
    [{ latencyMs: 20_000 }, "DECISION_TIMEOUT", 1],
    [{ rows: "empty" }, "DECISION_UNDETERMINED", 1],
    [{ rows: "unknown" }, "DECISION_UNDETERMINED", 1],
    [{ rows: "wrong" }, "DECISION_UNDETERMINED", 1],
  ] as const)("fails closed on %j: %s after %d calls, and recovers", async (faults, code, batches) => {
    const pipeline = await start("latencyMs" in faults ? { timeoutMs: 3000 } : {});
    await misbehave(sandbox, { ...faults, only: "execute" });
    expect(tally(await askFor(pipeline, numbers.slice(0, 100)))).toEqual({ [code]: 100 });
    expect(requests).toEqual(Array(batches).fill(`POST ${BATCH}`));
    await behave(sandbox);
    expect(await askFor(pipeline, numbers.slice(0, 100))).toEqual(decided(numbers.slice(0, 100)));
  });

  it("ends at its deadline: what was answered by then is decided", async () => {
    const pipeline = await start({ requestsPerSecond: 0.2, batchTimeoutMs: 4000 });
    const results = await askFor(pipeline, numbers.slice(0, 300));
    expect(tally(results)).toEqual({ decided: 100, DECISION_TIMEOUT: 200 });
    expect(results.slice(0, 100)).toEqual(decided(numbers.slice(0, 100)));
    expect(await counts()).toEqual([1, 100]);
  });

  it("fails at once if the queue is full", async () => {
    const pipeline = await start({ concurrency: 1, queueLimit: 1 });
    // Once the endpoint is known to be present, all calls are made at once.
    await askFor(pipeline, [998, 999]);
    expect(tally(await askFor(pipeline, numbers.slice(0, 500)))).toEqual({ decided: 200, DECISION_UNAVAILABLE: 300 });
  });
});

describe("the time of an answer", () => {
  it("is when it arrived, however long the rest of its batch takes", async () => {
    let clock = 0;
    const slow = execution(2);
    const executeAll = callEach(
      {
        execute: async ({ inputs }) => {
          if (inputs === slow.inputs) clock += 5000;
          return [];
        },
      },
      () => clock,
    );
    const guard = createGuard({
      concurrency: 1,
      queueLimit: 10,
      batchTimeoutMs: 5000,
      recoveryMs: 1,
      log: pino({ enabled: false }),
    });
    const answers = await executeAll([execution(1), slow], guard.batch());
    expect([...answers.values()]).toEqual([
      { rows: [], at: 0 },
      { rows: [], at: 5000 },
    ]);
  });
});

describe("a model that keeps failing", () => {
  /** Opens its circuit, which takes forty calls. */
  async function breakOther(pipeline: Pipeline): Promise<void> {
    await misbehave(sandbox, { status: 500 });
    const pairs = Array.from({ length: 40 }, (_none, pair) => [2 * pair, 2 * pair + 1]);
    const results = await Promise.all(pairs.map((pair) => askFor(pipeline, pair, other)));
    expect(tally(results.flat())).toEqual({ DECISION_UNAVAILABLE: 80 });
    await behave(sandbox);
    await forget();
  }

  async function askForBoth({ decide }: Pipeline): Promise<readonly unknown[]> {
    const context = backgroundContext(pino({ enabled: false }), "test");
    const asked = [1, 2, 3].flatMap((number) => [
      decide(context, plain, { number }, SUBJECT),
      decide(context, other, { number }, SUBJECT),
    ]);
    return (await Promise.allSettled(asked)).map((result) =>
      result.status === "fulfilled" ? result.value.reasons[0]?.code : result.reason.message,
    );
  }

  it("is left out of a batch while its circuit is open, and the others are answered", async () => {
    const pipeline = await start();
    await breakOther(pipeline);
    const refused = "Cannot decide other: decision service keeps failing, its circuit is open";
    expect(await askForBoth(pipeline)).toEqual(["N1", refused, "N2", refused, "N3", refused]);
    expect(await calls()).toMatchObject({ batches: 1, executes: 3, byKey: { plain: 3 } });
  });

  it("is probed by one question, and when that is answered the others follow in a batch", async () => {
    const pipeline = await start({ recoveryMs: 1 });
    await breakOther(pipeline);
    expect(await askForBoth(pipeline)).toEqual(["N1", "N1", "N2", "N2", "N3", "N3"]);
    expect(await calls()).toMatchObject({ batches: 2, executes: 6, byKey: { plain: 3, other: 3 } });
  });

  it("fails together with the question that probed it", async () => {
    const pipeline = await start({ recoveryMs: 50 });
    await breakOther(pipeline);
    await misbehave(sandbox, { status: 500 });
    await expect
      .poll(async () => {
        expect(tally(await askFor(pipeline, [1, 2, 3], other))).toEqual({ DECISION_UNAVAILABLE: 3 });
        return (await calls()).executes;
      })
      .toBeGreaterThan(0);
    expect((await calls()).batches).toBe(0);
  });
});

describe("a call for several items", () => {
  const guarded = (options: { readonly concurrency?: number; readonly recoveryMs?: number } = {}) =>
    createGuard({
      concurrency: 1,
      queueLimit: 1000,
      batchTimeoutMs: 5000,
      recoveryMs: MINUTE_MS,
      ...options,
      log: pino({ enabled: false }),
      random: () => 0,
    });
  const failed = new UpstreamError("opentext", "STATUS", "it answered 500", { status: 500 });

  it("leaves out items whose circuit opened while it waited", async () => {
    const guard = guarded();
    const blocker = Promise.withResolvers<void>();
    const blocking = guard.batch().run("sound", () => blocker.promise);
    const failing = Array.from({ length: 60 }, () => guard.batch().run("broken", () => Promise.reject(failed)));
    const seen: string[] = [];
    const last = guard.batch().batchCalls?.run([{ key: "sound" }, { key: "broken" }], async (asks) => {
      seen.push(...asks.map(({ key }) => key));
      return asks.map(() => "answered");
    });
    blocker.resolve();
    await Promise.allSettled([blocking, ...failing]);
    expect([seen, [...((await last)?.values() ?? [])]]).toEqual([["sound"], ["answered", new BrokenCircuitError()]]);
  });

  it("counts once for each model, as failed only if all items of the model failed", async () => {
    const guard = guarded();
    const answered = { key: "some" };
    const asks = [answered, { key: "some" }, { key: "none" }, { key: "none" }];
    for (let count = 0; count < 14; count += 1) {
      const answers = await guard
        .batch()
        .batchCalls?.run(asks, async (open) => open.map((ask) => (ask === answered ? "answered" : failed)));
      expect(answers?.get(answered)).toBe("answered");
    }
    expect(Object.fromEntries(guard.breakers())).toEqual({ service: "closed", some: "closed", none: "open" });
  });

  it("does not close a circuit that opened after it was made", async () => {
    // An open circuit may be probed at once.
    const guard = guarded({ concurrency: 2, recoveryMs: 0 });
    const late = Promise.withResolvers<readonly string[]>();
    const waiting = guard.batch().batchCalls?.run([{ key: "any" }], () => late.promise);
    await Promise.allSettled(Array.from({ length: 60 }, () => guard.batch().run("any", () => Promise.reject(failed))));
    late.resolve(["answered"]);
    expect([...((await waiting)?.values() ?? [])]).toEqual(["answered"]);
    expect(guard.breakers().get("any")).toBe("open");
  });

  it("counts once for the service if that cannot be reached", async () => {
    const guard = guarded();
    const asks = numbers.slice(0, 100).map((number) => ({ key: "any", number }));
    const unreachable = new UpstreamError("opentext", "TIMEOUT", "no answer");
    const call = () => Promise.reject(unreachable);
    for (let count = 0; count < 9; count += 1) await guard.batch().batchCalls?.run(asks, call);
    expect(guard.breakers().get("service")).toBe("closed");
    await guard.batch().batchCalls?.run(asks, call);
    expect(guard.breakers().get("service")).toBe("open");
  });

  it("is not available in the background", () => {
    expect(guarded().background(new AbortController().signal).batchCalls).toBeUndefined();
  });
});
