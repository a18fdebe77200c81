/**
 * How does a server of the gateway begin, and how does it end?
 *
 * It answers on connections that it accepts, and on those that another process has accepted. At the end it answers the
 * requests in flight.
 */
import { isIPv6 } from "node:net";
import type { Server, Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { draining } from "../../subgraphs/platform/drain.ts";

export interface Listener {
  /** Starts to listen and gives the URL of a path. */
  listen(port: number, path: string): Promise<string>;
  /** While it listens: answers on a connection that another process has accepted. */
  accept(socket: Socket): void;
  /** From now on every answer ends its connection, so that clients leave. */
  leave(): void;
  /** Answers the requests in flight, then stops. */
  close(): Promise<void>;
}

export interface ListenerOptions {
  readonly host: string;
  /** Milliseconds in which `close` reads the requests that are on their way, before it closes idle connections. */
  readonly lingerMs: number;
  readonly log: Logger;
}

export function createListener(app: FastifyInstance, { host, lingerMs, log }: ListenerOptions): Listener {
  const drain = draining(app.server);
  /** The server does not wait for them. */
  const accepted = new Set<Socket>();
  return {
    async listen(port, path) {
      await app.listen({ port, host });
      app.server.on("error", (error) => log.error({ err: error }, "the gateway's server failed"));
      return urlOf(app.server, host, path);
    },
    accept(socket) {
      accepted.add(socket);
      socket.once("close", () => accepted.delete(socket));
      app.server.emit("connection", socket);
      socket.resume();
    },
    leave: () => drain.begin(),
    async close() {
      drain.begin();
      if (lingerMs > 0) await setTimeout(lingerMs);
      await drain.end(() => app.close());
      await Promise.all(Array.from(accepted, (socket) => new Promise((resolve) => socket.once("close", resolve))));
    },
  };
}

/** Of a path of a server that listens. */
export function urlOf(server: Server, host: string, path: string): string {
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}${path}`;
}
