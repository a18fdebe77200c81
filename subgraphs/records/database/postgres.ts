/**
 * How is a PostgreSQL server used?
 *
 * Through a pool that the process shares, and one more connection for each listener, which reconnects when it is lost. When
 * the server goes away, the queries in flight fail; later ones connect again.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import { Client, Pool } from "pg";
import type { Logger } from "pino";
import { UpstreamError } from "../../platform/upstream-error.ts";
import type { Database, Tx } from "./database.ts";
import { MIGRATIONS, MIGRATION_LOCK, assertNotNewer } from "./migrate.ts";

const CONNECTIONS = 10;
const CONNECT_MS = 5000;
const RECONNECT_MS = 1000;
/** In milliseconds. They bound how long an unresponsive server, or the transaction of a dead process, blocks others. */
const TIMEOUTS = {
  keepAlive: true,
  statement_timeout: 15_000,
  query_timeout: 20_000,
  lock_timeout: 10_000,
  idle_in_transaction_session_timeout: 15_000,
} as const;

export async function openPostgres(url: string, log: Logger): Promise<Database> {
  const settings = { connectionString: url, connectionTimeoutMillis: CONNECT_MS };
  const pool = new Pool({ ...settings, ...TIMEOUTS, max: CONNECTIONS });
  // An idle connection was lost; the pool replaces it on demand.
  pool.on("error", (error) => log.warn({ err: error }, "database connection lost"));
  // A connection in use was lost: its query rejects, but an error event without a listener would end the process.
  pool.on("connect", (client) => void client.on("error", () => {}));
  try {
    await migrateServer(settings);
  } catch (error) {
    await pool.end();
    throw new Error(`Cannot open the database at ${addressOf(url)}: ${messageOf(error)}`, { cause: error });
  }

  return {
    db: drizzle({ client: pool, casing: "snake_case" }),
    transaction,
    boss: { ...settings, max: 4 },
    listen: (channel, onNotification) => listen(settings, channel, onNotification, log),
    close: () => pool.end(),
  };

  /** On one connection of the pool, which is always released. */
  async function transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch((error: unknown) => {
      throw new UpstreamError("database", "UNREACHABLE", `it cannot be reached (${messageOf(error)})`);
    });
    try {
      return await drizzle({ client, casing: "snake_case" }).transaction(work);
    } finally {
      client.release();
    }
  }
}

interface Settings {
  readonly connectionString: string;
  readonly connectionTimeoutMillis: number;
}

async function migrateServer(settings: Settings): Promise<void> {
  const client = new Client(settings);
  // A lost connection rejects the query in flight.
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    const db = drizzle({ client });
    await migrate(db, MIGRATIONS);
    await assertNotNewer(db);
  } finally {
    // Ending the connection releases the lock.
    await client.end();
  }
}

async function listen(
  settings: Settings,
  channel: string,
  onNotification: (payload: string) => void,
  log: Logger,
): Promise<{ close(): Promise<void> }> {
  const closing = new AbortController();
  let client: Client | undefined = await connect();
  return {
    close: async () => {
      closing.abort();
      await client?.end();
    },
  };

  async function connect(): Promise<Client> {
    const listener = new Client({ ...settings, keepAlive: true });
    let isListening = false;
    const lost = (error?: Error): void => {
      if (!isListening || closing.signal.aborted) return;
      isListening = false;
      log.warn({ err: error, channel }, "database listener lost its connection and reconnects");
      void reconnect();
    };
    listener.on("notification", ({ payload = "" }) => onNotification(payload));
    listener.on("error", lost);
    listener.on("end", () => lost());
    try {
      await listener.connect();
      await listener.query(`listen ${listener.escapeIdentifier(channel)}`);
    } catch (error) {
      await listener.end().catch(() => {});
      throw error;
    }
    isListening = true;
    return listener;
  }

  /** Runs once at a time: only a connection that was listening counts as lost. */
  async function reconnect(): Promise<void> {
    client = undefined;
    while (!closing.signal.aborted) {
      try {
        await sleep(RECONNECT_MS, undefined, { signal: closing.signal });
        const listener = await connect();
        if (closing.signal.aborted) return await listener.end();
        client = listener;
        return log.info({ channel }, "database listener reconnected");
      } catch (error) {
        if (!closing.signal.aborted) log.debug({ err: error, channel }, "database listener cannot reconnect yet");
      }
    }
  }
}

/** Without the password. */
function addressOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

function messageOf(error: unknown): string {
  // A host with several addresses fails with an AggregateError without a message.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error)) return String(first);
  // drizzle's message repeats the query; the reason is its cause.
  return first.cause === undefined ? first.message : messageOf(first.cause);
}
