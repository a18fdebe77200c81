/** What the gateway answers to requests that are not right, and who may send one. */
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSmallGateway } from "../../support/small-gateway.ts";
import type { SmallGateway } from "../../support/small-gateway.ts";

const JSON_TYPE = "application/json";
const RESPONSE_TYPE = "application/graphql-response+json";
const SECRET = "s3cret";

let gateway: SmallGateway;
let open: SmallGateway;
beforeAll(async () => {
  gateway = await startSmallGateway();
  open = await startSmallGateway({ corsOrigins: ["https://portal.example"], allowedHosts: ["decibel.example"] });
});
afterAll(() => Promise.all([gateway.close(), open.close()]));

interface Answered {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  readonly body: { readonly data?: unknown; readonly errors?: readonly { readonly extensions: object }[] };
  readonly text: string;
}

async function send(path: string, init: RequestInit, to = gateway): Promise<Answered> {
  const response = await fetch(new URL(path, to.url), init);
  const text = await response.text();
  const { status, headers } = response;
  const body = text.startsWith("{") ? (JSON.parse(text) as Answered["body"]) : {};
  return { status, headers, type: headers.get("content-type"), body, text };
}

const post = (body: BodyInit, headers: Record<string, string> = {}, to = gateway): Promise<Answered> =>
  send("/graphql", { method: "POST", headers: { "content-type": JSON_TYPE, ...headers }, body }, to);
const query = (text: string, headers?: Record<string, string>, variables?: object): Promise<Answered> =>
  post(JSON.stringify({ query: text, variables }), headers);
const get = (
  parameters: Record<string, string>,
  headers: Record<string, string> = {},
  to = gateway,
): Promise<Answered> => send(`/graphql?${new URLSearchParams(parameters)}`, { headers }, to);

/** Sends text that may be no HTTP, and gives the whole answer. */
async function sendText(request: string, to = gateway): Promise<string> {
  const { hostname, port } = new URL(to.url);
  const socket = connect(Number(port), hostname);
  socket.end(request);
  return text(socket);
}

describe("a request that cannot be read", () => {
  it.each([
    ["broken JSON", () => post(`{"query":"${SECRET}`), 400, "BAD_REQUEST"],
    ["a list", () => post(`[{"query":"{ __typename }","variables":{"x":"${SECRET}"}}]`), 400, "BAD_REQUEST"],
    ["a text", () => post(`"${SECRET}"`), 400, "BAD_REQUEST"],
    ["null", () => post("null"), 400, "BAD_REQUEST"],
    ["nothing", () => post(""), 400, "BAD_REQUEST"],
    ["variables that are a text", () => post(`{"query":"{ __typename }","variables":"${SECRET}"}`), 400, "BAD_REQUEST"],
    ["broken variables by GET", () => get({ query: "{ __typename }", variables: `{"${SECRET}` }), 400, "BAD_REQUEST"],
    ["broken extensions by GET", () => get({ query: "{ __typename }", extensions: SECRET }), 400, "BAD_REQUEST"],
    ["two queries by GET", () => send(`/graphql?query={__typename}&query={${SECRET}}`, {}), 400, "BAD_REQUEST"],
    [
      "a byte that is no UTF-8",
      () => post(new Uint8Array([...Buffer.from(`{"query":"{ __typename }","x":"${SECRET}`), 0xff, 0x22, 0x7d])),
      400,
      "BAD_REQUEST",
    ],
    [
      "another charset",
      () => post("{}", { "content-type": "application/json; charset=utf-16" }),
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    ],
    ["an unknown encoding", () => post(SECRET, { "content-encoding": "br" }), 415, "UNSUPPORTED_MEDIA_TYPE"],
    [
      "a form",
      () => post(`query=${SECRET}`, { "content-type": "application/x-www-form-urlencoded" }),
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    ],
    [
      "a text body",
      () => post(`{"query":"{ __typename }"}`, { "content-type": "text/plain" }),
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    ],
    [
      "more than 8 MB",
      () => post(JSON.stringify({ query: SECRET, x: "x".repeat(8 * 1024 * 1024) })),
      413,
      "PAYLOAD_TOO_LARGE",
    ],
  ])("is refused with a GraphQL error that holds nothing of it: %s", async (_title, request, status, code) => {
    const answer = await request();
    expect([answer.status, answer.body]).toEqual([
      status,
      { errors: [{ message: expect.stringMatching(/^Cannot read the request: /), extensions: { code } }] },
    ]);
    expect(answer.text).not.toContain(SECRET);
  });

  it("is refused by a path that cannot be decoded, which is not repeated", async () => {
    const answer = await send(`/%zz${SECRET}`, {});
    expect([answer.status, answer.body.errors]).toMatchObject([400, [{ extensions: { code: "BAD_REQUEST" } }]]);
    expect(answer.text).not.toContain(SECRET);
  });

  it.each(["PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "HEAD"])("is refused by its method: %s", async (method) => {
    const answer = await send("/graphql?query={__typename}", { method });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, POST"]);
    if (method !== "HEAD") expect(answer.body.errors).toMatchObject([{ extensions: { code: "METHOD_NOT_ALLOWED" } }]);
  });

  it.each([
    ["no method", `${SECRET} /graphql HTTP/1.1\r\nhost: x\r\n\r\n`, 400, "BAD_REQUEST"],
    [
      "two lengths",
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`,
      400,
      "BAD_REQUEST",
    ],
    ["long headers", `GET /graphql HTTP/1.1\r\nhost: x\r\nx: ${SECRET.repeat(5000)}\r\n\r\n`, 431, "HEADERS_TOO_LARGE"],
    ["a long path", `GET /graphql?query=${SECRET.repeat(5000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431, "HEADERS_TOO_LARGE"],
  ])("is refused where HTTP ends: %s", async (_title, request, status, code) => {
    const answer = await sendText(request);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toMatchObject({ errors: [{ extensions: { code } }] });
    expect(answer).not.toContain(SECRET);
  });

  it.each(["/", "/x/y/graphql", "/graphql/", "/graphqlx", "/sandbox/calls", "/metrics"])(
    "is refused by its path: %s",
    async (path) => {
      const answer = await send(path, {
        method: "POST",
        headers: { "content-type": JSON_TYPE },
        body: '{"query":"{ __typename }"}',
      });
      expect([answer.status, answer.body.errors]).toEqual([
        404,
        [{ message: "Cannot answer: there is nothing at this path", extensions: { code: "NOT_FOUND" } }],
      ]);
    },
  );
});

describe("a request of an unusual form", () => {
  it.each([
    ["with the whole URL", "http://gateway.example/graphql?query={__typename}"],
    ["with a path of escapes", "/%67raphql?query={__typename}"],
  ])("is answered: %s", async (_title, target) => {
    const answer = await sendText(
      `GET ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\nsec-fetch-site: none\r\nconnection: close\r\n\r\n`,
    );
    expect(answer).toContain('{"data":{"__typename":"Query"}}');
  });

  it("is answered with a byte order mark", async () => {
    expect((await post('\uFEFF{"query":"{ __typename }"}')).body).toEqual({ data: { __typename: "Query" } });
  });

  it("is answered at /health and /ready, by HEAD too", async () => {
    for (const path of ["/health", "/ready"]) {
      for (const method of ["GET", "HEAD"]) expect((await send(path, { method })).status).toBe(200);
      expect((await send(path, { method: "POST" })).status).toBe(405);
    }
  });
});

describe("an answer", () => {
  it("is not kept by browsers, nor taken for another type", async () => {
    for (const { headers } of [await query("{ __typename }"), await query("{")])
      expect([headers.get("cache-control"), headers.get("x-content-type-options")]).toEqual(["no-store", "nosniff"]);
    const page = await send("/graphql", { headers: { accept: "text/html" } });
    expect([page.status, page.headers.get("x-frame-options")]).toEqual([200, "DENY"]);
  });
});

describe("a refusal of a large value", () => {
  const LARGE = "\u{1F4A9}".repeat(50_000);

  it.each([
    ["in a variable", "query ($id: ID!) { book(id: $id) { id } }", { id: { [LARGE]: LARGE } }],
    ["in a variable of an enum's or a scalar's type", "query ($at: DateTime) { echo(at: $at) }", { at: LARGE }],
    ["in the query", `{ echo(at: "${LARGE}") }`, {}],
    ["in the query's names", `{ ${"long".repeat(20_000)} }`, {}],
  ])("is short: %s", async (_title, document, variables) => {
    const answer = await query(document, {}, variables);
    expect(answer.body.errors).toHaveLength(1);
    expect(answer.text.length).toBeLessThan(2000);
  });

  it("says why at its end", async () => {
    const { body } = await query("query ($id: ID!) { book(id: $id) { id } }", {}, { id: { [LARGE]: 1 } });
    expect(body.errors).toMatchObject([{ message: expect.stringMatching(/^Variable "\$id" got .* … /s) }]);
  });
});

describe("the type of an answer", () => {
  it.each([
    [undefined, JSON_TYPE],
    ["*/*", JSON_TYPE],
    ["application/*", JSON_TYPE],
    [JSON_TYPE, JSON_TYPE],
    [RESPONSE_TYPE, RESPONSE_TYPE],
    [`${RESPONSE_TYPE}, ${JSON_TYPE}`, RESPONSE_TYPE],
    [`${JSON_TYPE}, ${RESPONSE_TYPE}`, JSON_TYPE],
    [`${RESPONSE_TYPE};q=0.5, ${JSON_TYPE};q=0.9`, JSON_TYPE],
    [`${JSON_TYPE};q=0.5, ${RESPONSE_TYPE};q=0.9`, RESPONSE_TYPE],
    [`${JSON_TYPE};q=0, */*`, RESPONSE_TYPE],
    [`${JSON_TYPE}; charset=utf-8`, JSON_TYPE],
    ["text/html;q=0.9, application/json;q=0.1", JSON_TYPE],
    ["", JSON_TYPE],
    ["*", JSON_TYPE],
    ["text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", JSON_TYPE],
  ])("follows Accept: %s → %s", async (accept, type) => {
    const answer = await query("{ __typename }", accept === undefined ? {} : { accept });
    expect([answer.status, answer.type, answer.body]).toEqual([
      200,
      `${type}; charset=utf-8`,
      { data: { __typename: "Query" } },
    ]);
  });

  it.each(["text/plain", "application/xml", `${JSON_TYPE};q=0`, `${JSON_TYPE}; charset=utf-16`])(
    "cannot be %s",
    async (accept) => {
      const answer = await query("{ __typename }", { accept });
      expect([answer.status, answer.body.errors]).toMatchObject([406, [{ extensions: { code: "NOT_ACCEPTABLE" } }]]);
    },
  );

  it.each([
    ["{", "GRAPHQL_PARSE_FAILED"],
    ["{ nothing }", "GRAPHQL_VALIDATION_FAILED"],
    ["query A { __typename } query B { __typename }", "OPERATION_RESOLUTION_FAILURE"],
    ["query ($id: ID!) { book(id: $id) { id } }", "BAD_USER_INPUT"],
    ["subscription { x }", "GRAPHQL_VALIDATION_FAILED"],
  ])("says by its status that a query was not executed: %s", async (text, code) => {
    for (const [accept, status] of [
      [RESPONSE_TYPE, 400],
      [JSON_TYPE, 200],
    ] as const) {
      const answer = await query(text, { accept });
      expect([answer.status, Object.keys(answer.body)]).toEqual([status, ["errors"]]);
      expect(answer.body.errors).toMatchObject([{ extensions: { code } }]);
    }
  });

  it.each([
    ["CountryCode", { country: "XX" }],
    ["DateTime", { at: "tomorrow" }],
  ])("says by its status that a variable is no %s", async (type, variables) => {
    const [name] = Object.keys(variables);
    const text = `query ($${name}: ${type}) { echo(${name}: $${name}) }`;
    const answer = await query(text, { accept: RESPONSE_TYPE }, variables);
    expect([answer.status, Object.keys(answer.body)]).toEqual([400, ["errors"]]);
    expect(answer.body.errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
    const literal = await query(`{ echo(${name}: "${Object.values(variables)[0]}") }`, { accept: RESPONSE_TYPE });
    expect([literal.status, literal.body.errors]).toMatchObject([
      400,
      [{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }],
    ]);
  });

  it("is 200 for a query that was executed and failed", async () => {
    const answer = await query("{ bug }", { accept: RESPONSE_TYPE });
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        data: { bug: null },
        errors: [{ message: "planted", path: ["bug"], extensions: { code: "PLANTED", service: "titles" } }],
      },
    ]);
  });
});

describe("a page of another site", () => {
  const MUTATION = 'mutation { rename(id: "b2", title: "forged") { id } }';
  const QUERY = { query: '{ book(id: "b1") { title } }' };
  const CROSS_SITE = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };

  it.each([
    ["a form", { "content-type": "application/x-www-form-urlencoded" }, `query=${encodeURIComponent(MUTATION)}`],
    [
      "a form of parts",
      { "content-type": "multipart/form-data; boundary=x" },
      `--x\r\ncontent-disposition: form-data; name="query"\r\n\r\n${MUTATION}\r\n--x--`,
    ],
    ["a form of plain text", { "content-type": "text/plain" }, JSON.stringify({ query: MUTATION })],
  ])("cannot execute a mutation by %s", async (_title, headers, body) => {
    const answer = await post(body, { origin: "https://evil.example", ...headers });
    expect([answer.status, gateway.titles.has("b2")]).toEqual([415, false]);
  });

  it("cannot execute a mutation by GET, and nor can anybody else", async () => {
    const answer = await get({ query: MUTATION });
    expect([answer.status, answer.headers.get("allow"), gateway.titles.has("b2")]).toEqual([405, "POST", false]);
  });

  it.each([
    ["its origin", { origin: "https://evil.example" }],
    ["an opaque origin", { origin: "null" }],
    ["the browser", CROSS_SITE],
    ["the browser, of the same site", { "sec-fetch-site": "same-site" }],
    ["the page it comes from", { referer: "https://evil.example/page" }],
    ["its origin, with a simple type", { origin: "https://evil.example", "content-type": "text/plain" }],
  ])("cannot execute a query by GET, known by %s", async (_title, headers) => {
    const answer = await get(QUERY, headers);
    expect([answer.status, answer.body]).toMatchObject([403, { errors: [{ extensions: { code: "CSRF_REFUSED" } }] }]);
  });

  it.each([
    ["a script, which names its origin if it is of another site", { "sec-fetch-mode": "cors" }],
    ["the address bar", { "sec-fetch-site": "none" }],
    ["the gateway's own page", { "sec-fetch-site": "same-origin" }],
    ["a client whose header makes browsers ask first", { ...CROSS_SITE, "apollo-require-preflight": "1" }],
  ])("is not %s, which may", async (_title, headers) => {
    const answer = await get(QUERY, headers);
    expect([answer.status, answer.body]).toEqual([200, { data: { book: { title: "Dune" } } }]);
  });

  it.each([
    ["nothing", ""],
    ["no origin", "origin: null\r\n"],
    ["a page of another port", "referer: http://127.0.0.1:1/page\r\n"],
    ["a mode without an origin", "sec-fetch-mode: no-cors\r\n"],
    ["an empty header", "apollo-require-preflight:\r\n"],
    ["a simple type", "content-type: text/plain; application/json\r\n"],
  ])("may use a browser that says nothing else than %s", async (_title, headers) => {
    const request = (host: string): string =>
      `GET /graphql?query={__typename} HTTP/1.1\r\n${host}${headers}connection: close\r\n\r\n`;
    expect(await sendText(request(`host: ${new URL(gateway.url).host}\r\n`))).toContain("CSRF_REFUSED");
    expect(await sendText(request("").replace("1.1", "1.0"))).toContain("CSRF_REFUSED");
  });

  it("may be known by its referrer to be the gateway's own", async () => {
    const { host, origin } = new URL(gateway.url);
    const answer = await sendText(
      `GET /graphql?query={__typename} HTTP/1.1\r\nhost: ${host}\r\nreferer: ${origin}/page\r\nconnection: close\r\n\r\n`,
    );
    expect(answer).toContain('{"data":{"__typename":"Query"}}');
  });

  it("gets no CORS header", async () => {
    const ask = { origin: "https://portal.example", "access-control-request-method": "POST" };
    const preflight = await send("/graphql", { method: "OPTIONS", headers: ask });
    const answer = await query("{ __typename }", { origin: "https://portal.example" });
    for (const { headers } of [preflight, answer])
      expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});

describe("the name that a gateway is called by", () => {
  const ask = (host: string, to = gateway): Promise<string> =>
    sendText(
      `POST /graphql HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: 26\r\nconnection: close\r\n\r\n{"query":"{ __typename }"}`,
      to,
    );

  it.each([
    "localhost",
    "localhost:4000",
    "app.localhost",
    "127.0.0.1:4000",
    "[::1]:4000",
    "192.0.2.7",
    "[2001:db8::1]",
  ])("may be %s", async (host) => expect(await ask(host)).toContain('{"data":{"__typename":"Query"}}'));

  it.each([
    "evil.example",
    "evil.example:4000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evillocalhost",
    "1",
  ])("is not that of another site, which a page may have pointed at it: %s", async (host) => {
    const answer = await ask(host);
    expect(answer).toMatch(/^HTTP\/1.1 421 /);
    expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toMatchObject({
      errors: [{ extensions: { code: "MISDIRECTED_REQUEST" } }],
    });
  });

  it("is one: several are refused, whatever they are", async () => {
    for (const to of [gateway, open]) {
      const answer = await ask("localhost\r\nHOST: localhost", to);
      expect(answer).toMatch(/^HTTP\/1.1 400 /);
      expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toMatchObject({
        errors: [{ extensions: { code: "BAD_REQUEST" } }],
      });
    }
  });

  it("may be one of ALLOWED_HOSTS", async () => {
    expect(await ask("decibel.example", open)).toContain('{"data":');
    expect(await ask("evil.example", open)).toMatch(/^HTTP\/1.1 421 /);
  });

  it("may be any where other machines can reach it", async () => {
    const reachable = await startSmallGateway({ host: "0.0.0.0" });
    expect(await ask("gateway.internal", reachable)).toContain('{"data":');
    await reachable.close();
  });
});

describe("CORS_ORIGINS", () => {
  const preflight = (origin: string): Promise<Answered> =>
    send(
      "/graphql",
      {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" },
      },
      open,
    );

  it("allows the pages of an origin", async () => {
    const { status, headers } = await preflight("https://portal.example");
    expect([
      status,
      headers.get("access-control-allow-origin"),
      headers.get("access-control-allow-credentials"),
      headers.get("access-control-allow-headers"),
    ]).toEqual([204, "https://portal.example", "true", "content-type"]);
    const answer = await post('{"query":"{ __typename }"}', { origin: "https://portal.example" }, open);
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://portal.example");
    const byGet = await get({ query: "{ __typename }" }, { origin: "https://portal.example" }, open);
    expect(byGet.body).toEqual({ data: { __typename: "Query" } });
  });

  it("allows no other", async () => {
    for (const origin of ["https://evil.example", "https://portal.example.evil.example", "http://portal.example"]) {
      const { headers } = await preflight(origin);
      expect(headers.get("access-control-allow-origin")).not.toBe(origin);
      expect((await get({ query: "{ __typename }" }, { origin }, open)).status).toBe(403);
    }
  });
});
