/**
 * How does a database get the tables that this code expects?
 *
 * By the migrations of `records/migrations`, in order, each once, and forward only. The first process that opens an older
 * database migrates it; the others wait. A process refuses a database that a newer version has migrated: its columns may
 * have other names.
 */
import { join } from "node:path";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { projectRoot } from "../../platform/environment.ts";

export const MIGRATIONS = {
  migrationsFolder: join(projectRoot(), "subgraphs/records/migrations"),
  migrationsSchema: "migrations",
  migrationsTable: "done",
} as const;

/** The advisory lock of the process that migrates. */
export const MIGRATION_LOCK = 7_255_101;

interface Queryable {
  execute(statement: SQL): PromiseLike<{ readonly rows: readonly object[] }>;
}

/** Throws if the database has a migration that this version does not have. Call it after `migrate`. */
export async function assertNotNewer(db: Queryable): Promise<void> {
  const { migrationsSchema, migrationsTable } = MIGRATIONS;
  const known = Math.max(...readMigrationFiles(MIGRATIONS).map(({ folderMillis }) => folderMillis));
  const { rows } = await db.execute(
    sql`select 1 from ${sql.identifier(migrationsSchema)}.${sql.identifier(migrationsTable)} where created_at > ${known}`,
  );
  if (rows.length === 0) return;
  throw new Error(
    "Cannot open the database: a newer version of Decibel has migrated it. Start that version, or restore a backup",
  );
}
