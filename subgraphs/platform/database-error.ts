/**
 * Which error does a failed statement become?
 *
 * An UpstreamError: the database cannot be reached, or it refused the statement with a code. It never contains the
 * statement's values, which may be personal; the driver's own error does.
 */
import { DrizzleQueryError } from "drizzle-orm/errors";
import { UpstreamError } from "./upstream-error.ts";

/**
 * SQLSTATEs that another connection may not give: the server is shutting down or has moved; this one only reads, or is a
 * standby that lacks a feature; it refused the login; it ended the session; its disk failed.
 */
const CONNECTION = /^(?:08|25006|25P03|25P04|0A000|28|3D|57P|58)/;
/** The classes of SQLSTATEs that go away by themselves: resources, locks, cancellation. */
const BUSY = /^(?:53|55|57)/;

/** Replaces the error of a statement; gives any other error back unchanged. */
export function databaseError(error: unknown): unknown {
  if (!(error instanceof DrizzleQueryError)) return error;
  const code = sqlStateOf(error.cause);
  if (code === undefined || CONNECTION.test(code) || BUSY.test(code)) {
    const state = code === READ_ONLY ? "it only reads" : "it cannot be reached";
    return new UpstreamError("database", "UNREACHABLE", code === undefined ? state : `${state} (${code})`);
  }
  return new UpstreamError("database", "UNEXPECTED", `it refused a statement (${code}): ${error.query.trim()}`);
}

/** Of a write where the server does not write: nothing was done. */
export const READ_ONLY = "25006";

/** Whether the connection that a statement failed on is of no use to the next one. */
export function isConnectionError(error: unknown): boolean {
  const code = sqlStateOf(error);
  if (code !== undefined) return CONNECTION.test(code);
  return error instanceof DrizzleQueryError || (error instanceof Error && "code" in error && isSocketError(error.code));
}

function isSocketError(code: unknown): boolean {
  return typeof code === "string" && /^E[A-Z]+$/.test(code);
}

/** The SQLSTATE of an error or of its causes; undefined if the database did not answer. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string" && SQLSTATE.test(error.code)) return error.code;
  return sqlStateOf(error.cause);
}

/** Requires a digit, which keeps out EPIPE. */
const SQLSTATE = /^(?=.*\d)[0-9A-Z]{5}$/;
