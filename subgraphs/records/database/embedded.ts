/**
 * How is a PostgreSQL database embedded in this process?
 *
 * By PGlite: PostgreSQL compiled to WebAssembly, with its files in a folder. It has one connection, so transactions are
 * serialised, and one process: two on the same files would corrupt them, so the folder is locked. A new database is unpacked
 * from an archive, in a quarter of the time of creating one. The price: a query blocks the process while it runs.
 */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import type { Transaction } from "@electric-sql/pglite";
import { dataDir } from "@electric-sql/pglite-prepopulatedfs";
import { drizzle } from "drizzle-orm/pglite";
import { fromPglite } from "pg-boss";
import type { Database } from "./database.ts";
import { cannotOpen, requireFolder } from "./folder.ts";
import { FolderInUseError, lockFolder } from "./folder-lock.ts";
import type { FolderLock } from "./folder-lock.ts";
import type { Loading } from "./load.ts";
import { assertNotNewer, migrate } from "./migrate.ts";

/** Keeps nothing, and is private to the process. */
const IN_MEMORY = "memory";

/** Rejects with an Error that names the folder and what is wrong with it, such as the process which holds it. */
export async function openEmbedded(directory: string): Promise<Database> {
  const files = join(directory, "postgres");
  if (directory !== IN_MEMORY) await requireFolder(directory, { isNew: !existsSync(files) });
  const held = directory === IN_MEMORY ? undefined : await lock(directory);
  const isNew = directory === IN_MEMORY || !existsSync(files);
  try {
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
      load: (work) => pglite.transaction((transaction) => work(loadingIn(transaction))),
      boss: { db: fromPglite(pglite), backend: "pglite" },
      isShared: false,
      deliversNotifications: true,
      listen: async (channel, onNotification) => ({ close: await pglite.listen(channel, onNotification) }),
      assertWritable: async () => void (await db.execute("select 1")),
      close: async () => {
        await pglite.close();
        held?.release();
      },
    };
  } catch (error) {
    // The next start would take for a database what was not made completely.
    if (held && isNew) await rm(files, { recursive: true, force: true });
    held?.release();
    throw cannotOpen(directory, error);
  }
}

function loadingIn(transaction: Transaction): Loading {
  return {
    execute: async (statement) => (await transaction.query<Readonly<Record<string, unknown>>>(statement)).rows,
    async copy(into, text) {
      // The file that the text appears as to the database.
      await transaction.query(`copy ${into} from '/dev/blob'`, [], { blob: new Blob([text]) });
    },
  };
}

async function lock(directory: string): Promise<FolderLock> {
  try {
    return await lockFolder(directory);
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw cannotOpen(directory, error);
    throw new Error(
      `Cannot open the database in ${directory}: ${error.message}; stop that process, set DATA_DIR to another folder, or ` +
        `set DATABASE_URL to a server that processes can share`,
      { cause: error },
    );
  }
}
