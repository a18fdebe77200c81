/**
 * How does a file appear whole, or not at all?
 *
 * Its place is taken before anything is done that rests on it: where it cannot be written, that is known then. The text is
 * written beside it, and gets its name at once. Without `force` nothing that is there is replaced, and with it a file alone:
 * not a folder or a device, nor a link, whose file somebody else may have chosen.
 */
import { randomUUID } from "node:crypto";
import { link, lstat, open, rename, rm } from "node:fs/promises";
import { reasonOf } from "../../platform/reason.ts";

export interface NewFile {
  /** Rejects where it cannot be written. */
  write(text: string): Promise<void>;
  /** Takes away what is left of it. */
  release(): Promise<void>;
}

/** Rejects with an Error for the operator. */
export async function newFile(path: string, force: boolean): Promise<NewFile> {
  await assertReplaceable(path, force);
  const part = `${path}.${randomUUID()}.part`;
  const file = await open(part, "wx").catch((error: unknown) => {
    throw new Error(`Cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  });
  return {
    async write(text) {
      await file.writeFile(text);
      await file.sync();
      // In between somebody else may have written one.
      await assertReplaceable(path, force);
      await (force ? rename(part, path) : nameOnce(part, path));
    },
    async release() {
      await file.close();
      await rm(part, { force: true });
    },
  };
}

/** Of two who give the same name at once one fails, where the file system has links. */
async function nameOnce(part: string, path: string): Promise<void> {
  await link(part, path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST") throw isThere(path);
    await rename(part, path);
  });
}

async function assertReplaceable(path: string, force: boolean): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return;
  if (!force) throw isThere(path);
  if (!found.isFile()) throw new Error(`Cannot write ${path}: it is no file, and --force replaces only files`);
}

function isThere(path: string): Error {
  return new Error(`Cannot write ${path}: it is there already, and --force replaces it`);
}
