/** Who may send a request to the gateway, what the others are told, and what reaches the subgraphs. */
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiKey, digestOf } from "../../../subgraphs/platform/api-key.ts";
import type { ApiKey } from "../../../subgraphs/platform/api-key.ts";
import { clockOf, NOW } from "../../support/now.ts";
import { startSmallGateway } from "../../support/small-gateway.ts";
import type { SmallGateway } from "../../support/small-gateway.ts";
import { TOKEN_SETTINGS, tokenFor } from "../../support/tokens.ts";

const [KEY, EXPIRED, LOST] = [createApiKey(), createApiKey(), createApiKey()];
const PARTNER: ApiKey = { id: "1a2b", scopes: ["eligibility:read"], accounts: ["acme"] };
const keys = new Map<string, ApiKey>([
  [digestOf(KEY), PARTNER],
  [digestOf(EXPIRED), { ...PARTNER, expiresAt: NOW }],
]);
const QUERY = '{"query":"{ book(id: \\"b1\\") { title } }"}';
const BEARER = "www-authenticate";

let gateway: SmallGateway;
let token: string;
beforeAll(async () => {
  gateway = await startSmallGateway({
    tokens: TOKEN_SETTINGS,
    clock: clockOf(() => NOW),
    findKey: async (digest) => {
      if (digest === digestOf(LOST)) throw new Error("Cannot ask database: it is gone");
      return keys.get(digest);
    },
  });
  token = await tokenFor(NOW, { scope: "graph:read", accounts: ["acme"] });
});
afterAll(() => gateway.close());

async function send(headers: Readonly<Record<string, string>> = {}, path = "/graphql", init: RequestInit = {}) {
  const response = await fetch(new URL(path, gateway.url), {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: QUERY,
    ...init,
  });
  const { status } = response;
  return { status, headers: response.headers, text: await response.text() };
}

/** With any headers, repeated ones too. */
async function sendRaw(...headers: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  const own = [
    "host: 127.0.0.1",
    "connection: close",
    "content-type: application/json",
    `content-length: ${QUERY.length}`,
  ];
  socket.write(["POST /graphql HTTP/1.1", ...own, ...headers, "", QUERY].join("\r\n"));
  return text(socket);
}

const errorOf = (code: string, message: string): string =>
  JSON.stringify({ errors: [{ message: `Cannot answer: ${message}`, extensions: { code } }] });

describe("a caller", () => {
  it("is that of the token, which subgraphs are told", async () => {
    const answer = await send({ authorization: `Bearer ${token}` });
    expect(answer).toMatchObject({ status: 200, text: '{"data":{"book":{"title":"Dune"}}}' });
    const caller = { id: "token:ada", scopes: new Set(["graph:read"]), accounts: new Set(["acme"]) };
    expect(gateway.requests.at(-1)).toMatchObject({ caller });
    expect((await send({ authorization: `bearer  ${token} ` })).status).toBe(200);
  });

  it.each(["authorization", "x-api-key"])("is that of the API key in %s", async (name) => {
    expect((await send({ [name]: name === "x-api-key" ? KEY : `Bearer ${KEY}` })).status).toBe(200);
    const caller = { id: "key:1a2b", scopes: new Set(["eligibility:read"]), accounts: new Set(["acme"]) };
    expect(gateway.requests.at(-1)).toMatchObject({ caller });
  });

  it("who is not known is told what to send, for every query", async () => {
    const before = gateway.requests.length;
    const message = "send a token or an API key as Authorization: Bearer, or an API key as X-API-Key";
    for (const body of [QUERY, '{"query":"{ __schema { types { name } } }"}', "not JSON", "x".repeat(20_000_000)]) {
      const answer = await send({}, "/graphql", { body });
      expect([answer.status, answer.text]).toEqual([401, errorOf("UNAUTHENTICATED", message)]);
      expect(answer.headers.get(BEARER)).toBe("Bearer");
    }
    const byGet = await send({ accept: "*/*" }, "/graphql?query={__typename}", { method: "GET", body: null });
    expect([byGet.status, byGet.text]).toEqual([401, errorOf("UNAUTHENTICATED", message)]);
    expect(gateway.requests.length).toBe(before);
  });

  it.each<[string, () => Readonly<Record<string, string>>, string]>([
    ["a password", () => ({ authorization: "Basic YTpi" }), "the Authorization header is not Bearer and one token"],
    ["no token", () => ({ authorization: "Bearer" }), "the Authorization header is not Bearer and one token"],
    [
      "two tokens",
      () => ({ authorization: `Bearer ${token}, ${token}` }),
      "the Authorization header is not Bearer and one token",
    ],
    ["a bad token", () => ({ authorization: `Bearer ${token}x` }), "the signature of the token is wrong"],
    ["a token as key", () => ({ "x-api-key": token }), "the API key is not complete, or has a typing error"],
    ["half a key", () => ({ "x-api-key": KEY.slice(0, -1) }), "the API key is not complete, or has a typing error"],
    ["an unknown key", () => ({ "x-api-key": createApiKey() }), "the API key is not known, or was revoked"],
    ["an expired key", () => ({ authorization: `Bearer ${EXPIRED}` }), "the API key has expired"],
  ])("is not known with %s", async (_what, headers, reason) => {
    const answer = await send(headers());
    expect([answer.status, answer.text]).toEqual([401, errorOf("UNAUTHENTICATED", reason)]);
    expect(answer.headers.get(BEARER)).toBe(`Bearer error="invalid_token", error_description="${reason}"`);
  });

  it("sends one credential, once", async () => {
    const [bearer, key] = [`authorization: Bearer ${token}`, `x-api-key: ${KEY}`];
    for (const headers of [
      [bearer, bearer],
      [bearer, `Authorization: Bearer ${KEY}`],
      [bearer, key],
      [key, key],
      [key, "X-Api-Key: "],
    ]) {
      const answer = await sendRaw(...headers);
      expect(answer).toContain("HTTP/1.1 400 ");
      expect(answer).toContain("Cannot read the request: it has several credentials");
    }
    expect(await sendRaw(bearer)).toContain("HTTP/1.1 200 ");
  });

  it("may come again where nobody can look up the key now", async () => {
    const answer = await send({ "x-api-key": LOST });
    expect([answer.status, answer.text]).toEqual([
      503,
      errorOf("AUTHENTICATION_UNAVAILABLE", "API keys cannot be looked up now"),
    ]);
    expect(answer.headers.get("retry-after")).toBe("5");
  });

  it("needs none for health, readiness, and the page", async () => {
    const page = { method: "GET", body: null };
    for (const path of ["/health", "/ready"]) expect((await send({}, path, page)).status).toBe(200);
    expect(await send({ accept: "text/html" }, "/graphql", page)).toMatchObject({ status: 200 });
    // Not for a query that wants to be a page.
    expect((await send({ accept: "text/html" }, "/graphql?query={__typename}", page)).status).toBe(401);
  });

  it("is in the log, and its credentials are not", async () => {
    await send({ authorization: `Bearer ${token}` }, "/graphql", { body: '{"query":"{ bug }"}' });
    const lines = gateway.logged.map((line) => JSON.stringify(line));
    expect(lines).not.toEqual([]);
    for (const secret of [token, token.split(".")[2] ?? "", KEY, EXPIRED, LOST])
      expect(lines.filter((line) => line.includes(secret))).toEqual([]);
    expect(gateway.logged).toContainEqual(
      expect.objectContaining({
        status: 401,
        msg: "Cannot answer: the API key has expired",
        requestId: expect.any(String),
      }),
    );
  });
});
