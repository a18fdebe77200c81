/**
 * How is a PostgreSQL server reached?
 *
 * The first connection finds out, for all that follow: which of several hosts writes, whether connections to it are
 * encrypted, and whether a pooler is in between, such as PgBouncer. It is, if the backend that answers is not the one that
 * the connection was told of when it started. Which kind of pooler, and how it is configured, need not be known: behind any
 * of them a session is not ours.
 */
import { Client } from "pg";
import type { ClientConfig } from "pg";
import { sqlStateOf } from "../../platform/database-error.ts";
import { addressOf, parseDatabaseUrl } from "../../platform/database-url.ts";
import type { DatabaseHost } from "../../platform/database-url.ts";
import { ANSWER_MS, CONNECT_MS, isNoAnswer, reasonOfDatabase } from "./reason.ts";
import { startupOptions, transactionSettings } from "./session.ts";
import type { Timeouts } from "./session.ts";
import { tlsOf } from "./tls.ts";

export interface Server {
  readonly isPooled: boolean;
  /** Of one connection, to the host that writes. */
  config(timeouts?: Timeouts): ClientConfig;
  /** SQL for the start of each transaction; undefined where the connection has these settings already. */
  settings(timeouts?: Timeouts): string | undefined;
  /** After a connection was of no use. True if another one of several hosts writes now: later connections lead to it. */
  search(): Promise<boolean>;
}

/** Rejects if it cannot be reached, or only reads. */
export async function reach(url: string): Promise<Server> {
  const { hosts, user, password, database, parameters } = parseDatabaseUrl(url);
  const options = parameters.get("options");
  const base: ClientConfig = {
    user,
    password,
    database,
    connectionTimeoutMillis: CONNECT_MS,
    ...pick(parameters, ["application_name", "fallback_application_name", "client_encoding"]),
  };
  let found = await find();
  let searching: Promise<boolean> | undefined;
  const { isPooled } = found;
  return {
    isPooled,
    config: (timeouts) => ({
      ...found.config,
      options: isPooled ? options : startupOptions(options, timeouts),
    }),
    settings: (timeouts) => (isPooled ? transactionSettings(timeouts) : undefined),
    search: () => (searching ??= search().finally(() => (searching = undefined))),
  };

  async function search(): Promise<boolean> {
    if (hosts.length === 1) return false;
    const before = found.host;
    // None writes now: the next connection that is of no use searches again.
    found = await find().catch(() => found);
    return found.host !== before;
  }

  async function find() {
    const [only, ...others] = hosts;
    if (only && others.length === 0) return findAt(only);
    const reasons: string[] = [];
    for (const host of hosts) {
      try {
        return await findAt(host);
      } catch (error) {
        reasons.push(`${addressOf(host, database)}: ${reasonOfDatabase(error)}`);
      }
    }
    throw new Error(`none of its hosts can be used (${reasons.join("; ")})`);
  }

  async function findAt(host: DatabaseHost) {
    let failure: unknown;
    for (const ssl of tlsOf(host.host, parameters)) {
      const config = { ...base, ...host, ssl };
      try {
        return { host, config, isPooled: await probe({ ...config, options }) };
      } catch (error) {
        failure = error;
        if (!mayBeAboutTls(error)) break;
      }
    }
    throw failure;
  }
}

async function probe(config: ClientConfig): Promise<boolean> {
  const client = new Client({ ...config, query_timeout: ANSWER_MS });
  // A lost connection rejects the query in flight.
  client.on("error", () => {});
  try {
    await client.connect();
    const pid = await requireWriting(client);
    return !("processID" in client) || client.processID !== pid;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Gives the process id of its backend. Rejects where it does not answer, or only reads. */
export async function requireWriting(client: Client): Promise<number> {
  const { rows } = await client.query<{
    readonly pid: number;
    readonly isStandby: boolean;
    readonly isFenced: boolean;
    readonly encoding: string;
  }>(
    `select pg_backend_pid() as pid, pg_is_in_recovery() as "isStandby",
      current_setting('transaction_read_only')::boolean as "isFenced", current_setting('server_encoding') as encoding`,
  );
  const [row] = rows;
  if (row?.isStandby !== false) throw new Error("it is a standby, which only reads");
  if (row.isFenced) throw new Error("it only reads, because default_transaction_read_only is on");
  // SQL_ASCII takes any bytes.
  if (!["UTF8", "SQL_ASCII"].includes(row.encoding)) {
    throw new Error(`its database has the encoding ${row.encoding}, which has not all letters: expected UTF8`);
  }
  return row.pid;
}

function pick(parameters: ReadonlyMap<string, string>, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries([...parameters].filter(([name]) => names.includes(name)));
}

/** False if the other way of connecting would fail too. */
function mayBeAboutTls(error: unknown): boolean {
  const state = sqlStateOf(error);
  // The server accepts this user only with the other way.
  if (state !== undefined) return state === "28000";
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return !UNREACHABLE.has(code) && !isNoAnswer(error);
}

const UNREACHABLE = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"]);
