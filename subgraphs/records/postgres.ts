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
import type { Database } from "./database.ts";
import { MIGRATIONS, MIGRATION_LOCK } from "./migrate.ts";

const CONNECTIONS = 10;
const CONNECT_MS = 5000;
const RECONNECT_MS = 1000;

export async function openPostgres(url: string, log: Logger): Promise<Database> {
  const pool = new Pool({ connectionString: url, max: CONNECTIONS, connectionTimeoutMillis: CONNECT_MS });
  // Of an idle connection that is lost: the pool makes another one when somebody needs it.
  pool.on("error", (error) => log.warn({ err: error }, "a connection to the database was lost"));
  try {
    await migrated(url);
  } catch (error) {
    await pool.end();
    throw new Error(`Cannot open the database at ${placeOf(url)}: ${messageOf(error)}`, { cause: error });
  }
  const db = drizzle({ client: pool, casing: "snake_case" });

  return {
    db,
    transaction: (work) => db.transaction(work),
    boss: { connectionString: url, max: 4 },
    listen: (channel, told) => listen(url, channel, told, log),
    close: () => pool.end(),
  };
}

async function migrated(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
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
  url: string,
  channel: string,
  told: (payload: string) => void,
  log: Logger,
): Promise<{ close(): Promise<void> }> {
  const closing = new AbortController();
  let client = await connect();
  return {
    close: async () => {
      closing.abort();
      await client.end();
    },
  };

  async function connect(): Promise<Client> {
    const made = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS, keepAlive: true });
    let isLost = false;
    const lost = (error?: Error): void => {
      if (isLost || closing.signal.aborted) return;
      isLost = true;
      log.warn({ err: error, channel }, "no longer told of what happens in the database: trying again");
      void again();
    };
    made.on("notification", ({ payload = "" }) => told(payload));
    made.on("error", lost);
    made.on("end", () => lost());
    await made.connect();
    await made.query(`listen ${made.escapeIdentifier(channel)}`);
    return made;
  }

  async function again(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await sleep(RECONNECT_MS, undefined, { signal: closing.signal });
        client = await connect();
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
