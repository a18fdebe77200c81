/**
 * How does a database get the tables that this code expects?
 *
 * By the migrations of `records/migrations`, in order, each once, and forward only. The first process that opens an older
 * database migrates it; the others wait.
 */
import { join } from "node:path";
import { projectRoot } from "../../platform/environment.ts";

export const MIGRATIONS = {
  migrationsFolder: join(projectRoot(), "subgraphs/records/migrations"),
  migrationsSchema: "migrations",
  migrationsTable: "done",
} as const;

/** The advisory lock of the process that migrates. */
export const MIGRATION_LOCK = 7_255_101;
