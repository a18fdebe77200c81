/**
 * Which error does a failed statement become?
 *
 * An UpstreamError: the database cannot be reached, or it refused the statement with a code. It never contains the
 * statement's values, which may be personal; the driver's own error does.
 */
import { DrizzleQueryError } from "drizzle-orm/errors";
import { UpstreamError } from "./upstream-error.ts";

/** Classes of SQLSTATE that are not about the statement: connection, resources, locks, shutdown. */
const UNAVAILABLE = new Set(["08", "53", "55", "57"]);

/** Replaces the error of a statement; gives any other error back unchanged. */
export function databaseError(error: unknown): unknown {
  if (!(error instanceof DrizzleQueryError)) return error;
  const code = sqlStateOf(error.cause);
  if (code === undefined || UNAVAILABLE.has(code.slice(0, 2))) {
    return new UpstreamError(
      "database",
      "UNREACHABLE",
      `it cannot be reached${code === undefined ? "" : ` (${code})`}`,
    );
  }
  return new UpstreamError("database", "UNEXPECTED", `it refused a statement (${code}): ${error.query.trim()}`);
}

/** The SQLSTATE of an error or of its causes; undefined if the database did not answer. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string" && SQLSTATE.test(error.code)) return error.code;
  return sqlStateOf(error.cause);
}

/** Requires a digit, which keeps out EPIPE. */
const SQLSTATE = /^(?=.*\d)[0-9A-Z]{5}$/;
