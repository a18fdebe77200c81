/** Why can a database not be opened? In one sentence, with what to change where that is known. */
import { DrizzleQueryError } from "drizzle-orm/errors";
import { sqlStateOf } from "../../platform/database-error.ts";
import { lineOf } from "../../platform/reason.ts";

/** Milliseconds. */
export const CONNECT_MS = 5000;
export const ANSWER_MS = 10_000;

/** Of the driver, which has no codes for them. */
const NOT_CONNECTED = /^timeout expired|due to connection timeout/;
const NOT_ANSWERED = /^Query read timeout/;

export function isNoAnswer(error: unknown): boolean {
  return error instanceof Error && (NOT_CONNECTED.test(error.message) || NOT_ANSWERED.test(error.message));
}

export function reasonOfDatabase(error: unknown): string {
  // A host with several addresses fails with an AggregateError without a message.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  // drizzle's message repeats the query; the reason is its cause.
  if (first instanceof DrizzleQueryError) return reasonOfDatabase(first.cause);
  const message = lineOf(first instanceof Error ? first.message : String(first));
  if (NOT_CONNECTED.test(message)) {
    return `no answer within ${CONNECT_MS / 1000} s of connecting; is the host the right one, and does a firewall let it through?`;
  }
  if (NOT_ANSWERED.test(message))
    return `it accepted the connection, but did not answer a query within ${ANSWER_MS / 1000} s`;
  if (message.startsWith("Connection terminated")) {
    return "it closed the connection without an answer; is it a PostgreSQL server?";
  }
  if (/statement pooling/.test(message)) {
    return "PgBouncer is in statement mode, which has no transactions; set its pool_mode to transaction or session";
  }
  if (/password must be a string/.test(message)) return "it asks for a password, and there is none in the URL";
  const remedy = REMEDIES[sqlStateOf(first) ?? ""];
  return remedy === undefined ? message : `${message}; ${remedy}`;
}

const REMEDIES: Readonly<Record<string, string>> = {
  "3D000": "create it, or name another one",
  "28P01": "in the URL a password is percent-encoded",
  "25006": "another server has to be the primary",
};
