/** How subscriptions end, and how many there can be. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Registry } from "prom-client";
import { WebSocket } from "ws";
import { createGatewayMetrics } from "../../../gateway/telemetry/metrics.ts";
import { samplesOf } from "../../support/loans.ts";
import { overSse, overWebSocket } from "../../support/live.ts";
import type { SubscribeTo } from "../../support/live.ts";
import { startLiveGateway } from "../../support/live-gateway.ts";
import type { LiveGateway } from "../../support/live-gateway.ts";

const TRANSPORTS: readonly (readonly [string, SubscribeTo])[] = [
  ["graphql-sse", overSse],
  ["graphql-ws", overWebSocket],
];
const QUERY = "subscription { effectChanged { id } }";

let gateways: LiveGateway[] = [];
async function start(...given: Parameters<typeof startLiveGateway>): Promise<LiveGateway> {
  const gateway = await startLiveGateway(...given);
  gateways.push(gateway);
  return gateway;
}
afterEach(async () => {
  await Promise.all(gateways.map((one) => one.close()));
  gateways = [];
});

describe.each(TRANSPORTS)("over %s, a subscription", (_name, subscribe) => {
  it("goes on at the next gateway when its own ends", async () => {
    const first = await start();
    const { port } = new URL(first.url);
    const one = await subscribe(first.url, QUERY, { retries: 500 });
    first.tell("effect_1");
    await expect.poll(() => one.told).toEqual([{ data: { effectChanged: { id: "effect_1" } } }]);
    await first.close();
    gateways = [];
    const second = await start({}, Number(port));
    await expect.poll(() => one.connections()).toBe(2);
    second.tell("effect_2");
    await expect.poll(() => one.told.at(-1)).toEqual({ data: { effectChanged: { id: "effect_2" } } });
    expect(one.told).toHaveLength(2);
    one.leave();
  });

  it("goes on over another supergraph", async () => {
    const gateway = await start();
    const one = await subscribe(gateway.url, QUERY, { retries: 500 });
    await gateway.reload();
    await expect.poll(() => one.connections()).toBe(2);
    gateway.tell("effect_1");
    await expect.poll(() => one.told).toEqual([{ data: { effectChanged: { id: "effect_1" } } }]);
    one.leave();
  });

  it("ends, and says why, where events may have been missed", async () => {
    const gateway = await start();
    const one = await subscribe(gateway.url, QUERY);
    gateway.miss();
    expect(await one.end).toBe("complete");
    expect(one.told).toMatchObject([{ errors: [{ extensions: { code: "EVENTS_MISSED" } }] }]);
  });

  it("is told of a thousand events at once", async () => {
    const gateway = await start();
    const one = await subscribe(gateway.url, QUERY);
    await expect.poll(() => (one.told.length === 0 ? gateway.tell("effect_first") : true)).toBe(true);
    for (let n = 0; n < 1000; n += 1) gateway.tell(`effect_${n}`);
    await expect
      .poll(() => one.told.at(-1), { timeout: 40_000 })
      .toEqual({ data: { effectChanged: { id: "effect_999" } } });
    one.leave();
  }, 60_000);

  it("is counted by the name of its event: while it is open, what it is told, and why it ends", async () => {
    const registry = new Registry();
    const gateway = await start({ metrics: createGatewayMetrics(registry) });
    const figures = async () => ({
      open: await samplesOf(registry, "decibel_gateway_subscriptions"),
      told: await samplesOf(registry, "decibel_gateway_events_told_total"),
      ended: await samplesOf(registry, "decibel_gateway_subscriptions_ended_total"),
    });
    const [one, another] = [await subscribe(gateway.url, QUERY), await subscribe(gateway.url, QUERY)];
    const event = 'event="effectChanged"';
    await expect.poll(figures).toEqual({ open: { [event]: 2 }, told: {}, ended: {} });
    gateway.tell("effect_1");
    gateway.tell("effect_gone");
    await expect.poll(figures).toEqual({ open: { [event]: 2 }, told: { [event]: 2 }, ended: {} });
    one.leave();
    await expect.poll(async () => (await figures()).open).toEqual({ [event]: 1 });
    gateway.miss();
    expect(await another.end).toBe("complete");
    const ended = { [`${event},reason="left"`]: 1, [`${event},reason="missed"`]: 1 };
    await expect.poll(figures).toEqual({ open: { [event]: 0 }, told: { [event]: 2 }, ended });
  });

  it("is told nothing of what does not exist", async () => {
    const gateway = await start();
    const one = await subscribe(gateway.url, QUERY);
    gateway.tell("effect_gone");
    gateway.tell("effect_1");
    await expect.poll(() => one.told).toEqual([{ data: { effectChanged: { id: "effect_1" } } }]);
    one.leave();
  });

  it("does not wait for what is read when its gateway ends", async () => {
    const gateway = await start();
    const one = await subscribe(gateway.url, QUERY, { retries: 500 });
    await expect.poll(() => (gateway.waiting() === 0 ? gateway.tell("effect_slow") : true)).toBe(true);
    await gateway.close();
    gateways = [];
    one.leave();
  });

  it("goes on after an event that takes too long to read, and is told so", async () => {
    const gateway = await start({ limits: { timeoutMs: 2000 } });
    const one = await subscribe(gateway.url, QUERY);
    await expect.poll(() => (gateway.waiting() === 0 ? gateway.tell("effect_slow") : true)).toBe(true);
    await expect
      .poll(() => one.told[0], { timeout: 40_000 })
      .toMatchObject({ errors: [{ extensions: { code: "TIMEOUT" } }] });
    gateway.tell("effect_1");
    await expect
      .poll(() => one.told.at(-1), { timeout: 40_000 })
      .toEqual({ data: { effectChanged: { id: "effect_1" } } });
    one.leave();
  }, 60_000);

  it("costs a thousand subscribers little more than one", async () => {
    const gateway = await start({ limits: { subscriptions: 1000 } });
    const all = await Promise.all(Array.from({ length: 1000 }, () => subscribe(gateway.url, QUERY)));
    for (const id of ["effect_1", "effect_2", "effect_3"]) gateway.tell(id);
    await expect.poll(() => all.every(({ told }) => told.length === 3), { timeout: 30_000 }).toBe(true);
    expect(gateway.reads()).toBe(3);
    for (const one of all) one.leave();
  }, 60_000);
});

describe("a client that reads nothing", () => {
  /** Some that fill all that is between the two, and more than may wait. */
  const tellAll = (gateway: LiveGateway): void => {
    for (let n = 0; n < 200; n += 1) gateway.tell(`effect_${n}_200000`);
    for (let n = 0; n < 10_100; n += 1) gateway.tell(`effect_${n}`);
  };
  const BIG_QUERY = "subscription { effectChanged { id kind } }";

  it("over server-sent events is told, and let go", async () => {
    const gateway = await start();
    const { port } = new URL(gateway.url);
    const socket = connect(Number(port), "127.0.0.1");
    const body = JSON.stringify({ query: BIG_QUERY });
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await once(socket, "data");
    socket.pause();
    tellAll(gateway);
    let text = "";
    socket.on("data", (data: Buffer) => void (text = (text + data.toString()).slice(-2000)));
    socket.on("error", () => {});
    socket.resume();
    await expect.poll(() => text, { timeout: 30_000 }).toContain("SLOW_CLIENT");
    socket.destroy();
  });

  it("over a WebSocket is told, and let go", async () => {
    const gateway = await start();
    const socket = new WebSocket(gateway.url.replace("http", "ws"), "graphql-transport-ws");
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "connection_init" }));
    await once(socket, "message");
    socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: BIG_QUERY } }));
    socket.send(JSON.stringify({ type: "ping" }));
    await once(socket, "message");
    socket.pause();
    tellAll(gateway);
    socket.resume();
    const [code, reason] = await once(socket, "close");
    expect([code, String(reason)]).toEqual([1013, "Events come faster than they are read"]);
  });
});

describe("a WebSocket", () => {
  interface Message {
    readonly type: string;
    readonly id?: string;
    readonly payload?: unknown;
  }

  async function open(gateway: LiveGateway) {
    const socket = new WebSocket(gateway.url.replace("http", "ws"), "graphql-transport-ws");
    const got: Message[] = [];
    socket.on("message", (data: Buffer) => got.push(JSON.parse(data.toString()) as Message));
    const closed = once(socket, "close").then(([code]: unknown[]) => code);
    await once(socket, "open");
    const send = (message: Message): void => socket.send(JSON.stringify(message));
    send({ type: "connection_init" });
    await once(socket, "message");
    got.length = 0;
    const ask = (id: string, query: string): void => send({ id, type: "subscribe", payload: { query } });
    return { socket, got, closed, send, ask };
  }

  /** So that what came before on another connection would have been read. */
  async function roundTrips(gateway: LiveGateway): Promise<void> {
    const { socket, ask } = await open(gateway);
    for (let n = 0; n < 5; n += 1) {
      ask(`${n}`, "{ __typename }");
      await once(socket, "message");
    }
    socket.terminate();
  }

  it.each([
    ["its gateway ends", (gateway: LiveGateway) => gateway.close()],
    ["its gateway has another supergraph", (gateway: LiveGateway) => gateway.reload()],
  ])("answers first what it was asked when %s, and ends its subscriptions without a word", async (_when, end) => {
    const gateway = await start();
    const { got, closed, ask } = await open(gateway);
    ask("events", QUERY);
    await expect.poll(() => (got.length === 0 ? gateway.tell("effect_1") : true)).toBe(true);
    got.length = 0;
    ask("query", "{ wait }");
    await expect.poll(() => gateway.waiting()).toBe(1);
    const ended = end(gateway);
    gateway.slow.resolve();
    expect(await closed).toBe(1001);
    await ended;
    expect(got.filter(({ id }) => id === "query")).toEqual([
      { id: "query", type: "next", payload: { data: { wait: "at last" } } },
      { id: "query", type: "complete" },
    ]);
    expect(got.filter(({ type, id }) => type === "complete" && id === "events")).toEqual([]);
  });

  it("says that a query has taken too long, and stays", async () => {
    const gateway = await start({ limits: { timeoutMs: 2000 } });
    const { socket, got, ask } = await open(gateway);
    ask("1", "{ wait }");
    await expect
      .poll(() => got, { timeout: 40_000 })
      .toMatchObject([{ id: "1", payload: [{ extensions: { code: "TIMEOUT" } }] }]);
    ask("2", "{ __typename }");
    await expect.poll(() => got.at(-1)).toEqual({ id: "2", type: "complete" });
    socket.terminate();
  }, 60_000);

  it("is not read while hundreds of its messages are being answered", async () => {
    const gateway = await start();
    const { socket, got, ask } = await open(gateway);
    for (let n = 0; n < 600; n += 1) ask(`${n}`, `{ wait } #${"x".repeat(2000)}`);
    await roundTrips(gateway);
    expect(gateway.waiting()).toBeLessThan(300);
    gateway.slow.resolve();
    await expect.poll(() => got.filter(({ type }) => type === "complete"), { timeout: 40_000 }).toHaveLength(600);
    socket.terminate();
  }, 60_000);

  it("is not read while its client does not take what it was sent", async () => {
    const gateway = await start();
    const { socket, got, send, ask } = await open(gateway);
    socket.pause();
    const payload = "x".repeat(200_000);
    for (let n = 0; n < 160; n += 1) send({ type: "ping", payload: { payload } });
    await roundTrips(gateway);
    expect(socket.bufferedAmount).toBeGreaterThan(0);
    socket.resume();
    ask("last", "{ __typename }");
    await expect.poll(() => got.at(-1), { timeout: 40_000 }).toEqual({ id: "last", type: "complete" });
    expect(got.filter(({ type }) => type === "pong")).toHaveLength(160);
    socket.terminate();
  }, 60_000);

  it("that is refused does not wait for its client to end it", async () => {
    const gateway = await start();
    const socket = connect({ port: Number(new URL(gateway.url).port), host: "127.0.0.1", allowHalfOpen: true });
    socket.write("GET /nothing HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
    expect(String(await once(socket, "data"))).toContain("HTTP/1.1 404 Not Found");
    await gateway.close();
    gateways = [];
    socket.destroy();
  });

  it("may be asked for by the whole URL", async () => {
    const gateway = await start();
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
    socket.write(
      "GET http://localhost/graphql HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n" +
        "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
        "sec-websocket-protocol: graphql-transport-ws\r\n\r\n",
    );
    expect(String(await once(socket, "data"))).toContain("HTTP/1.1 101 Switching Protocols");
    socket.destroy();
  });

  it("answers queries too, and says what is wrong with one", async () => {
    const gateway = await start();
    const query = await overWebSocket(gateway.url, `{ effect(id: "effect_1") { id } }`);
    expect(await query.end).toBe("complete");
    expect(query.told).toEqual([{ data: { effect: { id: "effect_1" } } }]);
    const wrong = await overWebSocket(gateway.url, `{ nothing }`);
    expect(await wrong.end).toContain("GRAPHQL_VALIDATION_FAILED");
  });

  it.each([
    ["of another site's page", {}, { origin: "https://evil.example" }, 403],
    ["for another host", {}, { host: "evil.example" }, 421],
    [
      "of a page that may",
      { corsOrigins: ["https://portal.example"] },
      { origin: "https://portal.example" },
      undefined,
    ],
  ])("%s", async (_who, options, headers, status) => {
    const gateway = await start(options);
    const socket = new WebSocket(gateway.url.replace("http", "ws"), "graphql-transport-ws", { headers });
    const outcome = await Promise.race([
      once(socket, "open").then(() => undefined),
      once(socket, "unexpected-response").then(([, response]: { statusCode?: number }[]) => response?.statusCode),
    ]);
    expect(outcome).toBe(status);
    socket.terminate();
  });
});

describe("a subscription", () => {
  it("in a request for JSON is refused, which says what it needs", async () => {
    const gateway = await start();
    const response = await fetch(gateway.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: QUERY }),
    });
    expect(response.status).toBe(406);
    expect(await response.text()).toContain("text/event-stream");
  });

  it("by GET is as good", async () => {
    const gateway = await start();
    const response = await fetch(`${gateway.url}?query=${encodeURIComponent(QUERY)}`, {
      headers: { accept: "text/event-stream", "apollo-require-preflight": "1" },
    });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect(await reader?.read()).toMatchObject({ value: ":\n\n" });
    gateway.tell("effect_1");
    expect(await reader?.read()).toMatchObject({
      value: 'event: next\ndata: {"data":{"effectChanged":{"id":"effect_1"}}}\n\n',
    });
    await reader?.cancel();
  });
});
