/**
 * Does another process use this folder?
 *
 * The lock is one that the kernel keeps on a file and releases when its process ends, however it ends. A process id in a
 * file would say nothing: containers that share a folder number their processes by themselves, and after a crash another
 * process may have the number. Node can lock files only through SQLite, whose empty database is the file here. The price:
 * hosts that share the folder by a network's file system rely on the locks of that file system.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface FolderLock {
  release(): void;
}

/** Its message names the process that holds the lock, as well as it is known. */
export class FolderInUseError extends Error {
  constructor(owner = "another process") {
    super(`${owner} is using it`);
  }
}

/** https://www.sqlite.org/rescode.html */
const BUSY = 5;

/** Makes the folder where there is none. Rejects with a FolderInUseError, or with an Error that says what fails. */
export async function lockFolder(directory: string): Promise<FolderLock> {
  await mkdir(directory, { recursive: true });
  const owner = join(directory, "owner");
  const release = await hold(join(directory, "lock"), owner);
  try {
    // For people only: the lock itself says nothing of who holds it.
    await writeFile(owner, `process ${process.pid} on ${hostname()}`);
  } catch (error) {
    release();
    throw error;
  }
  return { release };
}

async function hold(lock: string, owner: string): Promise<() => void> {
  const file = new DatabaseSync(lock, { timeout: 0 });
  try {
    file.exec("begin exclusive");
  } catch (error) {
    file.close();
    if (!(error instanceof Error && "errcode" in error && error.errcode === BUSY)) throw error;
    throw new FolderInUseError(await readFile(owner, "utf8").catch(() => undefined));
  }
  return () => file.close();
}
