/**
 * Where is the log written?
 *
 * To standard output, a line of JSON each. What cannot be written there, on a disk that is full or to a reader that has left,
 * is lost, and that is said once on standard error: it fails nothing.
 */
import { pino } from "pino";
import type { Logger } from "pino";

/** Bytes that wait while nothing can be written. */
const MAX_WAITING = 1024 * 1024;
const STANDARD_OUTPUT = 1;

let isSaid = false;

export function createLog(level: string): Logger {
  const destination = pino.destination({ fd: STANDARD_OUTPUT, sync: true, maxLength: MAX_WAITING });
  destination.on("error", lost);
  return pino({ level }, destination);
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
