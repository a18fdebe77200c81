/** Calls to upstreams through a proxy, as the variables of the environment say. */
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { createOpenText } from "../../subgraphs/pipeline/opentext/client.ts";
import { createUpstream } from "../../subgraphs/platform/upstream.ts";
import { SANDBOX_SECRET, createCrmSandbox } from "../../subgraphs/sandbox/crm/server.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { Sandbox } from "../../subgraphs/sandbox/sandbox.ts";
import { createCrm } from "../../subgraphs/sources/crm/client.ts";

/** Host → port: the proxy alone knows them. */
const hosts = new Map<string, number>();
let seen: string[] = [];
let proxy: Server;
let address: string;
const open: { close(): Promise<unknown> }[] = [];
function opened<T extends { close(): Promise<unknown> }>(one: T): T {
  open.push(one);
  return one;
}

beforeAll(async () => {
  proxy = createServer((asked, reply) => {
    const { hostname, pathname, search } = new URL(asked.url ?? "");
    note(`${asked.method} ${hostname}`, asked.headers);
    const { method, headers } = asked;
    const options = { host: "127.0.0.1", port: hosts.get(hostname), method, path: pathname + search, headers };
    asked.pipe(
      request(options, (answer) => {
        reply.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(reply);
      }),
    );
  });
  proxy.on("connect", ({ url, headers }: IncomingMessage, socket: Socket) => {
    note(`CONNECT ${url}`, headers);
    socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterAll(() => proxy.close());
beforeEach(() => {
  seen = [];
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"]) {
    vi.stubEnv(name, "");
    vi.stubEnv(name.toLowerCase(), "");
  }
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const one of open.splice(0).toReversed()) await one.close();
});

function note(call: string, headers: IncomingHttpHeaders): void {
  const credentials = headers["proxy-authorization"];
  seen.push(credentials === undefined ? call : `${call} as ${atob(credentials.replace("Basic ", ""))}`);
}

async function behindProxy(host: string, sandbox: Sandbox): Promise<void> {
  hosts.set(host, Number(new URL(await opened(sandbox).listen()).port));
}

it.each(["HTTP_PROXY", "http_proxy"])("%s is the proxy of upstreams, with its user and password", async (name) => {
  vi.stubEnv(name, `http://me:p%40ss@${address}`);
  await behindProxy("opentext.example", createOpenTextSandbox({ tables: [] }));
  const client = createOpenText({
    baseUrl: "http://opentext.example",
    tenantId: "sandbox",
    clientId: "sandbox",
    clientSecret: "sandbox",
  });
  expect(await opened(client).models()).toEqual([]);
  expect(seen).toEqual(["POST opentext.example as me:p@ss", "GET opentext.example as me:p@ss"]);
});

it("webhooks go through the proxy, and the user of their URL reaches the receiver", async () => {
  vi.stubEnv("HTTP_PROXY", `http://${address}`);
  const sandbox = createCrmSandbox();
  const authorizations: unknown[] = [];
  sandbox.app.addHook("onRequest", async ({ headers }) => void authorizations.push(headers.authorization));
  await behindProxy("crm.example", sandbox);
  const crm = opened(createCrm({ url: "http://team:a%3Ab@crm.example/leads", secret: SANDBOX_SECRET }));
  await crm.send({ id: "one", type: "lead.routed", data: {}, at: new Date() }).catch(() => {});
  expect(seen).toEqual(["POST crm.example"]);
  expect(authorizations).toEqual([`Basic ${btoa("team:a:b")}`]);
});

it.each([
  ["HTTPS_PROXY", true],
  ["HTTP_PROXY", true],
])("https is tunnelled through the proxy of %s, whose refusal is named", async (name) => {
  vi.stubEnv(name, `http://me:secret@${address}`);
  const upstream = opened(createUpstream({ name: "spotify-web", baseUrl: "https://api.spotify.example/v1" }));
  const failure = await upstream
    .request({ path: "/me", reply: z.unknown() })
    .catch((error: unknown) => String(error instanceof Error ? error.message : error));
  expect(failure).toContain("the proxy answered 407");
  expect(failure).not.toContain("secret");
  expect(seen[0]).toBe("CONNECT api.spotify.example:443 as me:secret");
});

it.each([
  ["this machine", "127.0.0.1", ""],
  ["a host in NO_PROXY", "localhost.", "other.example,localhost"],
])("%s is called directly", async (_which, host, except) => {
  vi.stubEnv("HTTP_PROXY", `http://${address}`);
  vi.stubEnv("NO_PROXY", except);
  const sandbox = opened(createCrmSandbox());
  const { port } = new URL(await sandbox.listen());
  const upstream = opened(createUpstream({ name: "crm", baseUrl: `http://${host}:${port}`, retries: 0 }));
  await upstream.request({ path: "/sandbox/calls", reply: z.unknown() }).catch(() => {});
  expect(seen).toEqual([]);
});
