/** What an operator reads where the folder of the embedded database cannot be used. */
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openDatabase } from "../../subgraphs/records/database/open.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "decibel-folder-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const problemOf = (directory: string): Promise<string> =>
  openDatabase({ directory, log: pino({ enabled: false }) }).then(
    () => expect.fail("it opened"),
    (error: unknown) => (error instanceof Error ? error.message : expect.fail(String(error))),
  );

it("a file in its place is named", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  for (const directory of [file, join(file, "data")]) {
    expect(await problemOf(directory)).toBe(`Cannot open the database in ${directory} (DATA_DIR): it is not a folder`);
  }
});

it("a place where no folder can be made is named, and is not tried for ever", async () => {
  expect(await problemOf("/proc/decibel")).toBe(
    "Cannot open the database in /proc/decibel (DATA_DIR): there is no such file or folder",
  );
});

it("damaged files are named, and stay as they are", async () => {
  await mkdir(join(folder, "postgres"));
  await writeFile(join(folder, "postgres", "PG_VERSION"), "junk");
  expect(await problemOf(folder)).toMatch(
    /^Cannot open the database in \S+ \(DATA_DIR\): its files are damaged or of another version; restore a backup, or .*$/,
  );
  expect(await readdir(join(folder, "postgres"))).toContain("PG_VERSION");
});

it("a full disk is named, and nothing is left on it", async ({ skip }) => {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=20m", "decibel", folder], { stdio: "ignore" });
  } catch {
    skip("only root mounts file systems");
  }
  try {
    const directory = join(folder, "data");
    expect(await problemOf(directory)).toMatch(
      /^Cannot open the database in \S+ \(DATA_DIR\): no space left: a new one/,
    );
    expect(await readdir(directory)).toEqual([]);
  } finally {
    execFileSync("umount", [folder]);
  }
});
