/**
 * A server that stops answers what it was asked, though it has not read it yet, and does not wait for a client that takes
 * nothing.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { draining } from "../../subgraphs/platform/drain.ts";

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** More than any buffers between the two. */
const BIG = "x".repeat(30_000_000);

async function start(answer: RequestListener, stalledMs?: number) {
  const server = createServer(answer);
  const drain = draining(server, stalledMs);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    /** A client that has read the beginning of its answer, or none. */
    async ask(isAnswered: boolean): Promise<Socket> {
      const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
      socket.on("error", () => {});
      sockets.push(socket);
      socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
      await once(isAnswered ? socket : server, isAnswered ? "data" : "request");
      socket.pause();
      return socket;
    },
    close: () => drain.end(() => new Promise((resolve) => server.close(resolve))),
  };
}

async function lengthOf(socket: Socket): Promise<number> {
  let length = 0;
  socket.on("data", (data: Buffer) => void (length += data.length));
  socket.resume();
  await once(socket, "close");
  return length;
}

it("answers a request that has arrived on an idle connection when the server stops", async () => {
  const server = createServer((_request, response) => response.end("answered"));
  const drain = draining(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await Promise.all([once(socket, "connect"), once(server, "connection")]);
  // Written at once; the server reads it in a later turn.
  socket.write("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n");
  const stopped = drain.end(() => new Promise((resolve) => server.close(resolve)));
  expect(await text(socket)).toMatch(/^HTTP\/1.1 200 OK\r\n.*\r\nConnection: close\r\n.*answered/s);
  await stopped;
});

it("does not wait for a connection that sends nothing", async () => {
  const server = createServer();
  const drain = draining(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await Promise.all([once(socket, "connect"), once(server, "connection")]);
  socket.resume();
  const ended = once(socket, "close");
  await drain.end(() => new Promise((resolve) => server.close(resolve)));
  expect(await ended).toEqual([false]);
});

it("sends an answer to its end that was complete before the server closed", async () => {
  const server = await start((_request, response) => response.setHeader("content-length", BIG.length).end(BIG));
  const socket = await server.ask(true);
  const closed = server.close();
  const length = await lengthOf(socket);
  expect(length).toBeGreaterThan(BIG.length - 1_000_000);
  await closed;
});

it("lets a client go that takes nothing of its answer", async () => {
  const server = await start((_request, response) => response.write(BIG), 10);
  await server.ask(true);
  await expect(server.close()).resolves.toBeUndefined();
});

it("waits for an answer that is still made, however long nothing is sent", async () => {
  const server = await start((_request, response) => {
    response.once("timeout", () => response.once("timeout", () => response.end("at last")));
    // Each makes it wait again.
    response.on("timeout", () => response.socket?.setTimeout(10));
  }, 10);
  const socket = await server.ask(false);
  const closed = server.close();
  expect(await lengthOf(socket)).toBeGreaterThan("at last".length);
  await closed;
});
