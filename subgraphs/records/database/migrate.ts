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
  execute(statement: SQL): PromiseLike<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
}

const TABLE = sql`${sql.identifier(MIGRATIONS.migrationsSchema)}.${sql.identifier(MIGRATIONS.migrationsTable)}`;

/** Call it in a transaction. */
export async function migrate(tx: Queryable): Promise<void> {
  await tx.execute(sql`create schema if not exists ${sql.identifier(MIGRATIONS.migrationsSchema)}`);
  await tx.execute(
    sql`create table if not exists ${TABLE} (id serial primary key, hash text not null, created_at bigint)`,
  );
  const last = await lastMigration(tx);
  for (const { folderMillis, hash, sql: statements } of readMigrationFiles(MIGRATIONS)) {
    if (folderMillis <= last) continue;
    for (const statement of statements) await tx.execute(sql.raw(statement));
    await tx.execute(sql`insert into ${TABLE} (hash, created_at) values (${hash}, ${folderMillis})`);
  }
}

/** Whether the database has all migrations of this version. */
export async function isMigrated(db: Queryable): Promise<boolean> {
  const { migrationsSchema, migrationsTable } = MIGRATIONS;
  const { rows } = await db.execute(
    sql`select 1 where to_regclass(${`${migrationsSchema}.${migrationsTable}`}) is not null`,
  );
  return rows.length > 0 && (await lastMigration(db)) >= latestKnown();
}

/** Throws if the database has a migration that this version does not have. Call it after `migrate`. */
export async function assertNotNewer(db: Queryable): Promise<void> {
  if ((await lastMigration(db)) <= latestKnown()) return;
  throw new Error(
    "Cannot open the database: a newer version of Decibel has migrated it. Start that version, or restore a backup",
  );
}

/** The time of its writing; 0 if there was none. */
async function lastMigration(db: Queryable): Promise<number> {
  const { rows } = await db.execute(sql`select max(created_at) as last from ${TABLE}`);
  return Number(rows[0]?.["last"] ?? 0);
}

function latestKnown(): number {
  return Math.max(...readMigrationFiles(MIGRATIONS).map(({ folderMillis }) => folderMillis));
}
