/** Secrets are planted in errors of every layer, and all answers are searched for them. */
// Before any decorator runs.
import "reflect-metadata";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DrizzleQueryError } from "drizzle-orm/errors";
import { GraphQLError } from "graphql";
import { pino } from "pino";
import { Arg, Int, Query, Resolver } from "type-graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGateway } from "../../../gateway/gateway.ts";
import type { Gateway, GatewayOptions } from "../../../gateway/gateway.ts";
import { masked } from "../../../gateway/limits/masking.ts";
import { createReadiness } from "../../../subgraphs/platform/readiness.ts";
import { createMemoryTransport } from "../../../gateway/transport/memory.ts";
import type { Transport } from "../../../gateway/transport/transport.ts";
import { compose } from "../../../schema/compose.ts";
import { badUserInput } from "../../../schema/errors.ts";
import { DecisionError } from "../../../subgraphs/pipeline/ask.ts";
import { createApiKey } from "../../../subgraphs/platform/api-key.ts";
import { UpstreamError } from "../../../subgraphs/platform/upstream-error.ts";
import { createSubgraph, printSubgraph } from "../../../subgraphs/server/subgraph.ts";
import type { Subgraph } from "../../../subgraphs/server/subgraph.ts";
import { TOKEN_SETTINGS } from "../../support/tokens.ts";

/** A text, a host, a statement and its value, a line of a stack. */
const PLANTED = "hunter2 db-7.internal:5432 select ann@example.org at Object.<anonymous> (/srv/decibel/x.ts:1:1)";
const SECRETS = /hunter2|db-7|select|ann@|\/srv|anonymous|stacktrace|drizzle|node_modules/i;
const REQUEST_ID = "asked-for-secrets";

const withExtensions = Object.assign(new Error(PLANTED), { extensions: { code: "PLANTED", secret: PLANTED } });
const statement = (code?: string): Error =>
  new DrizzleQueryError(PLANTED, [PLANTED], Object.assign(new Error(PLANTED), code === undefined ? {} : { code }));
const upstream = new UpstreamError("crm", "STATUS", `it answered 500: ${PLANTED}`, {
  status: 500,
  detail: PLANTED,
  cause: new Error(PLANTED),
});

const THROWN: Readonly<Record<string, unknown>> = {
  bug: new TypeError(PLANTED),
  text: PLANTED,
  extended: withExtensions,
  uncoded: new GraphQLError(PLANTED),
  statement: statement("42P01"),
  disconnected: statement(),
  upstream,
  undecided: new DecisionError("DECISION_UNAVAILABLE", "sizes", "decision service answered 503", true, upstream),
  mistake: badUserInput("Cannot list: first must be from 1 to 200, but got 0", "first"),
};
@Resolver()
class Things {
  @Query(() => Int, { nullable: true })
  fail(@Arg("by", () => String) by: string): number {
    throw THROWN[by];
  }
}
const failing = (by: string): string => `{ fail(by: "${by}") }`;

/** Answers of a subgraph that is made of other software. */
const FOREIGN: readonly (readonly [what: string, status: number, body: unknown])[] = [
  ["a stack", 200, { errors: [{ message: PLANTED, extensions: { code: "INTERNAL_SERVER_ERROR", stacktrace: [PLANTED] } }] }],
  ["no code", 200, { errors: [{ message: PLANTED, extensions: { exception: { message: PLANTED } } }] }],
  ["no extensions", 200, { data: null, errors: [{ message: PLANTED, path: ["other"] }] }],
  ["extensions that are none", 200, { errors: [{ message: PLANTED, extensions: PLANTED }] }],
  ["a secret as code", 200, { errors: [{ message: PLANTED, extensions: { code: PLANTED } }] }],
  ["what it thinks of the query", 400, { errors: [{ message: PLANTED, extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }] }],
  ["a code, and more than that", 200, { errors: [{ message: "Cannot ship", extensions: { code: "OUT_OF_STOCK", debug: PLANTED } }] }],
  ["a page", 502, `<h1>${PLANTED}</h1>`],
]; // prettier-ignore

let foreign: Server;
let subgraph: Subgraph;
let subgraphUrl: string;
let foreignAnswer: readonly [status: number, body: unknown] = [200, {}];
let gateways: ReadonlyMap<string, { readonly gateway: Gateway; readonly url: string }>;
let supergraph: string;

beforeAll(async () => {
  const log = pino({ enabled: false });
  subgraph = await createSubgraph({ name: "things", resolvers: [Things], references: {} }, undefined, { log });
  subgraphUrl = await subgraph.listen();
  foreign = createServer((_request, response) => {
    const [status, body] = foreignAnswer;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  foreign.listen(0, "127.0.0.1");
  await new Promise((resolve) => foreign.once("listening", resolve));
  const other = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}/graphql`;
  supergraph = compose(
    {
      subgraphs: [
        { name: "things", routingUrl: subgraphUrl, file: "things" },
        { name: "foreign", routingUrl: other, file: "foreign" },
        { name: "gone", routingUrl: "http://db-7.internal.invalid:5432/hunter2", file: "gone" },
      ],
    },
    new Map([
      ["things", await printSubgraph({ resolvers: [Things] })],
      ["foreign", "type Query { other: String }"],
      ["gone", "type Query { gone: String }"],
    ]),
  );
  const memory = new Map([["things", createMemoryTransport(subgraph.execute)]]);
  gateways = new Map([
    ["memory", await started({ transports: memory })],
    ["http", await started({})],
  ]);
});
afterAll(async () => {
  await Promise.all([...gateways.values()].map(({ gateway }) => gateway.close()));
  await subgraph.close();
  foreign.close();
});

async function started(options: Partial<GatewayOptions>) {
  const gateway = await createGateway({ supergraph, log: pino({ enabled: false }), ...options });
  return { gateway, url: await gateway.listen() };
}

async function answerOf(url: string, query: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-request-id": REQUEST_ID, ...headers },
    body: JSON.stringify({ query }),
  });
  const text = await response.text();
  expect(`${JSON.stringify([...response.headers])} ${text}`).not.toMatch(SECRETS);
  return text;
}

const errorIn = (text: string): unknown => (JSON.parse(text) as { errors: unknown[] }).errors[0];
const internal = (more: object) => ({
  message: "Internal error",
  extensions: { code: "INTERNAL_SERVER_ERROR", requestId: REQUEST_ID, ...more },
});

describe.each(["memory", "http"])("over %s, an unexpected error", (transport) => {
  const url = (): string => gateways.get(transport)?.url ?? "";

  it.each(["bug", "text", "extended", "uncoded"])("of a resolver is the id of its request: %s", async (by) => {
    expect(errorIn(await answerOf(url(), failing(by)))).toEqual({
      ...internal({ service: "things" }),
      path: ["fail"],
    });
  });

  it.each([
    ["statement", "Cannot ask database: it answered unexpectedly", "UPSTREAM_UNEXPECTED"],
    ["disconnected", "Cannot ask database: it cannot be reached", "UPSTREAM_UNAVAILABLE"],
    ["upstream", "Cannot ask crm: it answered 500", "UPSTREAM_UNAVAILABLE"],
  ])("of what a resolver asks names it, and nothing else: %s", async (by, message, code) => {
    expect(errorIn(await answerOf(url(), failing(by)))).toMatchObject({ message, extensions: { code } });
  });

  it("in a deferred fragment is masked too", async () => {
    const answer = await answerOf(url(), `{ __typename ... @defer ${failing("bug")} }`, { accept: "multipart/mixed" });
    expect(answer).toContain(JSON.stringify(internal({ service: "things" }).extensions));
  });

  it("does not mask what is meant for clients", async () => {
    expect(errorIn(await answerOf(url(), failing("undecided")))).toEqual({
      message: "Cannot decide sizes: decision service answered 503",
      path: ["fail"],
      extensions: { code: "DECISION_UNAVAILABLE", decision: "sizes", retryable: true, service: "things" },
    });
    expect(errorIn(await answerOf(url(), failing("mistake")))).toEqual({
      message: "Cannot list: first must be from 1 to 200, but got 0",
      path: ["fail"],
      extensions: { code: "BAD_USER_INPUT", argument: "first", service: "things" },
    });
  });
});

it("a subgraph that is asked without a gateway masks its errors", async () => {
  for (const by of Object.keys(THROWN)) expect(errorIn(await answerOf(subgraphUrl, failing(by)))).toBeDefined();
});

describe("a subgraph of other software", () => {
  it.each(FOREIGN)("answers %s", async (_what, status, body) => {
    foreignAnswer = [status, body];
    for (const accept of ["application/json", "application/graphql-response+json"]) {
      const answer = await answerOf(gateways.get("http")?.url ?? "", "{ other }", { accept });
      expect(errorIn(answer)).toMatchObject({ extensions: { service: "foreign" } });
    }
  });

  it("that has a code of its own for clients is heard", () => {
    const extensions = { code: "OUT_OF_STOCK", debug: PLANTED, retryable: false };
    expect(masked({ message: "Cannot ship", extensions }, "r")).toEqual({
      message: "Cannot ship",
      extensions: { code: "OUT_OF_STOCK", retryable: false },
    });
  });

  it("cannot be reached at a host that nobody is told", async () => {
    expect(errorIn(await answerOf(gateways.get("http")?.url ?? "", "{ gone }"))).toMatchObject({
      message: "Cannot ask gone: it cannot be reached",
      extensions: { code: "SUBGRAPH_UNAVAILABLE" },
    });
  });
});

describe("the gateway's own failure", () => {
  async function answered(
    options: Partial<GatewayOptions>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { gateway, url } = await started(options);
    const text = await answerOf(url, "{ other }", headers);
    await gateway.close();
    return text;
  }

  it("to execute is the id of the request", async () => {
    const broken: Transport = {
      send: async () => {
        throw new RangeError(PLANTED);
      },
      close: async () => {},
    };
    const text = await answered({ transports: new Map([["foreign", broken]]) });
    expect(errorIn(text)).toEqual(internal({}));
  });

  it("to look up a key is masked", async () => {
    const findKey = async (): Promise<never> => {
      throw statement("42P01");
    };
    expect(await answered({ tokens: TOKEN_SETTINGS, findKey }, { "x-api-key": createApiKey() })).toContain("errors");
  });

  it.each([new Error(PLANTED), PLANTED, new UpstreamError("database", "UNEXPECTED", PLANTED)])(
    "to be ready is masked: %s",
    async (error) => {
      const readiness = createReadiness(
        async () => {
          throw error;
        },
        pino({ enabled: false }),
      );
      const { gateway, url } = await started({ readiness });
      const response = await fetch(new URL("/ready", url));
      expect([response.status, await response.text()]).toEqual([
        503,
        '{"status":"not ready","reason":"it cannot be checked; the log has the reason"}',
      ]);
      await gateway.close();
    },
  );
});
