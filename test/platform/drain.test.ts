/** What has arrived at a server that stops is answered, though the server has not read it yet. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { draining } from "../../subgraphs/platform/drain.ts";

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
