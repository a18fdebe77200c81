/**
 * How is a PostgreSQL database embedded in this process?
 *
 * By PGlite: PostgreSQL compiled to WebAssembly, with its files in a folder. It has one connection, so transactions are
 * serialised, and one process: two on the same files would corrupt them, so the folder is locked. A new database is unpacked
 * from an archive, in a quarter of the time of creating one. The price: a query blocks the process while it runs.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { dataDir } from "@electric-sql/pglite-prepopulatedfs";
import { drizzle } from "drizzle-orm/pglite";
import { fromPglite } from "pg-boss";
import type { Database } from "./database.ts";
import { FolderInUseError, lockFolder } from "./folder-lock.ts";
import type { FolderLock } from "./folder-lock.ts";
import { assertNotNewer, migrate } from "./migrate.ts";

/** Keeps nothing, and is private to the process. */
const IN_MEMORY = "memory";

/** Rejects with an Error that names the process which holds the folder. */
export async function openEmbedded(directory: string): Promise<Database> {
  const held = directory === IN_MEMORY ? undefined : await lock(directory);
  try {
    const files = join(directory, "postgres");
    const isNew = directory === IN_MEMORY || !existsSync(files);
    const pglite = await PGlite.create({
      dataDir: directory === IN_MEMORY ? "memory://" : files,
      ...(isNew && { loadDataDir: await dataDir() }),
    });
    const db = drizzle({ client: pglite, casing: "snake_case" });
    await db.transaction(migrate);
    await assertNotNewer(db);
    return {
      db,
      transaction: (work) => db.transaction(work),
      boss: { db: fromPglite(pglite), backend: "pglite" },
      listen: async (channel, onNotification) => ({ close: await pglite.listen(channel, onNotification) }),
      assertWritable: async () => void (await db.execute("select 1")),
      close: async () => {
        await pglite.close();
        held?.release();
      },
    };
  } catch (error) {
    held?.release();
    throw error;
  }
}

async function lock(directory: string): Promise<FolderLock> {
  try {
    return await lockFolder(directory);
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error;
    throw new Error(
      `Cannot open the database in ${directory}: ${error.message}; stop that process, set DATA_DIR to another folder, or ` +
        `set DATABASE_URL to a server that processes can share`,
      { cause: error },
    );
  }
}
