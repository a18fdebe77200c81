/**
 * Which settings does a session have?
 *
 * Ours, whatever the server, the database or the role sets: the texts of dates and numbers are parsed here, and a statement
 * must end. But not whether a server writes: with `default_transaction_read_only` its operator fences an old primary.
 *
 * A connection to PostgreSQL itself gets them when it starts. Behind a pooler, such as PgBouncer, a connection is not a
 * session: those settings would be refused, or meet other clients. There each transaction sets them for itself.
 */

/** Milliseconds; 0 for no limit. They bound how long an unresponsive server, or the transaction of a dead process, blocks others. */
export interface Timeouts {
  readonly statement_timeout: number;
  readonly lock_timeout: number;
  readonly idle_in_transaction_session_timeout: number;
}

export const TIMEOUTS: Timeouts = {
  statement_timeout: 15_000,
  lock_timeout: 10_000,
  idle_in_transaction_session_timeout: 15_000,
};

/** Of every transaction. */
const FORMATS: Readonly<Record<string, string>> = {
  DateStyle: "ISO,MDY",
  TimeZone: "UTC",
  IntervalStyle: "postgres",
  bytea_output: "hex",
  extra_float_digits: "1",
  search_path: "public",
  standard_conforming_strings: "on",
  array_nulls: "on",
  transform_null_equals: "off",
};

/** Of every session, for the transactions in it. */
const TRANSACTIONS: Readonly<Record<string, string>> = {
  default_transaction_isolation: "read committed",
  default_transaction_deferrable: "off",
};
const TRANSACTION = "set transaction isolation level read committed, not deferrable";

/** For the driver's `options`, behind those of the URL. */
export function startupOptions(given: string | undefined, timeouts: Timeouts = TIMEOUTS): string {
  const settings = Object.entries({ ...FORMATS, ...TRANSACTIONS, ...timeouts }).map(
    ([name, value]) => `-c ${name}=${String(value).replaceAll(" ", String.raw`\ `)}`,
  );
  return [...(given === undefined ? [] : [given]), ...settings].join(" ");
}

/** SQL for the start of a transaction, before any other statement of it. */
export function transactionSettings(timeouts: Timeouts = TIMEOUTS): string {
  const settings = Object.entries({ ...FORMATS, ...timeouts }).map(([name, value]) => `set local ${name} = '${value}'`);
  return [TRANSACTION, ...settings].join("; ");
}
