/**
 * Which of several processes migrates a server, and how long do the others wait?
 *
 * The one that holds an advisory lock, until its transaction ends. A lock of the session would stay behind where a pooler
 * keeps the session. The wait is bounded and said, and a database that has all migrations needs no lock.
 */
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { Client } from "pg";
import type { Logger } from "pino";
import { sqlStateOf } from "../../platform/database-error.ts";
import type { Tx } from "./database.ts";
import { MIGRATION_LOCK, assertNotNewer, isMigrated, migrate } from "./migrate.ts";
import type { Server } from "./server.ts";

const SAY_AFTER_MS = 2000;
const LOCK_NOT_AVAILABLE = "55P03";

export async function migrateServer(server: Server, log: Logger, waitMs: number): Promise<void> {
  // A migration may take long; what it waits for may not.
  const timeouts = { statement_timeout: 0, lock_timeout: waitMs, idle_in_transaction_session_timeout: 0 };
  const settings = server.settings(timeouts);
  const client = new Client(server.config(timeouts));
  // A lost connection rejects the query in flight.
  client.on("error", () => {});
  try {
    await client.connect();
    const db = drizzle({ client });
    await db.transaction(async (tx) => {
      if (settings !== undefined) await tx.execute(settings);
      if (await isMigrated(tx)) return;
      await lock(tx);
      await migrate(tx);
    });
    await assertNotNewer(db);
  } catch (error) {
    if (error instanceof LockedError) throw new Error(await heldBy(client, waitMs), { cause: error });
    throw error;
  } finally {
    await client.end().catch(() => {});
  }

  async function lock(tx: Tx): Promise<void> {
    const say = setTimeout(
      () => log.warn({ waitMs }, "waiting for another process that migrates the database"),
      SAY_AFTER_MS,
    );
    try {
      await tx.execute(sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    } catch (error) {
      throw sqlStateOf(error) === LOCK_NOT_AVAILABLE ? new LockedError() : error;
    } finally {
      clearTimeout(say);
    }
  }
}

class LockedError extends Error {}

async function heldBy(client: Client, waitMs: number): Promise<string> {
  const { rows } = await client.query<{ readonly pid: number }>(
    "select pid from pg_locks where locktype = 'advisory' and classid = 0 and objid = $1 and granted",
    [MIGRATION_LOCK],
  );
  const holders = rows.map(({ pid }) => `select pg_terminate_backend(${pid})`);
  const remedy = holders.length === 0 ? "start again" : `if no process migrates it, end it: ${holders.join("; ")}`;
  return `another session has held the lock for migrations for ${waitMs / 1000} s; ${remedy}`;
}
