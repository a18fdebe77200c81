/**
 * HTTP to upstreams: replies, errors, retries, deadlines, tokens, and the faults of sandboxes. Over 200 lines, because
 * all tests share one server with a route for each kind of reply.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createSandbox } from "../../subgraphs/sandbox/sandbox.ts";
import type { Sandbox } from "../../subgraphs/sandbox/sandbox.ts";
import { createToken } from "../../subgraphs/platform/token.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import { segment } from "../../subgraphs/platform/http-request.ts";
import { createPatience } from "../../subgraphs/platform/patience.ts";
import { createUpstream } from "../../subgraphs/platform/upstream.ts";
import type { Upstream, UpstreamOptions } from "../../subgraphs/platform/upstream.ts";
import { failure, misbehave } from "../support/sandbox-control.ts";
import { DAY_MS } from "../support/times.ts";

const Thing = z.object({ id: z.string(), size: z.number() });

let sandbox: Sandbox;
let origin: string;
let attempts: Record<string, number>;
const open: Upstream[] = [];

beforeEach(async () => {
  attempts = {};
  const count = (path: string): number => (attempts[path] = (attempts[path] ?? 0) + 1);
  sandbox = createSandbox({
    name: "things",
    problem: (status) => ({ error: `made to answer ${status}` }),
    routes(app) {
      app.get("/v1/things/:id", (request) => {
        count("things");
        return { id: (request.params as { id: string }).id, size: 1, query: request.query };
      });
      app.get("/v1/wrong", () => ({ id: "a", size: "secret" }));
      app.get("/v1/html", (_request, reply) => reply.type("text/html").send("<html>"));
      app.get("/v1/busy", (_request, reply) =>
        count("busy") < 3 ? reply.code(429).header("retry-after", "0").send({}) : { id: "busy", size: 3 },
      );
      app.post("/v1/busy", (_request, reply) => {
        count("post");
        return reply.code(429).header("retry-after", "7").send({});
      });
      app.get("/v1/guarded", (request, reply) =>
        request.headers.authorization === "Bearer token-2" ? { id: "in", size: 2 } : reply.code(401).send({}),
      );
    },
  });
  origin = await sandbox.listen();
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((upstream) => upstream.close()));
  await sandbox.close();
});

function connect(options: Partial<UpstreamOptions> = {}): Upstream {
  const upstream = createUpstream({ name: "things", baseUrl: `${origin}/v1`, ...options });
  open.push(upstream);
  return upstream;
}

describe("an upstream", () => {
  it("gives the reply as its schema parses it", async () => {
    const { body, status } = await connect().request({ path: "/things/a", reply: Thing });
    expect([status, body]).toEqual([200, { id: "a", size: 1 }]);
  });

  it("repeats a list in the query and omits undefined", async () => {
    const reply = z.object({ query: z.unknown() });
    const { body } = await connect().request({
      path: "/things/a",
      query: { ids: ["x", "y&z"], after: undefined, limit: 5 },
      reply,
    });
    expect(body.query).toEqual({ ids: ["x", "y&z"], limit: "5" });
  });

  it("keeps an id inside its path segment", () => {
    expect([segment("a/b?c"), segment(".."), segment("x.y")]).toEqual(["a%2Fb%3Fc", "%2E%2E", "x.y"]);
  });

  it.each([
    [
      "names the field of an unexpected reply, not its value",
      "/wrong",
      "Cannot ask things: it answered unexpectedly: size: Invalid input: expected number, received string",
    ],
    ["says that a reply is not JSON", "/html", "Cannot ask things: it answered 200 with a body that is not JSON"],
    ["names the status of an error", "/nowhere", "Cannot ask things: it answered 404"],
  ])("%s", async (_title, path, message) => {
    await expect(connect().request({ path, reply: Thing })).rejects.toMatchObject({ name: "UpstreamError", message });
  });

  it("adds the upstream's own message to an error if the reply has one", async () => {
    await misbehave(sandbox, { status: 500 });
    const upstream = connect({
      explain: (body) => z.object({ error: z.string() }).safeParse(body).data?.error,
    });
    await expect(upstream.request({ path: "/things/a", reply: Thing })).rejects.toMatchObject({
      message: "Cannot ask things: it answered 500: made to answer 500",
      failure: "STATUS",
      status: 500,
      retryable: true,
    });
  });

  it.each([
    [
      "the title of a page",
      "<html><head><title>Bad\n gateway</title></head><body>10.0.0.7</body></html>",
      "Bad gateway",
    ],
    ["one line", "  first\r\nsecond\u0000\tthird ", "first second third"],
    ["the first 200 characters", "x".repeat(1000), "x".repeat(200)],
    ["nothing of a page without a title", "<html>10.0.0.7</html>", undefined],
    ["nothing of a blank message", " \n", undefined],
  ])("keeps %s as the upstream's own message", async (_title, text, detail) => {
    await misbehave(sandbox, { status: 500 });
    const upstream = connect({ explain: () => text });
    await expect(upstream.request({ path: "/things/a", reply: Thing })).rejects.toMatchObject({
      message: `Cannot ask things: it answered 500${detail === undefined ? "" : `: ${detail}`}`,
      detail,
    });
  });

  it("retries a read after 429 as Retry-After says", async () => {
    const { body } = await connect().request({ path: "/busy", reply: Thing });
    expect([body, attempts["busy"]]).toEqual([{ id: "busy", size: 3 }, 3]);
  });

  it("does not wait beyond its deadline: the error has the time of the next attempt", async () => {
    await misbehave(sandbox, { requestsPerSecond: 0.01 });
    const upstream = connect();
    await upstream.request({ path: "/things/a", reply: Thing });
    await expect(upstream.request({ path: "/things/a", reply: Thing })).rejects.toMatchObject({
      failure: "STATUS",
      status: 429,
      retryAfterMs: 100_000,
    });
  });

  it("is not asked while it has asked for patience: reads of short patience wait, all others fail at once", async () => {
    let now = 0;
    const patience = createPatience({ now: () => now });
    const upstream = connect({ patience, timeoutMs: 1000 });
    const post = { method: "POST", path: "/busy", json: {}, reply: Thing } as const;
    const read = { path: "/things/a", reply: Thing };
    expect(await failure(upstream.request(post))).toMatchObject({ status: 429, retryAfterMs: 7000 });
    now = 1000;
    for (const call of [post, read, { ...read, path: "/nowhere" }]) {
      expect(await failure(upstream.request(call))).toMatchObject({
        message: "Cannot ask things: it asked for patience for another 6 s",
        retryAfterMs: 6000,
        retryable: true,
        final: false,
      });
    }
    expect(attempts).toEqual({ post: 1 });
    now = 6980;
    expect(await failure(upstream.request(post))).toMatchObject({ retryAfterMs: 20 });
    const waiting = upstream.request(read);
    now = 7000;
    expect((await waiting).status).toBe(200);
    expect(await failure(upstream.request(post))).toMatchObject({ retryAfterMs: 7000 });
    expect(attempts).toEqual({ post: 2, things: 1 });
  });

  it("is not asked by what waits for a token or a retry while another call is told to come back later", async () => {
    const token = Promise.withResolvers<string>();
    let leftMs = 0;
    const patience = { asked: () => {}, leftMs: () => (attempts["busy"] === undefined ? leftMs : DAY_MS) };
    const slow = connect({ patience, authorization: () => token.promise });
    const waiting = [
      slow.request({ path: "/things/a", reply: Thing }),
      slow.request({ method: "POST", path: "/busy", json: {}, reply: Thing }),
    ].map(failure);
    leftMs = DAY_MS;
    token.resolve("Bearer things");
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ status: 429, retryAfterMs: DAY_MS });
    leftMs = 0;
    expect(await failure(connect({ patience }).request({ path: "/busy", reply: Thing }))).toMatchObject({
      status: 429,
    });
    expect(attempts).toEqual({ busy: 1 });
  });

  it("never retries a write", async () => {
    await expect(connect().request({ method: "POST", path: "/busy", json: {}, reply: Thing })).rejects.toMatchObject({
      status: 429,
      retryAfterMs: 7000,
      retryable: true,
    });
    expect(attempts["post"]).toBe(1);
  });

  it("accepts a status that the call lists as an answer", async () => {
    const reply = z.object({});
    const call = { method: "POST", path: "/busy", json: {}, reply, answers: [409, 429] } as const;
    const { status, headers } = await connect().request(call);
    expect([status, headers["retry-after"]]).toEqual([429, "7"]);
  });

  it("ignores the body if the call discards it", async () => {
    const call = { path: "/html", reply: z.undefined(), discardsBody: true };
    expect(await connect().request(call)).toMatchObject({ status: 200, body: undefined });
    await expect(connect().request({ ...call, path: "/nowhere" })).rejects.toMatchObject({ status: 404 });
  });

  it.each([
    ["STATUS", 400, false, true],
    // Another token may be accepted.
    ["STATUS", 401, false, false],
    ["STATUS", 408, true, false],
    ["STATUS", 425, true, false],
    ["STATUS", 404, false, true],
    ["STATUS", 409, false, true],
    ["STATUS", 429, true, false],
    ["STATUS", 500, true, false],
    ["STATUS", 501, false, true],
    ["STATUS", 502, true, false],
    ["STATUS", 503, true, false],
    ["STATUS", 504, true, false],
    ["STATUS", 505, false, true],
    ["STATUS", 520, true, false],
    ["TIMEOUT", undefined, true, false],
    ["UNREACHABLE", undefined, true, false],
    // Cut off, or aborted by the caller: a retry may succeed, but the error does not promise it.
    ["UNEXPECTED", 200, false, false],
    ["ABORTED", undefined, false, false],
  ] as const)("fails with %s %s: retryable %s, final %s", (failure, status, retryable, final) => {
    const error = new UpstreamError("things", failure, "it failed", status === undefined ? {} : { status });
    expect([error.retryable, error.final]).toEqual([retryable, final]);
  });

  it("can mark an error as retryable that its status does not", () => {
    const error = new UpstreamError("things", "STATUS", "it is at it", { status: 409, retryable: true });
    expect([error.retryable, error.final]).toEqual([true, false]);
  });

  it("fails at its deadline", async () => {
    await misbehave(sandbox, { latencyMs: 5000 });
    await expect(connect({ timeoutMs: 60 }).request({ path: "/things/a", reply: Thing })).rejects.toMatchObject({
      message: "Cannot ask things: no answer within 60 ms",
      failure: "TIMEOUT",
      retryable: true,
    });
  });

  it("distinguishes an aborting caller from a slow upstream", async () => {
    await misbehave(sandbox, { latencyMs: 5000 });
    const caller = AbortSignal.timeout(40);
    await expect(connect().request({ path: "/things/a", reply: Thing, signal: caller })).rejects.toMatchObject({
      failure: "ABORTED",
      retryable: false,
    });
  });

  it("names a refused connection", async () => {
    await expect(connect({ baseUrl: "http://127.0.0.1:1" }).request({ path: "/", reply: Thing })).rejects.toMatchObject(
      {
        message: "Cannot ask things: the connection failed (ECONNREFUSED)",
        failure: "UNREACHABLE",
        retryable: true,
      },
    );
  });

  it("refuses a malformed body", async () => {
    await misbehave(sandbox, { body: "malformed" });
    await expect(connect().request({ path: "/things/a", reply: Thing })).rejects.toMatchObject({
      failure: "UNEXPECTED",
    });
  });

  it("renews a refused token once", async () => {
    let fetched = 0;
    const token = createToken(async () => ({
      accessToken: `token-${(fetched += 1)}`,
      expiresIn: 3600,
    }));
    const upstream = connect({ ...token });
    const { body } = await upstream.request({ path: "/guarded", reply: Thing });
    expect([body.id, fetched]).toEqual(["in", 2]);
  });
});

describe("faults of writes alone", () => {
  beforeEach(() => misbehave(sandbox, { status: 500, only: "write" }));

  it("spare reads and token requests", async () => {
    expect((await connect().request({ path: "/things/a", reply: Thing })).status).toBe(200);
    expect((await sandbox.app.inject({ method: "POST", url: "/api/token" })).statusCode).toBe(404);
    await expect(connect().request({ method: "POST", path: "/busy", json: {}, reply: Thing })).rejects.toMatchObject({
      status: 500,
    });
    expect(attempts["post"]).toBeUndefined();
  });

  it("affect unknown paths too, and include a rate limit", async () => {
    await expect(connect().request({ method: "PUT", path: "/no", json: {}, reply: Thing })).rejects.toMatchObject({
      status: 500,
    });
    await misbehave(sandbox, { requestsPerSecond: 1, only: "write" });
    const post = () => connect().request({ method: "PUT", path: "/no", json: {}, reply: Thing });
    await expect(post()).rejects.toMatchObject({ status: 404 });
    await expect(post()).rejects.toMatchObject({ status: 429, retryAfterMs: 1000 });
    expect((await connect().request({ path: "/things/a", reply: Thing })).status).toBe(200);
  });
});

describe("a token", () => {
  it("is fetched once for concurrent requests, and renewed shortly before it expires", async () => {
    let now = 0;
    let fetched = 0;
    const token = createToken(
      async () => ({ accessToken: String((fetched += 1)), expiresIn: 100 }),
      () => now,
    );
    const first = await Promise.all([token.authorization(), token.authorization()]);
    now = 89_999;
    const before = await token.authorization();
    now = 90_000;
    const after = await token.authorization();
    expect([...first, before, after]).toEqual(["Bearer 1", "Bearer 1", "Bearer 1", "Bearer 2"]);
  });

  it("is fetched again after a failure", async () => {
    let down = true;
    const token = createToken(async () =>
      down ? Promise.reject(new Error("down")) : { accessToken: "up", expiresIn: 60 },
    );
    await expect(token.authorization()).rejects.toThrow("down");
    down = false;
    expect(await token.authorization()).toBe("Bearer up");
  });

  it("is kept when an older one is refused late", async () => {
    let fetched = 0;
    const token = createToken(async () => ({ accessToken: String((fetched += 1)), expiresIn: 60 }));
    const old = await token.authorization();
    token.unauthorized(old);
    await token.authorization();
    token.unauthorized(old);
    expect(await token.authorization()).toBe("Bearer 2");
  });
});
