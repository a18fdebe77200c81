/**
 * When may a server that stops close its connections?
 *
 * As soon as no request is in flight. `server.close()` alone would wait for the timeout of a connection that has sent no
 * request, or half of one; and it closes those that have an answer which is complete, but not sent. A client that keeps its
 * connections learns from each answer that this one ends. One that takes nothing of its answer for a while is let go: what
 * stops after this server needs its time too.
 */
import { setImmediate } from "node:timers/promises";
import type { Server, ServerResponse } from "node:http";

export interface Drain {
  /** From now on every answer ends its connection. */
  begin(): void;
  /** Begins, too. Ends once `close`, which calls `server.close()`, has ended. */
  end(close: () => Promise<unknown>): Promise<void>;
}

/** Milliseconds in which a client takes something of its answer. */
const STALLED_MS = 5000;
/** Milliseconds for all answers: less than a process has to stop. */
const MAX_DRAIN_MS = 12_000;

/** Call it before the server listens. */
export function draining(server: Server, stalledMs: number = STALLED_MS): Drain {
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
  /** The timer begins anew whenever something is sent, so that an answer that is still made is waited for. */
  const endIfStalled = (response: ServerResponse): void => {
    response.setTimeout(stalledMs, () => {
      if (response.writableLength > 0 || (response.socket?.writableLength ?? 0) > 0) response.destroy();
    });
  };
  // Called by `server.close()`. It takes a connection for idle whose answer was given to it, but not to the client.
  server.closeIdleConnections = closeIfIdle;
  // Before the handler: it may answer at once.
  server.prependListener("request", (_request, response) => {
    inFlight.add(response);
    if (isEnding) response.shouldKeepAlive = false;
    if (isClosing) endIfStalled(response);
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
      for (const response of inFlight) endIfStalled(response);
      const late = setTimeout(() => server.closeAllConnections(), MAX_DRAIN_MS).unref();
      closeIfIdle();
      await closed;
      clearTimeout(late);
    },
  };
}
