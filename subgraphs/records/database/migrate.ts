/**
 * How does a database come to have the tables this code expects?
 *
 * By the migrations of this folder, in their order, each once. They only go forward: a database of any earlier version
 * is requireFacts to this one by whichever process opens it first, while the others wait.
 */
import { join } from "node:path";
import { projectRoot } from "../../platform/environment.ts";

export const MIGRATIONS = {
  migrationsFolder: join(projectRoot(), "subgraphs/records/migrations"),
  migrationsSchema: "migrations",
  migrationsTable: "done",
} as const;

/** Of the advisory lock that one process of all holds while it changes what others rely on. */
export const MIGRATION_LOCK = 7_255_101;
