/** Calls to upstreams through a proxy, as the variables of the environment say. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { createOpenText } from "../../subgraphs/pipeline/opentext/client.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import type { Variables } from "../../subgraphs/platform/environment.ts";
import { proxyOf } from "../../subgraphs/platform/proxy.ts";
import { createUpstream } from "../../subgraphs/platform/upstream.ts";
import type { Upstream } from "../../subgraphs/platform/upstream.ts";
import { SANDBOX_SECRET, createCrmSandbox } from "../../subgraphs/sandbox/crm/server.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { Sandbox } from "../../subgraphs/sandbox/sandbox.ts";
import { createCrm } from "../../subgraphs/sources/crm/client.ts";
import { makeCertificate, openssl, temporaryFolder } from "../support/programs.ts";
import type { Folder } from "../support/programs.ts";

const MODULE = pathToFileURL(join(projectRoot(), "dist/subgraphs/platform/upstream.js")).href;

/** Host → port: the proxy alone knows them. */
const hosts = new Map<string, number>();
let seen: string[] = [];
/** What a request for a tunnel gets: one, no answer, or this one. */
let tunnel = "open";
const REFUSED = "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
const sockets = new Set<Duplex>();
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
  proxy.on("connect", answerConnect);
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterAll(() => proxy.close());
beforeEach(() => {
  seen = [];
  tunnel = "open";
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"]) {
    vi.stubEnv(name, "");
    vi.stubEnv(name.toLowerCase(), "");
  }
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const one of open.splice(0).toReversed()) await one.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

function note(call: string, headers: IncomingHttpHeaders): void {
  const credentials = headers["proxy-authorization"];
  seen.push(credentials === undefined ? call : `${call} as ${atob(credentials.replace("Basic ", ""))}`);
}

function answerConnect({ url = "", headers }: IncomingMessage, socket: Duplex): void {
  note(`CONNECT ${url}`, headers);
  sockets.add(socket.on("error", () => {}));
  if (tunnel === "silent") return;
  if (tunnel !== "open") {
    socket.end(tunnel);
    return;
  }
  const far = connect(hosts.get(url.replace(/:443$/, "")) ?? 0, "127.0.0.1");
  sockets.add(far.on("error", () => socket.destroy()));
  far.on("connect", () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.pipe(far).pipe(socket);
  });
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

it.each([
  ["me:p%40ss", "me:p@ss"],
  [":p%40ss", ":p@ss"],
  ["me", "me:"],
])("the proxy gets all of %s", async (given, sent) => {
  vi.stubEnv("HTTP_PROXY", `http://${given}@${address}`);
  await behindProxy("crm.example", createCrmSandbox());
  const crm = opened(createCrm({ url: "http://crm.example/leads", secret: SANDBOX_SECRET }));
  await crm.send({ id: "one", type: "lead.routed", data: {}, at: new Date() }).catch(() => {});
  expect(seen).toEqual([`POST crm.example as ${sent}`]);
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

const failureOf = (upstream: Upstream): Promise<string> =>
  upstream.request({ path: "/me", reply: z.unknown() }).then(
    () => expect.fail("it was answered"),
    (error: unknown) => String(error),
  );

it.each(["HTTPS_PROXY", "HTTP_PROXY"])(
  "https is tunnelled through the proxy of %s, whose refusal is named",
  async (name) => {
    tunnel = REFUSED;
    vi.stubEnv(name, `http://me:secret@${address}`);
    const upstream = opened(createUpstream({ name: "spotify-web", baseUrl: "https://api.spotify.example/v1" }));
    expect(await failureOf(upstream)).toBe(
      `UpstreamError: Cannot ask spotify-web: the proxy of ${name} answered 407: it wants another user and password`,
    );
    expect(seen[0]).toBe("CONNECT api.spotify.example:443 as me:secret");
  },
);

it("http is not tunnelled, and the proxy's refusal is named too", async () => {
  const refusing = createServer((_asked, reply) => void reply.writeHead(407).end("no")).listen(0, "127.0.0.1");
  await once(refusing, "listening");
  vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`);
  const upstream = opened(createUpstream({ name: "crm", baseUrl: "http://crm.example" }));
  expect(await failureOf(upstream)).toContain("the proxy of HTTP_PROXY answered 407");
  refusing.close();
});

it.each([
  ["is not there", "http://127.0.0.1:1", "the connection through the proxy of HTTPS_PROXY failed (ECONNREFUSED)"],
  ["has no address", "http://proxy.invalid:3128", "the connection through the proxy of HTTPS_PROXY failed (ENOTFOUND)"],
  ["hangs up", "", "the connection through the proxy of HTTPS_PROXY failed (UND_ERR_PRX_CONN)"],
])("a proxy that %s is named", async (_what, url, words) => {
  tunnel = "";
  vi.stubEnv("HTTPS_PROXY", url || `http://${address}`);
  const upstream = opened(createUpstream({ name: "spotify-web", baseUrl: "https://api.spotify.example/v1" }));
  expect(await failureOf(upstream)).toBe(`UpstreamError: Cannot ask spotify-web: ${words}`);
});

it("a proxy that does not answer holds up no call after its deadline", async () => {
  tunnel = "silent";
  vi.stubEnv("HTTPS_PROXY", `http://${address}`);
  const baseUrl = "https://api.spotify.example/v1";
  const upstream = opened(createUpstream({ name: "spotify-web", baseUrl, connections: 1, timeoutMs: 200 }));
  const late = "Cannot ask spotify-web: no answer within 200 ms through the proxy of HTTPS_PROXY";
  expect(await failureOf(upstream)).toContain(late);
  tunnel = REFUSED;
  await expect.poll(() => failureOf(upstream)).toContain("the proxy of HTTPS_PROXY answered 407");
});

describe.runIf(openssl !== undefined)("https through a proxy", () => {
  const NAME = "api.spotify.example";
  let folder: Folder;
  let authority: string;
  let encrypted: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    const { certificate, key } = await makeCertificate(folder.path, [NAME, "localhost"]);
    authority = certificate;
    const options = { cert: await readFile(certificate), key: await readFile(key) };
    const server = createTlsServer(options, (asked, reply) => {
      reply.setHeader("content-type", "application/json").end(JSON.stringify({ path: asked.url }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    hosts.set(NAME, (server.address() as AddressInfo).port);
    const tlsProxy = createTlsServer(options).on("connect", answerConnect).listen(0, "localhost");
    await once(tlsProxy, "listening");
    encrypted = `https://localhost:${(tlsProxy.address() as AddressInfo).port}`;
    return () => {
      server.close();
      tlsProxy.close();
    };
  });
  afterAll(() => folder.remove());

  /** Of a process of its own, because Node reads the authorities when it starts. */
  async function answerWith(variables: Variables): Promise<string> {
    const script = `
      import { z } from "zod";
      import { createUpstream } from ${JSON.stringify(MODULE)};
      const upstream = createUpstream({ name: "spotify-web", baseUrl: "https://${NAME}/v1", retries: 0 });
      const answer = await upstream.request({ path: "/me", reply: z.unknown() }).catch((error) => ({ body: error.message }));
      console.log(JSON.stringify(answer.body));
      process.exit();
    `;
    const options = { cwd: projectRoot(), env: variables };
    const args = ["--input-type=module", "--eval", script];
    return (await promisify(execFile)(process.execPath, args, options)).stdout.trim();
  }

  it.each(["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"])(
    "reaches an upstream whose authority NODE_EXTRA_CA_CERTS names, by %s, with its user and password",
    async (name) => {
      const variables = { [name]: `http://me:p%40ss@${address}`, NODE_EXTRA_CA_CERTS: authority };
      expect(await answerWith(variables)).toBe('{"path":"/v1/me"}');
      expect(seen).toEqual([`CONNECT ${NAME}:443 as me:p@ss`]);
    },
  );

  it("reaches it through a proxy that is itself reached by https", async () => {
    const variables = { HTTPS_PROXY: encrypted, NODE_EXTRA_CA_CERTS: authority };
    expect(await answerWith(variables)).toBe('{"path":"/v1/me"}');
    expect(seen).toEqual([`CONNECT ${NAME}:443`]);
  });

  it("trusts no other authority", async () => {
    expect(await answerWith({ HTTPS_PROXY: `http://${address}` })).toBe(
      '"Cannot ask spotify-web: the connection through the proxy of HTTPS_PROXY failed (DEPTH_ZERO_SELF_SIGNED_CERT)"',
    );
  });
});

describe("the hosts that are called without a proxy", () => {
  const isDirect = (origin: string, NO_PROXY: string): boolean =>
    proxyOf(origin, { HTTPS_PROXY: "http://proxy.example", NO_PROXY }) === undefined;

  it.each([
    ["https://api.example", "api.example"],
    ["https://api.example", "API.example."],
    ["https://api.example.", "api.example"],
    ["https://api.example", "other.example, .example"],
    ["https://api.example", "other.example *.example"],
    ["https://eu.api.example", "api.example"],
    ["https://api.example", "api.example:443"],
    ["https://api.example:8443", "api.example:8443"],
    ["https://api.example", "*"],
    ["https://10.1.2.3", "10.0.0.0/8"],
    ["https://10.1.2.3", "10.1.2.3"],
    ["https://[fd00::1]", "fd00::/8"],
    ["https://[fd00::1]:8443", "[fd00::1]:8443"],
    ["https://localhost:1", ""],
    ["https://[::1]:1", ""],
  ])("include %s where NO_PROXY is '%s'", (origin, exceptions) => {
    expect(isDirect(origin, exceptions)).toBe(true);
  });

  it.each([
    ["https://api.example", ""],
    ["https://api.example", "pi.example"],
    ["https://api.example", "*.api.example"],
    ["https://api.example", "api.example:8443"],
    ["https://11.1.2.3", "10.0.0.0/8,10.1.2.3,10.0.0.0/x,10.0.0.0/99"],
    ["https://[fe80::1]", "fd00::/8,10.0.0.0/8,[fe80::1]:8443"],
  ])("do not include %s where NO_PROXY is '%s'", (origin, exceptions) => {
    expect(isDirect(origin, exceptions)).toBe(false);
  });

  it("are all hosts where only ALL_PROXY is set", () => {
    expect(proxyOf("https://api.example", { ALL_PROXY: "socks5://proxy.example" })).toBeUndefined();
  });

  it("are those of http where only HTTPS_PROXY is set", () => {
    const proxy = { url: "http://proxy.example", variable: "HTTPS_PROXY" };
    expect(proxyOf("https://api.example", { https_proxy: proxy.url })).toEqual(proxy);
    expect(proxyOf("http://api.example", { https_proxy: proxy.url })).toBeUndefined();
  });
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
