/**
 * What an operator sees of the built process: it is started as `npm start` starts it, from `dist`, which `npm test`
 * builds first. Over 200 lines, because the ways to break a process are in this file.
 */
import { once } from "node:events";
import { existsSync, openSync } from "node:fs";
import { Server as HttpServer } from "node:http";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { loadTables } from "../../subgraphs/pipeline/table/load.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import type { Variables } from "../../subgraphs/platform/environment.ts";
import { configurable } from "../../subgraphs/registry.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import { createTestDatabase } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";
import { npmStart, partsOf, runMain } from "../support/process.ts";
import type { Run } from "../support/process.ts";
import { freePort } from "../support/programs.ts";
import { SANDBOXES, SUBGRAPHS, ask, startTestDecibel } from "../support/decibel.ts";
import { collectServers } from "../support/servers.ts";

/** A device that is always full. */
const FULL = "/dev/full";
const root = projectRoot();
const PARTS = ["gateway", ...SUBGRAPHS, ...SANDBOXES.map((name) => `${name} sandbox`)];

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function start(variables: Variables = {}): Run {
  return killed(runMain({ ...database.variables, ...variables }));
}

/** Killed at the end of the test if it still runs. */
function killed(run: Run): Run {
  cleanups.push(run.kill);
  return run;
}

/** A port that another server uses until the end of the test. */
async function takenPort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** The first server that is closed throws after it has closed. */
const STUCK = `
  import { Server } from "node:http";
  const { closeAllConnections } = Server.prototype;
  Server.prototype.closeAllConnections = function () {
    Server.prototype.closeAllConnections = closeAllConnections;
    closeAllConnections.call(this);
    throw new Error("stuck");
  };
`;

/** Throws an uncaught error when the test sends a signal. */
const UNCAUGHT = `
  process.once("SIGWINCH", () => {
    throw new Error("planted");
  });
`;

/** The same in this process. */
function stuckClose(): () => boolean {
  let stuck = false;
  const closing = vi.spyOn(HttpServer.prototype, "closeAllConnections").mockImplementationOnce(function (
    this: HttpServer,
  ) {
    closing.mockRestore();
    this.closeAllConnections();
    stuck = true;
    throw new Error("stuck");
  });
  cleanups.push(() => closing.mockRestore());
  return () => stuck;
}

async function connected(url = ""): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  // The connection will be cut.
  socket.on("error", () => {});
  cleanups.push(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

async function accepts(url = ""): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const accepting = async (parts: ReadonlyMap<string, string>): Promise<readonly string[]> => {
  const names: string[] = [];
  for (const [name, url] of parts) if (await accepts(url)) names.push(name);
  return names;
};

/** Milliseconds. A process takes a second to load, and longer on a busy machine. */
const PATIENCE = 30_000;

describe("the process", { timeout: PATIENCE }, () => {
  it("prints the banner once everything listens, answers, and drains on SIGTERM", async () => {
    const run = start();
    const banner = await run.banner;
    const parts = partsOf(banner);
    const width = Math.max(...PARTS.map(({ length }) => length));
    expect(banner.split("\n")).toEqual([
      "",
      "Decibel is up. Open the gateway in a browser, or send it a query; Ctrl-C stops it.",
      "",
      "OPEN: anybody on this machine may do everything, because neither AUTH_JWKS_URL nor AUTH_JWT_SECRET is set.",
      "",
      ...Array.from(parts, ([name, url]) => `  ${name.padEnd(width)}  ${url}`),
      "",
      "",
    ]);
    expect([...parts.keys()]).toEqual(PARTS);
    for (const [name, url] of parts) {
      expect(url).toMatch(
        name.endsWith(" sandbox") ? /^http:\/\/127\.0\.0\.1:\d+$/ : /^http:\/\/127\.0\.0\.1:\d+\/graphql$/,
      );
    }
    const answer = await ask(
      parts.get("gateway") ?? "",
      "{ campaigns(first: 1) { totalCount nodes { targeting { verdict } } } }",
    );
    expect(answer).toEqual({
      data: { campaigns: { totalCount: 60, nodes: [{ targeting: { verdict: expect.any(String) } }] } },
      errors: [],
    });
    expect(await accepting(parts)).toEqual(PARTS);
    run.child.kill("SIGTERM");
    expect(await run.ended).toEqual({ code: 0, signal: null, stdout: banner, stderr: "" });
    expect(await accepting(parts)).toEqual([]);
  });

  it("answers requests in flight before it exits", async () => {
    const { run, held, answer, parts } = await interrupted();
    held.release();
    expect(await answer).toEqual({
      data: { campaigns: { nodes: [{ targeting: { verdict: expect.any(String) } }] } },
      errors: [],
    });
    expect(await run.ended).toMatchObject({ code: 0, signal: null, stderr: "" });
    expect(await accepting(parts)).toEqual([]);
  });

  it.each([
    ["sends nothing", ""],
    ["has sent half a request", "POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-le"],
  ])("does not wait for a connection that %s", async (_what, said) => {
    const run = start();
    const parts = partsOf(await run.banner);
    const ours = ["gateway", ...SUBGRAPHS];
    const sockets = await Promise.all(ours.map((name) => connected(parts.get(name))));
    for (const socket of sockets) socket.write(said);
    // By then it has read what the sockets sent before.
    await ask(parts.get("gateway") ?? "", "{ campaigns(first: 1) { totalCount } episodes(first: 1) { totalCount } }");
    run.child.kill("SIGINT");
    expect(await run.ended).toMatchObject({ code: 0, signal: null, stderr: "" });
  });

  it("stops everything else when a component fails to stop, logs the error, and exits with 1", async () => {
    const run = start({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(STUCK)}` });
    const banner = await run.banner;
    run.child.kill("SIGTERM");
    const { code, stdout } = await run.ended;
    const lines = stdout
      .slice(banner.length)
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(lines).toMatchObject([{ level: 50, msg: "shutdown of a component failed", err: { message: "stuck" } }]);
    expect(code).toBe(1);
    expect(await accepting(partsOf(banner))).toEqual([]);
  });

  it("drains on an uncaught error, logs it, and exits with 1", async () => {
    const run = start({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(UNCAUGHT)}` });
    const banner = await run.banner;
    const parts = partsOf(banner);
    run.child.kill("SIGWINCH");
    const { code, stdout } = await run.ended;
    expect(JSON.parse(stdout.slice(banner.length))).toMatchObject({
      level: 60,
      msg: "uncaught error: shutting down",
      err: { message: "planted" },
    });
    expect(code).toBe(1);
    expect(await accepting(parts)).toEqual([]);
  });

  it.runIf(existsSync(FULL))("works, and says so once, where nothing can be written to standard output", async () => {
    const port = await freePort();
    const variables = { ...database.variables, PORT: String(port) };
    const { child, ended } = killed(runMain(variables, root, openSync(FULL, "w")));
    const answers = () =>
      ask(`http://127.0.0.1:${port}/graphql`, "{ campaigns(first: 1) { totalCount } }").catch(() => null);
    await expect.poll(answers, { timeout: PATIENCE, interval: 200 }).toMatchObject({ errors: [] });
    child.kill("SIGTERM");
    const { code, stderr } = await ended;
    expect([code, stderr.split("\n").filter((line) => line.startsWith("Cannot write")).length]).toEqual([0, 1]);
  });

  it("drains when npm alone gets the signal", async () => {
    const run = killed(npmStart(database.variables));
    const parts = partsOf(await run.banner);
    expect(await accepting(parts)).toEqual(PARTS);
    run.child.kill("SIGTERM");
    await run.ended;
    expect(await accepting(parts)).toEqual([]);
  });

  it("prints one banner for several gateway processes, and loses no request on SIGTERM", async () => {
    const run = start({ GATEWAY_WORKERS: "2" });
    const banner = await run.banner;
    const url = partsOf(banner).get("gateway") ?? "";
    expect((await fetch(new URL("/health", url))).status).toBe(200);
    const answers: string[] = [];
    // No server can answer a request on its way that finds its kept connection closed, or the port.
    const headers = { "content-type": "application/json", connection: "close" };
    const body = JSON.stringify({ query: "{ campaigns(first: 1) { totalCount } }" });
    const ending = new AbortController();
    const client = async (): Promise<void> => {
      while (!ending.signal.aborted) answers.push(await (await fetch(url, { method: "POST", headers, body })).text());
    };
    const clients = Array.from({ length: 4 }, client);
    await expect.poll(() => answers.length, { timeout: PATIENCE }).toBeGreaterThan(20);
    ending.abort();
    run.child.kill("SIGTERM");
    await Promise.all(clients);
    expect(new Set(answers)).toEqual(new Set(['{"data":{"campaigns":{"totalCount":60}}}']));
    expect(await run.ended).toEqual({ code: 0, signal: null, stdout: banner, stderr: "" });
  });

  it("exits at once on a second Ctrl-C", async () => {
    const { run, answer, parts } = await interrupted();
    run.child.kill("SIGINT");
    await expect(answer).rejects.toThrow(TypeError);
    expect(await run.ended).toMatchObject({ code: 1, signal: null });
    expect(await accepting(parts)).toEqual([]);
  });
});

describe("a process that cannot start", { timeout: PATIENCE }, () => {
  const takenMessage = (name: string, port: number, variable: string): string =>
    `Cannot start ${name}: port ${port} is taken; set ${variable} to another one`;

  it.each([
    ["episodes", "EPISODES_PORT", "1"],
    ["gateway", "PORT", "2"],
  ])("names the port of %s that is taken and its variable, and exits with 1", async (name, variable, processes) => {
    const port = await takenPort();
    expect(await start({ [variable]: String(port), GATEWAY_WORKERS: processes }).ended).toEqual({
      code: 1,
      signal: null,
      stdout: "",
      stderr: `${takenMessage(name, port, variable)}\n`,
    });
  });

  it.each([
    ["gateway", "PORT", SANDBOXES.length + SUBGRAPHS.length],
    ["campaigns", "CAMPAIGNS_PORT", SANDBOXES.length],
    ["spotify-ads sandbox", "SPOTIFY_ADS_SANDBOX_PORT", 1],
    ["opentext sandbox", "OPENTEXT_SANDBOX_PORT", 0],
  ])("has stopped what had started when the port of %s is taken", async (name, variable, started) => {
    const port = await takenPort();
    const servers = collectServers(cleanups);
    await expect(startTestDecibel({ variables: { [variable]: String(port) } })).rejects.toThrow(
      new Error(takenMessage(name, port, variable)),
    );
    expect(servers).toHaveLength(started);
    expect(servers.filter(({ listening }) => listening)).toEqual([]);
  });

  it("has stopped what had started even if a component fails to stop, and says why it could not start", async () => {
    const port = await takenPort();
    const servers = collectServers(cleanups);
    const wasStuck = stuckClose();
    await expect(startTestDecibel({ variables: { PORT: String(port) } })).rejects.toThrow(
      new Error(takenMessage("gateway", port, "PORT")),
    );
    expect(wasStuck()).toBe(true);
    expect(servers).toHaveLength(SANDBOXES.length + SUBGRAPHS.length);
    expect(servers.filter(({ listening }) => listening)).toEqual([]);
  });

  it("names every problem of its environment, in production every sandbox too", async () => {
    const variables = { NODE_ENV: "production", PORT: "http", LOG_LEVEL: "loud", MEGAPHONE_TOKEN: "megaphone" };
    const others = configurable.upstreams.filter(({ name }) => name !== "megaphone").map(({ title }) => title);
    const needed = [
      ...["OpenText (OPENTEXT_…)", ...others].map((title) => `the credentials of ${title}`),
      "AUTH_JWKS_URL or AUTH_JWT_SECRET, with AUTH_ISSUER and AUTH_AUDIENCE, to know who asks",
    ].map((what) => `  NODE_ENV=production needs ${what}`);
    expect(await start(variables).ended).toEqual({
      code: 1,
      signal: null,
      stdout: "",
      stderr: `Cannot read the environment:
  LOG_LEVEL: Invalid option: expected one of "trace"|"debug"|"info"|"warn"|"error"|"fatal"|"silent"
  PORT: expected a whole number from 0 to 65535, got "http"
  MEGAPHONE_NETWORK_ID is missing, but others of the same upstream are set
${needed.join("\n")}
`,
    });
  });

  it.each([
    [
      "another machine's address",
      { HOST: "192.0.2.1", AUTH_JWT_SECRET: "x".repeat(32), AUTH_ISSUER: "issuer", AUTH_AUDIENCE: "decibel" },
      "Cannot start gateway: this machine has no such address; set HOST to one of its own",
    ],
    [
      "a folder of tables that is not there",
      { SANDBOX_TABLES: "/not/there" },
      "Cannot read the tables in /not/there (SANDBOX_TABLES): there is no such file or folder",
    ],
  ])("names %s", async (_what, variables, message) => {
    await expect(startTestDecibel({ variables })).rejects.toThrow(message);
  });
});

/**
 * A process that got Ctrl-C during a query: its gateway accepts no more connections, and the decision service has not
 * answered yet.
 */
async function interrupted() {
  const held = await heldOpenText();
  const run = start({
    OPENTEXT_BASE_URL: held.origin,
    OPENTEXT_TIMEOUT_MS: String(PATIENCE),
    OPENTEXT_BATCH_TIMEOUT_MS: String(PATIENCE),
  });
  const parts = partsOf(await run.banner);
  const answer = ask(parts.get("gateway") ?? "", "{ campaigns(first: 1) { nodes { targeting { verdict } } } }");
  await held.asked;
  run.child.kill("SIGINT");
  while (await accepts(parts.get("gateway")));
  return { run, held, answer, parts };
}

/** The OpenText sandbox, which holds every evaluation until the test releases it. */
async function heldOpenText() {
  const folders = SUBGRAPHS.map((name) => join(root, "subgraphs", name));
  const sandbox = createOpenTextSandbox({ tables: (await Promise.all(folders.map(loadTables))).flat() });
  const asked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  sandbox.app.addHook("preHandler", async (request) => {
    if (!request.url.endsWith("/execute")) return;
    asked.resolve();
    await release.promise;
  });
  cleanups.push(() => {
    release.resolve();
    return sandbox.close();
  });
  return { origin: await sandbox.listen(), asked: asked.promise, release: () => release.resolve() };
}
