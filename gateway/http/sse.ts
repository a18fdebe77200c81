/**
 * How are the events of a subscription sent over HTTP?
 *
 * As server-sent events, by the "distinct connections mode" of graphql-sse: one request is one subscription. Where nothing
 * happens a comment is sent now and then, so that neither proxies nor clients take the connection for lost. A subscription
 * that is over ends with `complete`; where only this gateway ends it does not, so that clients come back by themselves.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { LiveStream } from "../live/stream.ts";

export const EVENT_STREAM = "text/event-stream";

export const EVENT_HEADERS = {
  "content-type": `${EVENT_STREAM}; charset=utf-8`,
  "cache-control": "no-store",
  // For proxies that would wait for more.
  "x-accel-buffering": "no",
} as const;

const COMMENT = ":\n\n";
/** Less than the shortest usual timeout of proxies. */
const PING_MS = 12_000;

export async function* eventsOf(stream: LiveStream, pingMs: number = PING_MS): AsyncGenerator<string> {
  // The client learns at once that it has subscribed.
  yield COMMENT;
  for (let next = stream.next(); ;) {
    const result = await withPing(next, pingMs);
    if (result === undefined) {
      yield COMMENT;
      continue;
    }
    if (result.done === true) break;
    yield `event: next\ndata: ${JSON.stringify(result.value)}\n\n`;
    next = stream.next();
  }
  if (stream.ended !== "leaving") yield "event: complete\ndata:\n\n";
}

/** undefined if it takes longer. */
async function withPing<T>(promise: Promise<T>, pingMs: number): Promise<T | undefined> {
  const waiting = new AbortController();
  const late = delay(pingMs, undefined, { signal: waiting.signal, ref: false }).catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    waiting.abort();
  }
}
