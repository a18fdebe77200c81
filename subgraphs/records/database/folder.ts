/**
 * Can the embedded database be in this folder?
 *
 * It is made where it is missing, and has to have space: the database's own error would be pages long, or none at all.
 */
import { mkdir, stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { lineOf, reasonOf } from "../../platform/reason.ts";

const MEGABYTE = 1024 * 1024;
/** What a new database takes, with its log. */
const NEW_MEGABYTES = 100;
/** Less is a full disk. */
const MIN_MEGABYTES = 2;

/** Rejects with an Error that says what is wrong with the folder. */
export async function requireFolder(directory: string, { isNew }: { readonly isNew: boolean }): Promise<void> {
  try {
    await makeFolder(resolve(directory));
  } catch (error) {
    throw cannotOpen(directory, error);
  }
  const { bavail, bsize } = await statfs(directory);
  const free = (bavail * bsize) / MEGABYTE;
  if (free < MIN_MEGABYTES) throw cannotOpen(directory, { code: "ENOSPC" });
  if (isNew && free < NEW_MEGABYTES) {
    throw cannotOpen(directory, `no space left: a new one takes ${NEW_MEGABYTES} MB, and ${Math.floor(free)} are free`);
  }
}

/** An error that already says what cannot be opened stays as it is. */
export function cannotOpen(directory: string, error: unknown): Error {
  if (error instanceof Error && error.message.startsWith("Cannot open the database")) return error;
  const isForeign = error instanceof Error && !("code" in error);
  const reason = isForeign
    ? `its files are damaged or of another version; restore a backup, or set DATA_DIR to another folder (${lineOf(error.message)})`
    : reasonOf(error);
  return new Error(`Cannot open the database in ${directory} (DATA_DIR): ${reason}`, { cause: error });
}

/** One by one: where a folder cannot be made, `recursive` may try for ever. */
async function makeFolder(path: string): Promise<void> {
  if (path !== dirname(path) && !(await isThere(dirname(path)))) await makeFolder(dirname(path));
  if (await isThere(path)) return;
  await mkdir(path);
}

async function isThere(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  if (found && !found.isDirectory()) throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" });
  return found !== undefined;
}
