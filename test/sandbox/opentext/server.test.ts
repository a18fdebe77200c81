/**
 * The OpenText sandbox: its protocol, its faults and its control routes. Over 200 lines, because all tests share one
 * sandbox with its tables.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { compile } from "../../../subgraphs/pipeline/table/compile.ts";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import { createOpenTextSandbox } from "../../../subgraphs/sandbox/opentext/server.ts";
import type { OpenTextSandbox } from "../../../subgraphs/sandbox/opentext/server.ts";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { compiled } from "../../support/otdt.ts";

const tables = await loadTables("test/tables/opentext");
const CLIENT = { client_id: "sandbox", client_secret: "sandbox", grant_type: "client_credentials" };
const LOAN = [
  { name: "kind", value: "loan", type: "string" },
  { name: "amount", value: 6000, type: "integer" },
  { name: "risk", value: 4, type: "integer" },
];
const LIGHT = {
  key: "light",
  inputs: { any: "string" },
  outputs: { verdict: "string" },
  rules: [{ verdict: "ALLOW" }],
} as const;
/** For the table `types`: every input, none of which meets a rule. A later one counts instead. */
const NOTHING_MET = [
  { name: "text", value: "no", type: "string" },
  { name: "number", value: 0, type: "integer" },
  { name: "day", value: "2025-01-01", type: "date" },
  { name: "tags", value: [] },
];
const Rows = z.object({ resultVariables: z.array(z.array(z.object({ name: z.string(), value: z.unknown() }))) });
const Models = z.object({ _embedded: z.object({ decisionModels: z.array(z.object({ key: z.string() })) }) });
const Calls = z.looseObject({ recent: z.array(z.unknown()) });

let clock: number;
let sandbox: OpenTextSandbox;
let origin: string;

beforeEach(async () => {
  clock = 0;
  sandbox = createOpenTextSandbox({ tables, now: () => clock });
  origin = await sandbox.listen();
});

afterEach(() => sandbox.close());

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function send(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : (JSON.parse(text) as unknown) };
}

async function bearer(): Promise<Record<string, string>> {
  const { body } = await send("POST", "/tenants/sandbox/oauth2/token", CLIENT);
  return { authorization: `Bearer ${z.object({ access_token: z.string() }).parse(body).access_token}` };
}

async function execute(decisionKey: unknown, inputVariables?: unknown): Promise<Answer> {
  return send("POST", "/decision/v1/execute", { decisionKey, inputVariables }, await bearer());
}

async function calls(): Promise<z.infer<typeof Calls>> {
  return Calls.parse((await send("GET", "/sandbox/calls")).body);
}

function keysOf({ body }: Answer): readonly string[] {
  const { _embedded: embedded } = Models.parse(body);
  return embedded.decisionModels.map(({ key }) => key);
}

const ofAmount = (value: number): object[] => [{ name: "amount", value, type: "integer" }];

describe("the OpenText sandbox", () => {
  it("issues a token for a request as JSON and as a form", async () => {
    const json = await send("POST", "/tenants/sandbox/oauth2/token", CLIENT);
    const form = await fetch(`${origin}/tenants/sandbox/oauth2/token`, {
      method: "POST",
      body: new URLSearchParams(CLIENT),
    });
    const token = { access_token: expect.stringMatching(/^[\w-]{36}$/), token_type: "Bearer", expires_in: 3600 };
    expect(json).toEqual({ status: 200, body: token });
    expect([form.status, await form.json()]).toEqual([200, token]);
  });

  it.each([
    [
      "an unknown client, in the gateway's words",
      "/tenants/sandbox/oauth2/token",
      { ...CLIENT, client_secret: "guess" },
      401,
      { fault: { faultstring: "Invalid ApiKey", detail: { errorcode: "oauth.v2.InvalidApiKey" } } },
    ],
    [
      "another grant",
      "/tenants/sandbox/oauth2/token",
      { ...CLIENT, grant_type: "password" },
      400,
      { error: "unsupported_grant_type", error_description: "grant_type must be client_credentials" },
    ],
    [
      "another tenant",
      "/tenants/other/oauth2/token",
      CLIENT,
      404,
      { message: "Not found", exception: "No such tenant" },
    ],
  ])("issues no token for %s", async (_title, path, body, status, said) => {
    expect(await send("POST", path, body)).toEqual({ status, body: said });
  });

  it("names the URL of the token endpoint", async () => {
    const issuer = `${origin}/tenants/sandbox`;
    expect(await send("GET", "/tenants/sandbox/.well-known/openid-configuration")).toEqual({
      status: 200,
      body: { issuer, token_endpoint: `${issuer}/oauth2/token` },
    });
    expect((await send("GET", "/tenants/other/.well-known/openid-configuration")).status).toBe(404);
  });

  it("refuses a request without a valid token", async () => {
    const known = await bearer();
    const ask = (headers: Record<string, string>): Promise<Answer> =>
      send("GET", "/decision/v1/runtime/decision-models", undefined, headers);
    const invalid = {
      fault: { faultstring: "Invalid access token", detail: { errorcode: "oauth.v2.InvalidAccessToken" } },
    };
    const expired = {
      fault: {
        faultstring: "Access Token expired",
        detail: { errorcode: "keymanagement.service.access_token_expired" },
      },
    };
    clock = 3_599_999;
    expect((await ask(known)).status).toBe(200);
    expect(await ask({})).toEqual({ status: 401, body: invalid });
    expect(await ask({ authorization: "Bearer guess" })).toEqual({ status: 401, body: invalid });
    clock = 3_600_000;
    expect(await ask(known)).toEqual({ status: 401, body: expired });
    expect(await send("POST", "/decision/v1/execute", "no object", known)).toEqual({ status: 401, body: expired });
  });

  it("answers 201 and one list of variables for each rule that matches", async () => {
    expect(await execute("checks", LOAN)).toEqual({
      status: 201,
      body: {
        resultVariables: [
          [{ name: "check", type: "string", value: "solvency" }],
          [{ name: "check", type: "string", value: "manager" }],
          [{ name: "check", type: "string", value: "risk desk" }],
        ],
      },
    });
  });

  it("returns each output with its type, and omits empty cells that are no texts", async () => {
    const inputs = [
      ...NOTHING_MET,
      { name: "number", value: 1.5, type: "double" },
      { name: "flag", value: true, type: "boolean" },
      { name: "nobody asked", value: 1, type: "integer" },
    ];
    expect((await execute("types", inputs)).body).toEqual({
      resultVariables: [
        [
          { name: "input", type: "string", value: "number" },
          { name: "weight", type: "double", value: 2.5 },
          { name: "certain", type: "boolean", value: true },
        ],
        [
          { name: "input", type: "string", value: "flag" },
          { name: "certain", type: "boolean", value: false },
        ],
      ],
    });
  });

  it.each([
    ["string", "text", "yes"],
    ["integer", "number", 2],
    ["integer", "number", 2_147_483_647],
    ["long", "number", 2_147_483_648],
    ["short", "number", 32_767],
    ["double", "number", 1.5],
    ["boolean", "flag", true],
    ["date", "day", "2026-01-02"],
    ["localDate", "day", "2026-01-02"],
    [undefined, "tags", ["blue", "red"]],
    [undefined, "text", "yes"],
    [undefined, "number", 2],
    [undefined, "number", 2.5],
    [undefined, "flag", true],
    [undefined, "tags", ["red"]],
  ])("accepts %s for input %s: %j", async (type, name, value) => {
    const { body } = await execute("types", [...NOTHING_MET, { name, type, value }]);
    expect(Rows.parse(body).resultVariables.map((row) => row[0]?.value)).toEqual([name]);
  });

  it.each([
    ["a key", undefined, [], "Decision key is required."],
    ["a known key", "nobody", [], "No decision found for key: nobody"],
    ["a list", "types", { text: "yes" }, "inputVariables is not a list"],
    ["names", "types", [{ value: 1, type: "integer" }], "Variable name is required."],
    [
      "known types",
      "types",
      [{ name: "text", value: "a", type: "number" }],
      "Variable 'text' has unsupported type: 'number'",
    ],
    [
      "no type of lists",
      "types",
      [{ name: "tags", value: ["red"], type: "json" }],
      "Variable 'tags' has unsupported type: 'json'",
    ],
    [
      "suitable types",
      "types",
      [{ name: "day", value: "yes", type: "string" }],
      "Variable 'day' is of type string, but the model's input is a date",
    ],
    [
      "lists for collections",
      "types",
      [{ name: "tags", value: { red: 1 } }],
      "Variable 'tags' is of type object, but the model's input is a collection",
    ],
    [
      "plain items",
      "types",
      [{ name: "tags", value: [["red"]] }],
      "Variable 'tags' holds an item that is neither a string nor a number",
    ],
  ])("requires %s: else 400 with the service's message", async (_title, key, variables, exception) => {
    expect(await execute(key, variables)).toEqual({ status: 400, body: { message: "Bad request", exception } });
  });

  it.each([
    ["string", "text", 1],
    ["integer", "number", 1.5],
    ["integer", "number", 2_147_483_648],
    ["short", "number", 32_768],
    ["long", "number", 1.5],
    ["double", "number", "2"],
    ["boolean", "flag", "true"],
    ["date", "day", "soon"],
    ["instant", "day", "2026-01-02"],
    ["localDate", "day", "2026-02-30"],
    ["localDateTime", "day", "2026-01-02T00:00:00Z"],
  ])("refuses a value that is not a %s: input %s is %j", async (type, name, value) => {
    const exception = `The given value of variable '${name}' is not a ${type}: '${value}'`;
    expect(await execute("types", [{ name, type, value }])).toEqual({
      status: 400,
      body: { message: "Bad request", exception },
    });
  });

  it("answers 400 to what is not JSON", async () => {
    const headers = { ...(await bearer()), "content-type": "application/json" };
    const response = await fetch(`${origin}/decision/v1/execute`, { method: "POST", headers, body: "{" });
    expect([response.status, await response.json()]).toEqual([
      400,
      { message: "Bad request", exception: expect.stringContaining("JSON") },
    ]);
  });

  it("answers a failed evaluation like one without a matching rule: 201 and no rows", async () => {
    const nothing = { status: 201, body: { resultVariables: [] } };
    expect((await execute("only_one", ofAmount(7))).body).toEqual({
      resultVariables: [[{ name: "size", type: "string", value: "small" }]],
    });
    expect(await execute("only_one", ofAmount(10))).toEqual(nothing);
    expect(await execute("only_one", ofAmount(4))).toEqual(nothing);
  });

  it("returns no rows on request", async () => {
    await send("PUT", "/sandbox/faults", { rows: "empty" });
    expect(await execute("checks", LOAN)).toEqual({ status: 201, body: { resultVariables: [] } });
    await send("DELETE", "/sandbox/faults");
    expect(await execute("checks", LOAN)).toMatchObject({ body: { resultVariables: { length: 3 } } });
  });

  it("returns an unknown verdict, or values of wrong types, on request", async () => {
    const values = async (rows: string): Promise<unknown> => {
      await send("PUT", "/sandbox/faults", { rows });
      const { body } = await execute("types", [...NOTHING_MET, { name: "number", value: 1.5, type: "double" }]);
      return Rows.parse(body).resultVariables.map((row) =>
        Object.fromEntries(row.map(({ name, value }) => [name, value])),
      );
    };
    expect(await values("wrong")).toEqual([{ input: 6, weight: "2.5", certain: "true" }]);
    // This table has no output `verdict`, so none is returned.
    expect(await values("unknown")).toEqual([{ input: "number", weight: 2.5, certain: true }]);
    sandbox.deploy(compiled(LIGHT));
    expect((await execute("light")).body).toEqual({
      resultVariables: [[{ name: "verdict", type: "string", value: "PERHAPS" }]],
    });
    expect((await send("PUT", "/sandbox/faults", { rows: "other" })).status).toBe(400);
  });

  it("resets the connection in the middle of an answer on request, and still counts the call", async () => {
    const headers = { ...(await bearer()), "content-type": "application/json" };
    await send("PUT", "/sandbox/faults", { body: "reset" });
    const body = JSON.stringify({ decisionKey: "checks", inputVariables: LOAN });
    const response = await fetch(`${origin}/decision/v1/execute`, { method: "POST", headers, body });
    expect(response.status).toBe(201);
    const read = async (): Promise<string> => {
      let text = "";
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk;
      return text;
    };
    await expect(read()).rejects.toThrow("terminated");
    expect(await calls()).toMatchObject({
      executes: 1,
      byKey: { checks: 1 },
      recent: [{ key: "checks", status: 201 }],
    });
    await send("DELETE", "/sandbox/faults");
    expect(await execute("checks", LOAN)).toMatchObject({ status: 201, body: { resultVariables: { length: 3 } } });
  });

  it("fails only one kind of request on request", async () => {
    const headers = await bearer();
    const statuses = async (only: string): Promise<unknown> => {
      await send("PUT", "/sandbox/faults", { status: 503, only });
      return [
        (await send("POST", "/tenants/sandbox/oauth2/token", CLIENT)).status,
        (await send("POST", "/decision/v1/execute", { decisionKey: "checks" }, headers)).status,
        (await send("GET", "/decision/v1/runtime/decision-models", undefined, headers)).status,
      ];
    };
    expect(await statuses("token")).toEqual([503, 201, 200]);
    expect(await statuses("execute")).toEqual([200, 503, 200]);
    expect(await statuses("list")).toEqual([200, 201, 503]);
    await send("PUT", "/sandbox/faults", { requestsPerSecond: 1, only: "token" });
    expect((await send("GET", "/decision/v1/runtime/decision-models", undefined, headers)).status).toBe(200);
    await bearer();
    expect((await send("POST", "/tenants/sandbox/oauth2/token", CLIENT)).status).toBe(429);
    expect((await send("PUT", "/sandbox/faults", { only: "everything" })).status).toBe(400);
  });

  it("is the only sandbox with rows to spoil and with kinds of requests; all others distinguish only writes", async () => {
    const other = createSandbox({ name: "other", routes: () => {}, problem: () => ({}) });
    const spoilt = await other.app.inject({ method: "PUT", url: "/sandbox/faults", payload: { rows: "empty" } });
    expect([spoilt.statusCode, spoilt.json()]).toEqual([
      400,
      { message: 'other does not know "rows": it answers none' },
    ]);
    const answer = await other.app.inject({ method: "PUT", url: "/sandbox/faults", payload: { only: "token" } });
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      { message: 'other does not know "token": "only" is "write"' },
    ]);
    expect((await send("PUT", "/sandbox/faults", { only: "write" })).status).toBe(400);
    await other.close();
  });

  it.each([
    [401, { fault: { faultstring: "Invalid access token", detail: { errorcode: "oauth.v2.InvalidAccessToken" } } }],
    [
      429,
      {
        fault: {
          faultstring: "Spike arrest violation",
          detail: { errorcode: "policies.ratelimit.SpikeArrestViolation" },
        },
      },
    ],
    [500, { message: "Internal server error", exception: "Made to fail by /sandbox/faults" }],
    [
      503,
      {
        fault: {
          faultstring: "The Service is temporarily unavailable",
          detail: { errorcode: "messaging.adaptors.http.flow.ServiceUnavailable" },
        },
      },
    ],
  ])("answers %d on request", async (status, body) => {
    await send("PUT", "/sandbox/faults", { status });
    expect(await send("POST", "/decision/v1/execute", {})).toEqual({ status, body });
  });

  it("lists its models in pages, with the tables' descriptions", async () => {
    const headers = await bearer();
    const list = async (query: string): Promise<Answer> =>
      send("GET", `/decision/v1/runtime/decision-models${query}`, undefined, headers);

    expect(await list("?namespace=tests&key=only_one")).toEqual({
      status: 200,
      body: {
        _embedded: {
          decisionModels: [
            {
              id: "only_one-1",
              key: "only_one",
              name: "Only one",
              description: "Two rules that match the same small amounts, of which only one may",
              namespace: "tests",
              version: 1,
              hitIndicator: "UNIQUE",
              inputs: [{ id: "amount_id", name: "amount", label: "Amount", type: "number", entries: [] }],
              outputs: [{ id: "size_id", name: "size", label: "Size", type: "string", entries: [] }],
            },
          ],
        },
        page: { size: 20, totalElements: 1, totalPages: 1, number: 0 },
      },
    });
    expect(keysOf(await list(""))).toEqual(["checks", "only_one", "types"]);
    expect(keysOf(await list("?namespace=tests"))).toEqual(["only_one", "types"]);
    expect(keysOf(await list("?namespace=contracts&key=types"))).toEqual([]);
    const second = await list("?size=2&page=1");
    expect([keysOf(second), second.body]).toEqual([
      ["types"],
      expect.objectContaining({ page: { size: 2, totalElements: 3, totalPages: 2, number: 1 } }),
    ]);
    expect((await list("?page=-1")).status).toBe(400);
  });

  it("evaluates the table that was deployed last", async () => {
    for (const { table } of tables.slice(0, 1)) {
      sandbox.deploy(compile({ ...table, version: 2, rules: table.rules.slice(0, 1) }));
      sandbox.deploy(compile({ ...table, key: "more" }));
    }
    expect((await send("GET", "/sandbox/tables")).body).toEqual([
      { key: "checks", version: 2, rules: 1 },
      { key: "only_one", version: 1, rules: 2 },
      { key: "types", version: 1, rules: 5 },
      { key: "more", version: 1, rules: 4 },
    ]);
    expect((await execute("checks", LOAN)).body).toMatchObject({ resultVariables: { length: 1 } });
    expect((await execute("more", LOAN)).body).toMatchObject({ resultVariables: { length: 3 } });
  });

  it("reports another version on request", async () => {
    const changed = { key: "checks", version: 7, rules: 4 };
    expect(await send("PUT", "/sandbox/tables/checks/version", { version: 7 })).toEqual({ status: 200, body: changed });
    expect((await send("GET", "/sandbox/tables")).body).toEqual([
      changed,
      { key: "only_one", version: 1, rules: 2 },
      { key: "types", version: 1, rules: 5 },
    ]);
    expect((await send("PUT", "/sandbox/tables/nobody/version", { version: 7 })).status).toBe(404);
    expect((await send("PUT", "/sandbox/tables/checks/version", { version: "new" })).status).toBe(400);
  });

  it("neither counts nor fails control requests", async () => {
    await send("PUT", "/sandbox/faults", { status: 503 });
    expect((await send("GET", "/sandbox/tables")).status).toBe(200);
    expect((await send("PUT", "/sandbox/tables/checks/version", { version: 2 })).status).toBe(200);
    expect(await calls()).toEqual({ tokens: 0, lists: 0, executes: 0, batches: 0, byKey: {}, recent: [] });
  });

  it("logs each evaluation with its key and inputs", async () => {
    const headers = await bearer();
    await send("GET", "/decision/v1/runtime/decision-models", undefined, headers);
    await execute("checks", LOAN);
    await execute("nobody", []);
    await send("POST", "/decision/v1/execute", { decisionKey: "checks" });
    const ms = expect.any(Number);
    const { recent, ...counts } = await calls();
    expect(counts).toEqual({ tokens: 3, lists: 1, executes: 3, batches: 0, byKey: { checks: 1, nobody: 1 } });
    expect(recent).toEqual([
      { key: "checks", inputs: { kind: "loan", amount: 6000, risk: 4 }, status: 201, ms },
      { key: "nobody", inputs: {}, status: 400, ms },
      { key: null, inputs: {}, status: 401, ms },
    ]);
    await send("DELETE", "/sandbox/calls");
    expect(await calls()).toEqual({ tokens: 0, lists: 0, executes: 0, batches: 0, byKey: {}, recent: [] });
  });

  it("logs the last 500 evaluations", async () => {
    for (let count = 0; count < 501; count += 1)
      await sandbox.app.inject({ method: "POST", url: "/decision/v1/execute" });
    const { executes, recent } = await calls();
    expect([executes, recent.length]).toEqual([501, 500]);
  });
});
