/**
 * What correlates the log lines of one request?
 *
 * An id that the gateway and the subgraphs forward in a header. A client may send its own. Because it is written to logs
 * and to headers of other systems, only letters, digits, `_`, `.` and `-` are accepted.
 */
import { randomUUID } from "node:crypto";

export const REQUEST_ID = "x-request-id";

/** The header's value if it is valid, else a new id. */
export function requestIdOf(headers: Readonly<Record<string, string | string[] | undefined>>): string {
  const id = headers[REQUEST_ID];
  return typeof id === "string" && /^[\w.-]{1,128}$/.test(id) ? id : randomUUID();
}
