/**
 * The OpenText client: evaluations, tokens, errors and lists of models. Over 200 lines, because all tests share one
 * sandbox and its tables.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOpenText } from "../../../subgraphs/pipeline/opentext/client.ts";
import type { OpenText, OpenTextOptions } from "../../../subgraphs/pipeline/opentext/client.ts";
import type { TypedInput } from "../../../subgraphs/pipeline/opentext/execution.ts";
import { compile } from "../../../subgraphs/pipeline/table/compile.ts";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import { typedInputs } from "../../../subgraphs/pipeline/service/typed-inputs.ts";
import { createOpenTextSandbox } from "../../../subgraphs/sandbox/opentext/server.ts";
import type { OpenTextSandbox } from "../../../subgraphs/sandbox/opentext/server.ts";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import type { Sandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { UpstreamError } from "../../../subgraphs/platform/upstream-error.ts";

const tables = await loadTables("test/tables/opentext");
const [checks, , types] = tables;
if (checks === undefined || types === undefined) throw new Error("test/tables/opentext lacks a table");
const LOAN: readonly TypedInput[] = [
  { name: "kind", value: "loan", type: "string" },
  { name: "amount", value: 6000, type: "integer" },
  { name: "risk", value: 4, type: "integer" },
];

let clock: number;
let sandbox: OpenTextSandbox;
let origin: string;
const open: (OpenText | Sandbox)[] = [];

beforeEach(async () => {
  clock = 0;
  sandbox = createOpenTextSandbox({ tables, now: () => clock });
  open.push(sandbox);
  origin = await sandbox.listen();
});

afterEach(async () => {
  for (const part of open.splice(0).toReversed()) await part.close();
});

function connect(options: Partial<OpenTextOptions> = {}): OpenText {
  const client = createOpenText({
    baseUrl: origin,
    tenantId: "sandbox",
    clientId: "sandbox",
    clientSecret: "sandbox",
    now: () => clock,
    ...options,
  });
  open.push(client);
  return client;
}

async function put(path: string, payload: object): Promise<void> {
  await sandbox.app.inject({ method: "PUT", url: `/sandbox/${path}`, payload });
}

async function calls(of: Sandbox = sandbox): Promise<unknown> {
  return (await of.app.inject({ method: "GET", url: "/sandbox/calls" })).json();
}

async function failureOf(work: Promise<unknown>): Promise<UpstreamError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof UpstreamError) return error;
  throw new Error("expected an UpstreamError", { cause: error });
}

const times = <T>(count: number, work: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, work));

describe("the OpenText client", () => {
  it("returns one row for each rule that matches", async () => {
    const rows = await connect().execute({ key: "checks", inputs: LOAN });
    expect(rows).toEqual([{ check: "solvency" }, { check: "manager" }, { check: "risk desk" }]);
    expect(await calls()).toMatchObject({
      byKey: { checks: 1 },
      recent: [{ key: "checks", inputs: { kind: "loan", amount: 6000, risk: 4 }, status: 201 }],
    });
  });

  it("returns no rows if no rule matches, and if the evaluation failed", async () => {
    const client = connect();
    expect(await client.execute({ key: "checks", inputs: [] })).toEqual([]);
    expect(await client.execute({ key: "only_one", inputs: [{ name: "amount", value: 4, type: "integer" }] })).toEqual(
      [],
    );
    await put("faults", { rows: "empty" });
    expect(await client.execute({ key: "checks", inputs: LOAN })).toEqual([]);
  });

  it("sends facts with types that mean to the service what they mean to the local table", async () => {
    const facts = { text: "yes", number: 3e9, flag: true, day: "2026-01-02", tags: ["blue", "7"] };
    const evaluation = types.evaluate(facts);
    const rows = await connect().execute({ key: "types", inputs: typedInputs(types.table, facts) });
    expect(rows.map((row) => row["input"])).toEqual(["text", "number", "flag", "day", "tags"]);
    expect(evaluation).toMatchObject({ rows });
  });

  it("fetches one token for 50 concurrent evaluations", async () => {
    const client = connect();
    await times(50, () => client.execute({ key: "checks", inputs: LOAN }));
    expect(await calls()).toMatchObject({ tokens: 1, lists: 0, executes: 50 });
  });

  it("renews its token a minute before it expires, so that no call is refused", async () => {
    const client = connect();
    const tokens: unknown[] = [];
    for (const time of [0, 3_539_999, 3_540_000]) {
      clock = time;
      await times(3, () => client.execute({ key: "checks", inputs: LOAN }));
      tokens.push(await calls());
    }
    expect(tokens).toMatchObject([
      { tokens: 1, executes: 3 },
      { tokens: 1, executes: 6 },
      { tokens: 2, executes: 9 },
    ]);
  });

  it("retries with a fresh token after a 401, fetched once for all refused calls", async () => {
    const client = connect({ now: () => 0 });
    await client.execute({ key: "checks", inputs: LOAN });
    clock = 3_600_000;
    const all = await times(20, () => client.execute({ key: "checks", inputs: LOAN }));
    expect(all.every((rows) => rows.length === 3)).toBe(true);
    expect(await calls()).toMatchObject({ tokens: 2, executes: 1 + 20 + 20 });
  });

  it("fails if the fresh token is refused too", async () => {
    // Its tokens have expired when they are issued.
    const expired = createOpenTextSandbox({ tables: [], tokenSeconds: 0, now: () => clock });
    open.push(expired);
    const client = connect({ baseUrl: await expired.listen() });
    await expect(client.execute({ key: "checks", inputs: LOAN })).rejects.toMatchObject({
      message:
        "Cannot ask opentext: it answered 401: Access Token expired (keymanagement.service.access_token_expired)",
      status: 401,
      retryable: false,
    });
    expect(await calls(expired)).toMatchObject({ tokens: 2, executes: 2 });
  });

  it("reports a wrong secret, and requests another token only for the next call", async () => {
    const client = connect({ clientSecret: "guess" });
    const refused = { message: "Cannot ask opentext-token: it answered 401: Invalid ApiKey (oauth.v2.InvalidApiKey)" };
    const failures = await times(10, () => failureOf(client.execute({ key: "checks", inputs: LOAN })));
    for (const failure of failures) expect(failure).toMatchObject(refused);
    expect(await calls()).toMatchObject({ tokens: 1, lists: 0, executes: 0 });
    await expect(client.models()).rejects.toMatchObject(refused);
    expect(await calls()).toMatchObject({ tokens: 2, lists: 0, executes: 0 });
  });

  it("reports a wrong tenant, and escapes it in the path", async () => {
    await expect(connect({ tenantId: "../x" }).models()).rejects.toThrow(
      "Cannot ask opentext-token: it answered 404: Not found: No such tenant",
    );
  });

  it("does not retry a 429, and reports how long to wait", async () => {
    const client = connect();
    await client.execute({ key: "checks", inputs: LOAN });
    await put("faults", { requestsPerSecond: 0.2 });
    await client.execute({ key: "checks", inputs: LOAN });
    await expect(client.execute({ key: "checks", inputs: LOAN })).rejects.toMatchObject({
      message: "Cannot ask opentext: it answered 429: Spike arrest violation (policies.ratelimit.SpikeArrestViolation)",
      failure: "STATUS",
      status: 429,
      retryAfterMs: 5000,
      retryable: true,
    });
    expect(await calls()).toMatchObject({ tokens: 1, lists: 0, executes: 3 });
  });

  it.each([
    ["503", { status: 503 }, { failure: "STATUS", status: 503, retryable: true }],
    ["a truncated body", { body: "malformed" }, { failure: "UNEXPECTED", status: 201, retryable: false }],
  ])("rejects %s, and calls once", async (_title, fault, error) => {
    const client = connect();
    await client.models();
    await put("faults", fault);
    await expect(client.execute({ key: "checks", inputs: LOAN })).rejects.toMatchObject(error);
    expect(await calls()).toMatchObject({ tokens: 1, lists: 1, executes: 1 });
  });

  it("fails at its deadline", async () => {
    const client = connect({ timeoutMs: 1500 });
    await client.models();
    await put("faults", { latencyMs: 5000 });
    await expect(client.execute({ key: "checks", inputs: LOAN })).rejects.toMatchObject({
      message: "Cannot ask opentext: no answer within 1500 ms",
      failure: "TIMEOUT",
      retryable: true,
    });
  });

  it("is aborted by the caller's signal", async () => {
    const client = connect();
    await client.models();
    await put("faults", { latencyMs: 5000 });
    const signal = AbortSignal.timeout(30);
    await expect(client.execute({ key: "checks", inputs: LOAN, signal })).rejects.toMatchObject({ failure: "ABORTED" });
  });

  it("repeats the service's message without any value that was sent", async () => {
    const client = connect();
    const refused = (key: string, inputs: readonly TypedInput[]): Promise<UpstreamError> =>
      failureOf(client.execute({ key, inputs }));
    const birthday = await refused("types", [{ name: "day", value: "anna@example.com", type: "localDate" }]);
    expect(birthday.message).toBe(
      "Cannot ask opentext: it answered 400: Bad request: The given value of variable 'day' is not a localDate: '…'",
    );
    expect(birthday.detail).toBe("Bad request: The given value of variable 'day' is not a localDate: '…'");

    const tags = ["red", "red wine", "", "4"];
    const unknown = await refused("red wine, campaign_4, 4 and 42, Fred, red-hot", [{ name: "a", value: tags }]);
    expect(unknown.detail).toBe("Bad request: No decision found for key: …, campaign_…, … and 42, Fred, …-hot");
  });

  it("lists all models", async () => {
    const models = await connect().models();
    expect(models[0]).toEqual({ key: "checks", namespace: ["contracts"], version: 1 });
    expect(models.map((model) => model.key)).toEqual(["checks", "only_one", "types"]);
    expect(await calls()).toMatchObject({ tokens: 1, lists: 1, executes: 0 });
  });

  it("reads all pages of a long list", async () => {
    for (let count = 0; count < 45; count += 1)
      sandbox.deploy(compile({ ...checks.table, key: `many_${count}`, namespace: "many" }));
    const keys = (await connect().models()).map(({ key }) => key).filter((key) => key.startsWith("many_"));
    expect(keys).toEqual(Array.from({ length: 45 }, (_one, count) => `many_${count}`));
    expect(await calls()).toMatchObject({ tokens: 1, lists: 3, executes: 0 });
  });

  it("sees a new version as soon as it is deployed", async () => {
    const client = connect();
    const version = async (): Promise<unknown> =>
      (await client.models()).filter(({ key }) => key === "checks").map(({ version }) => version);
    await put("tables/checks/version", { version: 9 });
    expect(await version()).toEqual([9]);
    sandbox.deploy(compile({ ...checks.table, version: 2, rules: checks.table.rules.slice(3) }));
    expect(await version()).toEqual([2]);
    expect(await client.execute({ key: "checks", inputs: LOAN })).toEqual([{ check: "risk desk" }]);
  });
});

describe("the OpenText client and other formats of replies", () => {
  interface Scripted {
    readonly status?: number;
    readonly type?: string;
    readonly body: unknown;
  }
  let asked: { token: number; queries: unknown[] };
  let token: object;
  let answers: Scripted[];
  let client: OpenText;

  beforeEach(async () => {
    asked = { token: 0, queries: [] };
    token = { access_token: "a", expires_in: 3600 };
    const scripted = createSandbox({
      name: "scripted",
      problem: () => ({}),
      routes(app) {
        app.addContentTypeParser("application/x-www-form-urlencoded", (_request, _body, done) => done(null));
        app.post("/tenants/sandbox/oauth2/token", () => {
          asked.token += 1;
          return token;
        });
        app.all("/decision/v1/*", (request, reply) => {
          asked.queries.push(request.query);
          const { status = 200, type = "application/json", body } = answers.shift() ?? { body: null };
          return reply
            .code(status)
            .type(type)
            .send(typeof body === "string" ? body : JSON.stringify(body));
        });
      },
    });
    open.push(scripted);
    client = connect({ baseUrl: await scripted.listen() });
  });

  const failure = (): Promise<UpstreamError> => failureOf(client.execute({ key: "checks", inputs: LOAN }));

  it("reads rows of any 2xx, without types, with unknown fields, without empty outputs", async () => {
    const rows = [
      [
        { name: "check", value: "solvency", valueUrl: null },
        { name: "weight", type: "double", value: null },
        { name: "text", type: "string", value: "" },
        { name: "note" },
      ],
      [],
    ];
    for (const status of [200, 201, 202]) {
      answers = [{ status, body: { resultVariables: rows, url: "https://…" } }];
      expect(await client.execute({ key: "checks", inputs: LOAN })).toEqual([{ check: "solvency" }, {}]);
    }
  });

  it.each<readonly [string, unknown, string]>([
    ["nothing", null, "(body): Invalid input: expected object, received null"],
    ["no list of rows", {}, "resultVariables: Invalid input: expected array, received undefined"],
    [
      "rows that are not lists",
      { resultVariables: [{ name: "check" }] },
      "resultVariables.0: Invalid input: expected array, received object",
    ],
    [
      "a list in place of an object",
      [[{ name: "check", value: "secret" }]],
      "(body): Invalid input: expected object, received array",
    ],
    ["rows that are null", { resultVariables: null }, "resultVariables: Invalid input: expected array, received null"],
    [
      "rows that are an object",
      { resultVariables: { check: "secret" } },
      "resultVariables: Invalid input: expected array, received object",
    ],
    [
      "a row that is null",
      { resultVariables: [null] },
      "resultVariables.0: Invalid input: expected array, received null",
    ],
    [
      "an output that is a text",
      { resultVariables: [["secret"]] },
      "resultVariables.0.0: Invalid input: expected object, received string",
    ],
    [
      "an output without a name",
      { resultVariables: [[{ name: "", value: 1 }]] },
      "resultVariables.0.0.name: expected a name",
    ],
    ...["__proto__", "constructor", "toString"].map(
      (name) =>
        [
          `an output called ${name}`,
          { resultVariables: [[{ name, value: "secret" }]] },
          "resultVariables.0.0.name: expected a name that is not reserved",
        ] as const,
    ),
    ...["ALLOW", "DENY", "", null].map(
      (second) =>
        [
          `an output twice, then ${second === null ? "null" : `"${second}"`}`,
          {
            resultVariables: [
              [{ name: "check", value: "manager" }],
              [
                { name: "check", value: "DENY" },
                { name: "other", value: 1 },
                { name: "check", value: second },
              ],
            ],
          },
          "resultVariables.1: expected each output once",
        ] as const,
    ),
    ...[["secret"], { secret: 1 }].map(
      (value) =>
        [
          `a value of no literal type, ${JSON.stringify(value)}`,
          { resultVariables: [[{ name: "check", value }]] },
          "resultVariables.0.0.value: Invalid input",
        ] as const,
    ),
  ])("rejects a reply with %s", async (_title, body, fields) => {
    answers = [{ body }];
    expect(await failure()).toMatchObject({
      failure: "UNEXPECTED",
      message: `Cannot ask opentext: it answered unexpectedly: ${fields}`,
    });
  });

  it.each([
    ["a page", { type: "text/html", body: "<html><body>secret" }, "it answered 200 with a body that is not JSON"],
    [
      "a body that is cut off",
      { body: '{"resultVariables": [[{"name": "sec' },
      "it answered 200 with a body that is not JSON",
    ],
    [
      "no body",
      { status: 204, body: "" },
      "it answered unexpectedly: (body): Invalid input: expected object, received undefined",
    ],
  ])("rejects %s", async (_title, scripted, state) => {
    answers = [scripted];
    expect(await failure()).toMatchObject({ failure: "UNEXPECTED", message: `Cannot ask opentext: ${state}` });
  });

  it("rejects more rows than the model has rules", async () => {
    const rows = Array.from({ length: 3 }, () => [{ name: "check", value: "secret" }]);
    answers = [{ body: { resultVariables: rows } }, { body: { resultVariables: rows } }];
    expect(await client.execute({ key: "checks", inputs: LOAN, maxRows: 3 })).toHaveLength(3);
    await expect(client.execute({ key: "checks", inputs: LOAN, maxRows: 2 })).rejects.toMatchObject({
      failure: "UNEXPECTED",
      message: "Cannot ask opentext: it answered unexpectedly: resultVariables: expected at most 2 rows, got 3",
    });
  });

  it.each([
    [
      "the service",
      { message: "Bad request", exception: "No decision found for key: checks" },
      "Bad request: No decision found for key: checks",
    ],
    ["the service without an exception", { message: "Bad request" }, "Bad request"],
    ["the service without a message", { exception: "java.lang.Error" }, "java.lang.Error"],
    [
      "the gateway",
      { fault: { faultstring: "Quota exceeded", detail: { errorcode: "policies.Quota" } } },
      "Quota exceeded (policies.Quota)",
    ],
    ["a terse gateway", { fault: { faultstring: "Quota exceeded" } }, "Quota exceeded"],
    ["OAuth", { error: "invalid_scope", error_description: "No such scope" }, "No such scope (invalid_scope)"],
    ["terse OAuth", { error: "invalid_scope" }, "invalid_scope"],
    ["a proxy's page", "<html>\n<head><title> 502 Bad Gateway </title></head><body>…", "502 Bad Gateway"],
    ["a proxy's text", "upstream connect error\nreset reason: overflow", "upstream connect error"],
  ])("reads the error of %s", async (_title, body, detail) => {
    answers = [{ status: 502, body, type: typeof body === "string" ? "text/html" : "application/json" }];
    expect(await failure()).toMatchObject({
      detail,
      message: `Cannot ask opentext: it answered 502: ${detail}`,
      retryable: true,
    });
  });

  it.each([
    ["nothing", ""],
    ["a page without a title", "<p>no"],
    ["a list", [1]],
    ["other fields", { status: 502, fault: "yes", message: 7 }],
  ])("has no detail for an error body with %s", async (_title, body) => {
    answers = [{ status: 502, body }];
    expect(await failure()).toMatchObject({ detail: undefined, message: "Cannot ask opentext: it answered 502" });
  });

  it("limits the length of a detail, after removing values", async () => {
    answers = [{ status: 400, body: { message: `${"x".repeat(197)} loan ${"y".repeat(500)}` } }];
    const { detail } = await failure();
    expect(detail).toBe(`${"x".repeat(197)} … `.slice(0, 200));
  });

  it.each([
    ["no lifetime", { access_token: "a" }, 270_000],
    ["a lifetime that is not a number", { access_token: "a", expires_in: "soon" }, 270_000],
    ["a lifetime in quotes", { access_token: "a", expires_in: "100" }, 90_000],
  ])("renews a token with %s in time", async (_title, issued, renewAt) => {
    token = issued;
    for (const [time, tokens] of [
      [0, 1],
      [renewAt - 1, 1],
      [renewAt, 2],
    ] as const) {
      clock = time;
      answers = [{ body: { resultVariables: [] } }];
      await client.execute({ key: "checks", inputs: LOAN });
      expect(asked.token).toBe(tokens);
    }
  });

  it.each(["", " ", "two words", "a\n", "a\r\nx-other: b", "é", 7, null])(
    "makes no call with the token %j, and asks for another one next time",
    async (issued) => {
      token = { access_token: issued };
      expect(await failure()).toMatchObject({
        upstream: "opentext-token",
        failure: "UNEXPECTED",
        message: expect.stringMatching(/^Cannot ask opentext-token: it answered unexpectedly: access_token: expected/),
      });
      expect(asked).toEqual({ token: 1, queries: [] });
      token = { access_token: "a" };
      answers = [{ body: { resultVariables: [] } }];
      expect(await client.execute({ key: "checks", inputs: LOAN })).toEqual([]);
      expect(asked.token).toBe(2);
    },
  );
});
