/**
 * How is a PostgreSQL server reached?
 *
 * The first connection finds out, for all that follow: whether they are encrypted, and whether a pooler is in between,
 * such as PgBouncer. It is, if the backend that answers is not the one that the connection was told of when it started.
 * Which kind of pooler, and how it is configured, need not be known: behind any of them a session is not ours.
 */
import { Client } from "pg";
import type { ClientConfig } from "pg";
import { sqlStateOf } from "../../platform/database-error.ts";
import { startupOptions, transactionSettings } from "./session.ts";
import type { Timeouts } from "./session.ts";
import { tlsOf, withoutTls } from "./tls.ts";

export interface Server {
  readonly isPooled: boolean;
  /** Of one connection. */
  config(timeouts?: Timeouts): ClientConfig;
  /** SQL for the start of each transaction; undefined where the connection has these settings already. */
  settings(timeouts?: Timeouts): string | undefined;
}

const CONNECT_MS = 5000;
const ANSWER_MS = 10_000;

/** Rejects if it cannot be reached, or only reads. */
export async function reach(url: string): Promise<Server> {
  const driverUrl = withoutTls(new URL(url));
  const options = driverUrl.searchParams.get("options");
  if (options !== null) driverUrl.searchParams.delete("options");
  // Not serialised again where it is as it was given: a password may have characters that a URL may not.
  const connectionString = driverUrl.search === new URL(url).search ? url : driverUrl.href;
  const base = { connectionString, connectionTimeoutMillis: CONNECT_MS };

  let failure: unknown;
  for (const ssl of tlsOf(new URL(url))) {
    const config = { ...base, ssl };
    try {
      const isPooled = await probe({ ...config, ...(options !== null && { options }) });
      return {
        isPooled,
        config: (timeouts) =>
          isPooled
            ? { ...config, ...(options !== null && { options }) }
            : { ...config, options: startupOptions(options, timeouts) },
        settings: (timeouts) => (isPooled ? transactionSettings(timeouts) : undefined),
      };
    } catch (error) {
      failure = error;
      if (!mayBeAboutTls(error)) break;
    }
  }
  throw failure;
}

async function probe(config: ClientConfig): Promise<boolean> {
  const client = new Client({ ...config, query_timeout: ANSWER_MS });
  // A lost connection rejects the query in flight.
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ readonly pid: number; readonly isStandby: boolean }>(
      `select pg_backend_pid() as pid, pg_is_in_recovery() as "isStandby"`,
    );
    if (rows[0]?.isStandby !== false) throw new Error("it is a standby, which only reads");
    return !("processID" in client) || client.processID !== rows[0].pid;
  } finally {
    await client.end().catch(() => {});
  }
}

/** False if the other way of connecting would fail too. */
function mayBeAboutTls(error: unknown): boolean {
  const state = sqlStateOf(error);
  // The server accepts this user only with the other way.
  if (state !== undefined) return state === "28000";
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return !UNREACHABLE.has(code);
}

const UNREACHABLE = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"]);
