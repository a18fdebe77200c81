/**
 * Where is the log written?
 *
 * To standard output, a line of JSON each. What cannot be written there, on a disk that is full or to a reader that has left,
 * is lost, and that is said once on standard error: it fails nothing.
 *
 * Of an error it has the words and the codes, and nothing that hangs on it: the error of a driver brings its whole connection, with
 * the key that cancels what runs there, and what the database says of a row has its values.
 */
import { pino, stdSerializers } from "pino";
import type { Logger } from "pino";

/** Bytes that wait while nothing can be written. */
const MAX_WAITING = 1024 * 1024;
const STANDARD_OUTPUT = 1;

let isSaid = false;

export function createLog(level: string): Logger {
  const destination = pino.destination({ fd: STANDARD_OUTPUT, sync: true, maxLength: MAX_WAITING });
  destination.on("error", lost);
  return pino({ level, serializers: { err: shownError } }, destination);
}

/** What PostgreSQL says of the values that it refused. */
const OF_VALUES: ReadonlySet<string> = new Set(["detail", "where"]);
/** Errors themselves. */
const AGGREGATED = "aggregateErrors";

export function shownError(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return error;
  const isOfDatabase = "severity" in error;
  // Libraries tell of errors by objects that are none, too.
  const own = error instanceof Error ? stdSerializers.err(error) : error;
  const shown = Object.entries(own).filter(
    ([name, value]) => (typeof value !== "object" || value === null) && !(isOfDatabase && OF_VALUES.has(name)),
  );
  const errors = error instanceof AggregateError ? { [AGGREGATED]: error.errors.map(shownError) } : {};
  return { ...Object.fromEntries(shown), ...errors };
}

/** What is not of the log, such as the banner. */
export function print(text: string): void {
  if (process.stdout.listenerCount("error") === 0) process.stdout.on("error", lost);
  process.stdout.write(text);
}

function lost(error: Error): void {
  if (isSaid) return;
  isSaid = true;
  process.stderr.write(`Cannot write to standard output, and log lines are lost: ${error.message}\n`);
}
