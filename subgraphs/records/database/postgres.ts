/**
 * How is a PostgreSQL server used?
 *
 * By a pool, shared by all that runs in this process, and one connection more for each who listens: that one is made
 * anew when it is lost. A server that goes away fails the queries of that moment and no later ones.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import { Client, Pool } from "pg";
import type { Logger } from "pino";
import { UpstreamError } from "../../platform/upstream.ts";
import type { Database, Tx } from "./database.ts";
import { MIGRATIONS, MIGRATION_LOCK } from "./migrate.ts";

const CONNECTIONS = 10;
const CONNECT_MS = 5000;
const RECONNECT_MS = 1000;
/** A server that is there and says nothing, or a process that died in the middle, holds up nobody for longer, in milliseconds. */
const PATIENCE = {
  keepAlive: true,
  statement_timeout: 15_000,
  query_timeout: 20_000,
  lock_timeout: 10_000,
  idle_in_transaction_session_timeout: 15_000,
} as const;

export async function openPostgres(url: string, log: Logger): Promise<Database> {
  const settings = { connectionString: url, connectionTimeoutMillis: CONNECT_MS };
  const pool = new Pool({ ...settings, ...PATIENCE, max: CONNECTIONS });
  // Of an idle connection that is lost: the pool makes another one when somebody needs it.
  pool.on("error", (error) => log.warn({ err: error }, "a connection to the database was lost"));
  // Of one that somebody has: whoever waits for its answer is told, and an error that nobody listens to ends the process.
  pool.on("connect", (client) => void client.on("error", () => {}));
  try {
    await migrated(settings);
  } catch (error) {
    await pool.end();
    throw new Error(`Cannot open the database at ${placeOf(url)}: ${messageOf(error)}`, { cause: error });
  }

  return {
    db: drizzle({ client: pool, casing: "snake_case" }),
    transaction,
    boss: { ...settings, max: 4 },
    listen: (channel, told) => listen(settings, channel, told, log),
    close: () => pool.end(),
  };

  /** On a connection of its own, which goes back to the pool whatever happens. */
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

async function migrated(settings: Settings): Promise<void> {
  const client = new Client(settings);
  // What is lost in the middle is told by the query that failed.
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await migrate(drizzle({ client }), MIGRATIONS);
  } finally {
    // The lock goes with the connection.
    await client.end();
  }
}

async function listen(
  settings: Settings,
  channel: string,
  told: (payload: string) => void,
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
    const made = new Client({ ...settings, keepAlive: true });
    let isHeard = false;
    const lost = (error?: Error): void => {
      if (!isHeard || closing.signal.aborted) return;
      isHeard = false;
      log.warn({ err: error, channel }, "no longer told of what happens in the database: trying again");
      void again();
    };
    made.on("notification", ({ payload = "" }) => told(payload));
    made.on("error", lost);
    made.on("end", () => lost());
    try {
      await made.connect();
      await made.query(`listen ${made.escapeIdentifier(channel)}`);
    } catch (error) {
      await made.end().catch(() => {});
      throw error;
    }
    isHeard = true;
    return made;
  }

  /** One at a time: only a connection that was heard of can be lost. */
  async function again(): Promise<void> {
    client = undefined;
    while (!closing.signal.aborted) {
      try {
        await sleep(RECONNECT_MS, undefined, { signal: closing.signal });
        const made = await connect();
        if (closing.signal.aborted) return await made.end();
        client = made;
        return log.info({ channel }, "told again of what happens in the database");
      } catch (error) {
        if (!closing.signal.aborted) log.debug({ err: error, channel }, "the database cannot be reached");
      }
    }
  }
}

/** Without the password. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

function messageOf(error: unknown): string {
  // A host of several addresses fails with one error for each, and no message of its own.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error)) return String(first);
  // A query that failed repeats itself, and has the reason beside it.
  return first.cause === undefined ? first.message : messageOf(first.cause);
}
