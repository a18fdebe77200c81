/** One process at a time uses a folder: another container's too, and no longer than it lives. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { lockFolder } from "../../subgraphs/records/database/folder-lock.ts";

const MODULE = pathToFileURL(join(projectRoot(), "dist/subgraphs/records/database/folder-lock.js")).href;
/** Locks the folder of its argument, says so or why not, and stays. */
const PROGRAM = `
  import { lockFolder } from ${JSON.stringify(MODULE)};
  const held = await lockFolder(process.argv[1]).catch(({ message }) => message);
  console.log(typeof held === "string" ? held : "held by " + process.pid);
  if (typeof held === "string") process.exit();
  setInterval(() => {}, 60_000);
`;
/** A container numbers its processes by itself: each program is its number 1. */
const CONTAINER = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"] as const;
const [UNSHARE, ...NAMESPACES] = CONTAINER;
const hasContainers = spawnSync(UNSHARE, [...NAMESPACES, "true"]).status === 0;
if (!hasContainers) {
  // oxlint-disable-next-line no-console -- a skipped test must be visible
  console.warn("SKIPPED: the lock between containers, because unshare makes no process namespace here");
}

let directory: string;
const open: (() => Promise<void>)[] = [];
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), "decibel-lock-"))));
afterEach(async () => {
  for (const close of open.splice(0)) await close();
  await rm(directory, { recursive: true });
});

/** What a process says that tries to lock the folder, and how to kill it. */
async function run(command: readonly string[] = []): Promise<{ readonly said: string; kill(): Promise<void> }> {
  const [program, ...given] = [...command, process.execPath, "--input-type=module", "-e", PROGRAM, directory];
  const child = spawn(program, given, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  open.push(kill);
  const [said] = await once(child.stdout, "data");
  return { said: String(said).trim(), kill };
}

describe("the lock of a folder", () => {
  it("is held by one process, and named to the others", async () => {
    const first = await run();
    expect(first.said).toMatch(/^held by \d+$/);
    const owner = `process ${first.said.replace("held by ", "")} on ${hostname()}`;
    expect((await run()).said).toBe(`${owner} is using it`);
    await expect(lockFolder(directory)).rejects.toThrow(`${owner} is using it`);
  });

  it("is free as soon as its process has been killed", async () => {
    const first = await run();
    await first.kill();
    expect((await run()).said).toMatch(/^held by/);
  });

  it("is held once in one process too, whatever the folder is called", async () => {
    const held = await lockFolder(directory);
    const alias = `${directory}-alias`;
    await symlink(directory, alias);
    await expect(lockFolder(alias)).rejects.toThrow(`process ${process.pid} on ${hostname()} is using it`);
    await rm(alias);
    held.release();
    (await lockFolder(directory)).release();
  });

  it.runIf(hasContainers)("holds between containers, whose processes have the same number", async () => {
    const first = await run(CONTAINER);
    expect(first.said).toBe("held by 1");
    expect((await run(CONTAINER)).said).toBe(`process 1 on ${hostname()} is using it`);
    await first.kill();
    // The next container of a service that was killed starts.
    await expect.poll(async () => (await run(CONTAINER)).said).toBe("held by 1");
  });
});
