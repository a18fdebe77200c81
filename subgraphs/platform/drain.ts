/**
 * When may a server that stops close its connections?
 *
 * As soon as no request is in flight. `server.close()` alone would wait for the timeout of a connection that has sent no
 * request, or half of one.
 */
import type { Server } from "node:http";

/** Call it before the server listens. The result is to be called together with `server.close()`. */
export function draining(server: Server): () => void {
  let inFlight = 0;
  let isClosing = false;
  const closeIfIdle = (): void => {
    if (isClosing && inFlight === 0) server.closeAllConnections();
  };
  server.on("request", (_request, response) => {
    inFlight += 1;
    response.once("close", () => {
      inFlight -= 1;
      closeIfIdle();
    });
  });
  // A connection may still be accepted between this call and the close.
  server.on("connection", closeIfIdle);
  return () => {
    isClosing = true;
    closeIfIdle();
  };
}
