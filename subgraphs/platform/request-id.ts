/**
 * What ties together the log lines of one request?
 *
 * An id that every part hands on in a header. A client may bring its own; it ends up in the logs of every part and in
 * headers to other systems, so what is no plain word is not taken.
 */
import { randomUUID } from "node:crypto";

export const REQUEST_ID = "x-request-id";

/** The header's, or a fresh one. */
export function requestIdOf(headers: Readonly<Record<string, string | string[] | undefined>>): string {
  const id = headers[REQUEST_ID];
  return typeof id === "string" && /^[\w.-]{1,128}$/.test(id) ? id : randomUUID();
}
