/**
 * When may a server that stops close its connections?
 *
 * As soon as no request is in flight. `server.close()` alone would wait for the timeout of a connection that has sent no
 * request, or half of one. A client that keeps its connections learns from each answer that this one ends.
 */
import { setImmediate } from "node:timers/promises";
import type { Server, ServerResponse } from "node:http";

export interface Drain {
  /** From now on every answer ends its connection. */
  begin(): void;
  /** Begins, too. Ends once `close`, which calls `server.close()`, has ended. */
  end(close: () => Promise<unknown>): Promise<void>;
}

/** Call it before the server listens. */
export function draining(server: Server): Drain {
  const inFlight = new Set<ServerResponse>();
  let isEnding = false;
  let isClosing = false;
  const closeIfIdle = (): void => {
    if (isClosing && inFlight.size === 0) server.closeAllConnections();
  };
  const begin = (): void => {
    isEnding = true;
    for (const response of inFlight) response.shouldKeepAlive = false;
  };
  // Before the handler: it may answer at once.
  server.prependListener("request", (_request, response) => {
    inFlight.add(response);
    if (isEnding) response.shouldKeepAlive = false;
    response.once("close", () => {
      inFlight.delete(response);
      closeIfIdle();
    });
  });
  // A connection may still be accepted between this call and the close.
  server.on("connection", closeIfIdle);
  return {
    begin,
    async end(close) {
      begin();
      // What has arrived is read in the next turn of the event loop: a busy process may be late with it.
      await setImmediate();
      await setImmediate();
      const closed = close();
      isClosing = true;
      closeIfIdle();
      await closed;
    },
  };
}
