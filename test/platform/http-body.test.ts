/** Compressed replies that nobody asked for: read, or refused without harm. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { createUpstream } from "../../subgraphs/platform/upstream.ts";
import type { Upstream } from "../../subgraphs/platform/upstream.ts";

const Thing = z.object({ id: z.string() });
const THING = Buffer.from(JSON.stringify({ id: "é" }));

let answer: { readonly status?: number; readonly encoding?: string | string[]; readonly body: Buffer };
let asked: IncomingHttpHeaders;
let server: Server;
let upstream: Upstream;

beforeEach(async () => {
  server = createServer((request, response) => {
    asked = request.headers;
    const { status = 200, encoding, body } = answer;
    response.statusCode = status;
    if (encoding !== undefined) response.setHeader("content-encoding", encoding);
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const explain = (body: unknown) => z.object({ error: z.string() }).safeParse(body).data?.error;
  upstream = createUpstream({ name: "things", baseUrl: `http://127.0.0.1:${port}`, explain });
});

afterEach(async () => {
  await upstream.close();
  server.close();
});

const ask = async (): Promise<string> => (await upstream.request({ path: "/", reply: Thing })).body.id;

it("an upstream is asked for no compression", async () => {
  answer = { body: THING };
  expect(await ask()).toBe("é");
  expect(asked["accept-encoding"]).toBe("identity");
});

it.each([
  ["gzip", gzipSync(THING)],
  ["GZIP", gzipSync(THING)],
  ["x-gzip", gzipSync(THING)],
  ["deflate", deflateSync(THING)],
  ["deflate", deflateRawSync(THING)],
  ["br", brotliCompressSync(THING)],
  ["zstd", zstdCompressSync(THING)],
  ["identity", THING],
  ["", THING],
  ["gzip, br", brotliCompressSync(gzipSync(THING))],
  [["gzip", "br"], brotliCompressSync(gzipSync(THING))],
])("a reply in %j is read", async (encoding, body) => {
  answer = { encoding, body };
  expect(await ask()).toBe("é");
});

it.each([
  ["a body that is cut off", "gzip", gzipSync(THING).subarray(0, 20), "a body that is not in its encoding (gzip)"],
  ["a body in another encoding", "br", gzipSync(THING), "a body that is not in its encoding (br)"],
  ["a body that is not compressed", "gzip", THING, "a body that is not in its encoding (gzip)"],
  ["an unknown encoding", "constructor", THING, "a body in an unknown encoding"],
  ["too many encodings", "br, br, br, br", THING, "a body in 4 encodings"],
  ["a bomb", "gzip", gzipSync(Buffer.alloc(40_000_000)), "a body larger than 33554432 bytes"],
])("a reply with %s is refused", async (_title, encoding, body, state) => {
  answer = { encoding, body };
  await expect(ask()).rejects.toMatchObject({
    failure: "UNEXPECTED",
    message: `Cannot ask things: it answered 200 with ${state}`,
  });
});

it("a compressed error is read, and keeps its status where it cannot be", async () => {
  answer = { status: 503, encoding: "gzip", body: gzipSync(JSON.stringify({ error: "away" })) };
  await expect(ask()).rejects.toMatchObject({ status: 503, detail: "away" });
  answer = { status: 400, encoding: "gzip", body: Buffer.from("away") };
  await expect(ask()).rejects.toMatchObject({ failure: "STATUS", status: 400, detail: undefined });
});

it("an empty body has no encoding", async () => {
  answer = { encoding: "gzip", body: Buffer.alloc(0) };
  await expect(ask()).rejects.toMatchObject({
    message: "Cannot ask things: it answered unexpectedly: (body): Invalid input: expected object, received undefined",
  });
});
