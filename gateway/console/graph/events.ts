/**
 * How do events reach the page?
 *
 * Over one WebSocket for all that a window listens to. A stream over HTTP/1.1 would take one of the six connections that a
 * browser opens to the gateway for all its windows together: a few windows side by side would wait for each other. Where no
 * WebSocket can be opened, as some proxies let none through, what is shown is asked for again now and then.
 */
import { CloseCode, createClient } from "graphql-ws";
import type { FormattedExecutionResult, Sink, SubscribePayload } from "graphql-ws";
import { credentials, session } from "../session/session.ts";
import { doubt, isOnline, reached, refresh } from "./connection.ts";

/** From page to page the connection stays. */
const CLOSE_MS = 3000;
const NORMAL_CLOSURE = 1000;
const PING_MS = 15_000;
const PONG_MS = 5000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

let pongIsLate: ReturnType<typeof setTimeout> | undefined;

const client = createClient({
  url: () => new URL("/graphql", location.href.replace(/^http/, "ws")).href,
  connectionParams: () => ({ ...credentials() }),
  lazyCloseTimeout: CLOSE_MS,
  connectionAckWaitTimeout: PING_MS,
  keepAlive: PING_MS,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: () => true,
  async retryWait(retries) {
    await delay(Math.min(FIRST_WAIT_MS * 2 ** retries, LONGEST_WAIT_MS) * (0.75 + Math.random() / 2));
    // Not the first time: that is when it was lost, which was asked about then.
    if (retries > 0 && isOnline.get()) refresh();
  },
  on: {
    connected(_socket, _payload, again) {
      reached();
      // What happened in between was not told.
      if (again) refresh();
    },
    // A gateway that is gone does not close it: one that does not answer is taken for gone.
    ping(isReceived) {
      if (!isReceived) pongIsLate = setTimeout(() => client.terminate(), PONG_MS);
    },
    pong(isReceived) {
      if (isReceived) clearTimeout(pongIsLate);
    },
    closed(event) {
      clearTimeout(pongIsLate);
      const code = typeof event === "object" && event !== null && "code" in event ? event.code : undefined;
      // Who is not known any more is told so by the graph.
      if (code === CloseCode.Forbidden) refresh();
      else if (code !== NORMAL_CLOSURE) doubt();
    },
  },
});

// The connection is that of a caller.
let { turn } = session.get();
session.listen(() => {
  if (session.get().turn === turn) return;
  ({ turn } = session.get());
  client.terminate();
});

/** Some ends are final to graphql-ws, whatever it is told: whoever listens begins anew. */
const ENDED = [{ message: "Events do not come any more.", extensions: { code: "EVENTS_ENDED" } }];

/** Gives a function that ends it. Ends by errors of the graph alone, or of which the code is EVENTS_ENDED. */
export function subscribe(payload: SubscribePayload, sink: Sink<FormattedExecutionResult>): () => void {
  return client.subscribe<Record<string, unknown>, Record<string, unknown>>(payload, {
    ...sink,
    error: (error) => sink.error(Array.isArray(error) ? error : ENDED),
  });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
