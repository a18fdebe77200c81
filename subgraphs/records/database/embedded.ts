/**
 * How does this process have a PostgreSQL of its own?
 *
 * PGlite: PostgreSQL itself, compiled to run here, its files in a folder. It has one connection, so transactions take
 * turns, and one process: two on the same files would destroy them, so a file says who has the folder. The first time,
 * its files are unpacked as they are made elsewhere, which takes a quarter of the time of making them here. The price: a
 * query holds up the process while it is worked on.
 */
import { existsSync } from "node:fs";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { dataDir } from "@electric-sql/pglite-prepopulatedfs";
import { drizzle } from "drizzle-orm/pglite";
import { migrate } from "drizzle-orm/pglite/migrator";
import { fromPglite } from "pg-boss";
import type { Database } from "./database.ts";
import { MIGRATIONS } from "./migrate.ts";

/** Nothing is kept, and nobody else can have it. */
export const IN_MEMORY = "memory";

/** Rejects with an Error that names the process that has the folder. */
export async function openEmbedded(directory: string): Promise<Database> {
  const release = directory === IN_MEMORY ? undefined : await occupy(directory);
  try {
    const files = join(directory, "postgres");
    const isNew = directory === IN_MEMORY || !existsSync(files);
    const pglite = await PGlite.create({
      dataDir: directory === IN_MEMORY ? "memory://" : files,
      ...(isNew && { loadDataDir: await dataDir() }),
    });
    const db = drizzle({ client: pglite, casing: "snake_case" });
    await migrate(db, MIGRATIONS);
    return {
      db,
      transaction: (work) => db.transaction(work),
      boss: { db: fromPglite(pglite), backend: "pglite" },
      listen: async (channel, told) => ({ close: await pglite.listen(channel, told) }),
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

/** What this very process has: another one before it may have had the same id. */
const occupied = new Set<string>();

/** Gives what lets go of the folder again. */
async function occupy(directory: string): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true });
  const lock = join(directory, "process");
  const own = `${lock}-${process.pid}`;
  for (;;) {
    try {
      // Under its name it is never seen empty.
      await writeFile(own, String(process.pid));
      await link(own, lock);
      occupied.add(lock);
      return async () => {
        occupied.delete(lock);
        await rm(lock, { force: true });
      };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    } finally {
      await rm(own, { force: true });
    }
    const owner = await ownerOf(lock);
    if (isAlive(owner, lock)) throw isTaken(directory, lock, owner);
    // Whoever had it is gone without a word. Two may find that out at once: one of them takes the lock away, and what the
    // other one takes away then is perhaps the first one's own.
    const old = `${lock}-before-${process.pid}`;
    await rename(lock, old).catch(() => {});
    const taken = await ownerOf(old);
    if (isAlive(taken, lock)) {
      await link(old, lock).catch(() => {});
      await rm(old, { force: true });
      throw isTaken(directory, lock, taken);
    }
    await rm(old, { force: true });
  }
}

async function ownerOf(lock: string): Promise<number> {
  return Number(await readFile(lock, "utf8").catch(() => ""));
}

function isTaken(directory: string, lock: string, owner: number): Error {
  return new Error(
    `Cannot open the database in ${directory}: process ${owner} has it; stop that one, set DATA_DIR to another folder, ` +
      `or set DATABASE_URL to a server that several processes can share. (Should ${owner} be none of Decibel's, delete ${lock})`,
  );
}

function isAlive(pid: number, lock: string): boolean {
  if (!Number.isInteger(pid) || pid < 1) return false;
  if (pid === process.pid) return occupied.has(lock);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Alive, and somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
