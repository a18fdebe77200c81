/**
 * How is a PostgreSQL database embedded in this process?
 *
 * By PGlite: PostgreSQL compiled to WebAssembly, with its files in a folder. It has one connection, so transactions are
 * serialised, and one process: two on the same files would corrupt them, so a lock file names the owner. A new database is
 * unpacked from an archive, in a quarter of the time of creating one. The price: a query blocks the process while it runs.
 */
import { existsSync } from "node:fs";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { dataDir } from "@electric-sql/pglite-prepopulatedfs";
import { drizzle } from "drizzle-orm/pglite";
import { fromPglite } from "pg-boss";
import type { Database } from "./database.ts";
import { assertNotNewer, migrate } from "./migrate.ts";

/** Keeps nothing, and is private to the process. */
const IN_MEMORY = "memory";

/** Rejects with an Error that names the process which holds the folder. */
export async function openEmbedded(directory: string): Promise<Database> {
  const release = directory === IN_MEMORY ? undefined : await acquire(directory);
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
        await release?.();
      },
    };
  } catch (error) {
    await release?.();
    throw error;
  }
}

/** The locks of this process. An earlier process may have had the same id, so a lock file alone does not tell. */
const heldLocks = new Set<string>();

/** Locks the folder and gives the function that releases it. */
async function acquire(directory: string): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true });
  const lock = join(directory, "process");
  const candidate = `${lock}-${process.pid}`;
  for (;;) {
    try {
      // Written first and linked then, so that no other process reads an empty lock.
      await writeFile(candidate, String(process.pid));
      await link(candidate, lock);
      heldLocks.add(lock);
      return async () => {
        heldLocks.delete(lock);
        await rm(lock, { force: true });
      };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    } finally {
      await rm(candidate, { force: true });
    }
    const owner = await ownerOf(lock);
    if (isAlive(owner, lock)) throw inUse(directory, lock, owner);
    // The lock is stale. Two processes may find that out at once: the second one may then remove the lock that the first
    // one has acquired since, so it checks what it removed and restores a live one.
    const removed = `${lock}-before-${process.pid}`;
    await rename(lock, removed).catch(() => {});
    const removedOwner = await ownerOf(removed);
    if (isAlive(removedOwner, lock)) {
      await link(removed, lock).catch(() => {});
      await rm(removed, { force: true });
      throw inUse(directory, lock, removedOwner);
    }
    await rm(removed, { force: true });
  }
}

async function ownerOf(lock: string): Promise<number> {
  return Number(await readFile(lock, "utf8").catch(() => ""));
}

function inUse(directory: string, lock: string, owner: number): Error {
  return new Error(
    `Cannot open the database in ${directory}: process ${owner} is using it; stop that process, set DATA_DIR to another ` +
      `folder, or set DATABASE_URL to a server that processes can share (if ${owner} is not Decibel, delete ${lock})`,
  );
}

function isAlive(pid: number, lock: string): boolean {
  if (!Number.isInteger(pid) || pid < 1) return false;
  if (pid === process.pid) return heldLocks.has(lock);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Alive, but another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
