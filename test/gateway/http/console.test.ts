/** How browsers get the console: its page at its paths, and what it loads, once and for all. */
import fastify from "fastify";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveConsole } from "../../../gateway/http/console.ts";
import { htmlOf } from "../../../gateway/http/console-files.ts";
import type { SmallGateway } from "../../support/small-gateway.ts";
import { startSmallGateway } from "../../support/small-gateway.ts";

const PAGE = '<!doctype html><meta name="decibel-sign-in" content=""><script src="/assets/one.js"></script>';
const SCRIPT = { ...htmlOf("console".repeat(100)), type: "text/javascript; charset=utf-8" };
const FILES = { pages: ["/", "/models"], page: PAGE, assets: new Map([["/assets/one.js", SCRIPT]]), documents: {} };

let app: FastifyInstance;
let withIssuer: FastifyInstance;
beforeAll(async () => {
  app = fastify();
  serveConsole(app, FILES);
  withIssuer = fastify();
  const page = { authorizeUrl: "https://login.example/a?x=1&y", clientId: 'a"<b', scope: "openid" };
  serveConsole(withIssuer, { ...FILES, signIn: { ...page, exchange: async () => "" } });
  await Promise.all([app.ready(), withIssuer.ready()]);
});
afterAll(() => Promise.all([app.close(), withIssuer.close()]));

const get = (url: string, headers: Readonly<Record<string, string>> = {}) => app.inject({ url, headers });

describe("the page of the console", () => {
  it.each(["/", "/models", "/models/location_playback", "/models/a/b?search=x"])("is served at %s", async (url) => {
    const { statusCode, body, headers } = await get(url);
    expect({ statusCode, body, type: headers["content-type"] }).toEqual({
      statusCode: 200,
      body: PAGE,
      type: "text/html; charset=utf-8",
    });
  });

  it.each(["/model", "/modelsx", "/assets/two.js", "/assets/../models.json"])("is not served at %s", async (url) => {
    expect((await get(url)).statusCode).toBe(404);
  });

  it("may run and ask nothing but what is of this gateway, and is in no frame", async () => {
    const policy = String((await get("/")).headers["content-security-policy"]);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(policy.split("; ")).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]),
    );
  });

  it("is asked for each time, and not sent again while it is the same", async () => {
    const { etag, "cache-control": cached } = (await get("/")).headers;
    expect(cached).toBe("no-cache");
    const { statusCode, body } = await get("/models", { "if-none-match": String(etag) });
    expect({ statusCode, body }).toEqual({ statusCode: 304, body: "" });
    expect((await get("/", { "if-none-match": '"other"' })).statusCode).toBe(200);
  });

  it("says where people sign in, whatever is in the settings", async () => {
    const { body } = await withIssuer.inject("/");
    expect(body).toContain('content="{&quot;authorizeUrl&quot;:&quot;https://login.example/a?x=1&amp;y&quot;');
    expect(body).toContain(String.raw`a\&quot;&lt;b`);
  });
});

describe("a file of the console", () => {
  it("is kept for good: its name has its hash", async () => {
    expect((await get("/assets/one.js")).headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  });

  it.each([
    ["gzip, deflate, br", "br"],
    ["gzip", "gzip"],
    ["br;q=0, gzip", "gzip"],
    ["identity", undefined],
  ])("for %s is encoded as %s", async (accepted, encoding) => {
    const { headers, rawPayload } = await get("/assets/one.js", { "accept-encoding": accepted });
    expect(headers["content-encoding"]).toBe(encoding);
    expect(headers["vary"]).toBe("accept-encoding");
    expect(rawPayload.length < 700).toBe(encoding !== undefined);
  });

  it("is described by HEAD, and changed by nothing", async () => {
    expect(await app.inject({ method: "HEAD", url: "/assets/one.js" })).toMatchObject({ statusCode: 200, body: "" });
    expect(await app.inject({ method: "POST", url: "/" })).toMatchObject({ statusCode: 404 });
  });
});

describe("a gateway with a console", () => {
  let gateway: SmallGateway;
  let origin: string;
  beforeAll(async () => {
    gateway = await startSmallGateway();
    origin = new URL(gateway.url).origin;
  });
  afterAll(() => gateway.close());

  it("serves it without the operations that are not valid in its graph", async () => {
    expect((await fetch(`${origin}/models`)).status).toBe(200);
  });

  const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
  const NOWHERE = ["/nothing/here", "/model", "/assets/none.js", "/campaigns/%E0%A4%A", "/%"];

  it.each(NOWHERE)("says to a browser by its page that there is nothing at %s", async (path) => {
    const answer = await fetch(`${origin}${path}`, { headers: { accept: BROWSER } });
    const { headers } = answer;
    expect([answer.status, headers.get("content-type"), headers.get("vary"), headers.get("etag")]).toEqual([
      404,
      "text/html; charset=utf-8",
      "accept, accept-encoding",
      null,
    ]);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await answer.text()).toBe(await (await fetch(`${origin}/models`)).text());
    expect(await fetch(`${origin}${path}`, { method: "HEAD", headers: { accept: BROWSER } })).toMatchObject({
      status: 404,
    });
  });

  it.each([
    ["what asks for JSON", "GET", { accept: "application/json, text/html;q=0.5" }],
    ["what takes anything", "GET", { accept: "*/*" }],
    ["a browser that sends something", "POST", { accept: BROWSER }],
  ])("says it as JSON to %s", async (_title, method, headers) => {
    for (const path of NOWHERE) {
      const answer = await fetch(`${origin}${path}`, { method, headers });
      const isBroken = path.includes("%");
      expect([answer.status, await answer.json()]).toMatchObject([
        isBroken ? 400 : 404,
        { errors: [{ extensions: { code: isBroken ? "BAD_REQUEST" : "NOT_FOUND" } }] },
      ]);
    }
  });
});
