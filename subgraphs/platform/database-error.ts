/**
 * What is told of a statement that failed?
 *
 * That the database could not be reached, or the statement and the code it was refused with: never the values, which may
 * be personal and which the driver's own error repeats.
 */
import { DrizzleQueryError } from "drizzle-orm/errors";
import { UpstreamError } from "./upstream.ts";

/** Classes of SQLSTATE that say nothing about the statement: no connection, no room, a lock that others have, going down. */
const AWAY = new Set(["08", "53", "55", "57"]);

/** An UpstreamError in the place of a statement's; everything else as it is. */
export function databaseError(error: unknown): unknown {
  if (!(error instanceof DrizzleQueryError)) return error;
  const code = sqlStateOf(error.cause);
  if (code === undefined || AWAY.has(code.slice(0, 2))) {
    return new UpstreamError(
      "database",
      "UNREACHABLE",
      `it cannot be reached${code === undefined ? "" : ` (${code})`}`,
    );
  }
  return new UpstreamError("database", "UNEXPECTED", `it refused a statement (${code}): ${error.query.trim()}`);
}

/** What the database refused with, however often that was wrapped; undefined where there was no answer. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string" && SQLSTATE.test(error.code)) return error.code;
  return sqlStateOf(error.cause);
}

/** Each has a digit: EPIPE is none. */
const SQLSTATE = /^(?=.*\d)[0-9A-Z]{5}$/;
