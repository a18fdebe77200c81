/**
 * How is a PostgreSQL server used?
 *
 * Through a pool that the process shares, a smaller one for the outbox, so that effects do not wait for requests, and one
 * more connection for each listener. When the server goes away, the queries in flight fail; later ones connect again.
 */
import { sql } from "drizzle-orm";
import type { Logger } from "pino";
import { READ_ONLY, databaseError } from "../../platform/database-error.ts";
import { addressOf, parseDatabaseUrl } from "../../platform/database-url.ts";
import { openConnections } from "./connections.ts";
import type { Database } from "./database.ts";
import { deliversNotifications, listen } from "./listener.ts";
import type { Listening } from "./listener.ts";
import { migrateServer } from "./migrate-server.ts";
import { reasonOfDatabase } from "./reason.ts";
import { reach } from "./server.ts";
import type { Server } from "./server.ts";

const CONNECTIONS = 10;
const OUTBOX_CONNECTIONS = 4;
/** Milliseconds that a migration by another process may take. */
const MIGRATION_WAIT_MS = 60_000;

export async function openPostgres(
  url: string,
  log: Logger,
  migrationWaitMs: number = MIGRATION_WAIT_MS,
): Promise<Database> {
  try {
    const server = await reach(url);
    await migrateServer(server, log, migrationWaitMs);
    return await open(server, log);
  } catch (error) {
    throw new Error(`Cannot open the database at ${addressesOf(url)} (DATABASE_URL): ${reasonOfDatabase(error)}`, {
      cause: error,
    });
  }
}

async function open(server: Server, log: Logger): Promise<Database> {
  const connections = openConnections(server, CONNECTIONS, log);
  const outbox = openConnections(server, OUTBOX_CONNECTIONS, log);
  const close = async (): Promise<void> => void (await Promise.all([connections.close(), outbox.close()]));
  const isDelivered = await deliversNotifications(server, connections, log).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  if (!isDelivered) {
    log.warn(
      "the database is behind a pooler that delivers no notifications (transaction mode): effects are polled for; " +
        "its session mode, or PostgreSQL's own address, would deliver them",
    );
  }
  const listenTo = (listening: Listening): Promise<{ close(): Promise<void> }> => {
    if (!isDelivered) throw new Error("Cannot listen: the pooler in front of the database delivers no notifications");
    return listen(server, listening, log);
  };
  const { db } = connections;
  return {
    db,
    transaction: (work) => connections.transaction(work),
    load: (work) => connections.load(work),
    boss: {
      useListenNotify: isDelivered,
      db: {
        executeSql: (text, values) => outbox.query(text, values),
        ...(isDelivered && {
          listen: (channel, onNotification, onReconnect) => listenTo({ channel, onNotification, onReconnect }),
        }),
      },
    },
    isShared: true,
    deliversNotifications: isDelivered,
    listen: async (channel, onNotification, { lost, restored } = {}) =>
      listenTo({ channel, onNotification, onLost: lost, onReconnect: restored }),
    async assertWritable() {
      await db.execute(FAIL_AS_A_WRITE).catch((error: unknown) => {
        throw databaseError(error);
      });
    },
    close,
  };
}

/** Where nothing can be written, so that the connection is dropped as after a write. */
const FAIL_AS_A_WRITE = sql`do $$ begin
  if current_setting('transaction_read_only')::boolean then
    raise exception using errcode = ${sql.raw(`'${READ_ONLY}'`)}, message = 'it only reads';
  end if;
end $$`;

/** Without the password. */
function addressesOf(url: string): string {
  const { hosts, database } = parseDatabaseUrl(url);
  return hosts.map((host) => addressOf(host, database)).join(", ");
}
