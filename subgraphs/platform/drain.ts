/**
 * When may a server that stops let go of its connections?
 *
 * As soon as no request is under way. Closing the server alone would wait for a connection that never sent a request,
 * or sent half of one, until that times out.
 */
import type { Server } from "node:http";

/** To be called before the server listens; what it gives begins to let go, and is called when the server is closed. */
export function draining(server: Server): () => void {
  let underWay = 0;
  let isClosing = false;
  const letGo = (): void => {
    if (isClosing && underWay === 0) server.closeAllConnections();
  };
  server.on("request", (_request, response) => {
    underWay += 1;
    response.once("close", () => {
      underWay -= 1;
      letGo();
    });
  });
  // One may still come in between the call and the close.
  server.on("connection", letGo);
  return () => {
    isClosing = true;
    letGo();
  };
}
