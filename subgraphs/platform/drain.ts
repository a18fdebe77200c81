/**
 * When may a server that stops close its connections?
 *
 * As soon as no request is in flight. `server.close()` alone would wait for the timeout of a connection that has sent no
 * request, or half of one. A client that keeps its connections learns from each answer that this one ends.
 */
import type { Server, ServerResponse } from "node:http";

export interface Drain {
  /** From now on every answer ends its connection. */
  begin(): void;
  /** To be called together with `server.close()`. Begins, too. */
  closeIdle(): void;
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
  server.on("request", (_request, response) => {
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
    closeIdle() {
      begin();
      isClosing = true;
      closeIfIdle();
    },
  };
}
