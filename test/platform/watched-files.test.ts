/** When files count as changed, and what happens then. */
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { watchFiles } from "../../subgraphs/platform/watched-files.ts";
import type { LogLine } from "../support/decibel.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "decibel-watch-"));
  cleanups.push(() => rm(path, { recursive: true }));
  return path;
}

/** Takes every content but "broken". */
function watched(path: string, text: string, isWatching = true) {
  const [taken, logged]: [string[], LogLine[]] = [[], []];
  const log = pino({ level: "info" }, { write: (line: string) => logged.push(JSON.parse(line) as LogLine) });
  const files = watchFiles({
    paths: [path],
    texts: [text],
    async changed([found = ""]) {
      if (found === "broken") throw new Error("planted");
      taken.push(found);
    },
    isWatching,
    log,
    debounceMs: 20,
  });
  cleanups.push(() => files.close());
  return { files, taken, logged };
}

describe("a file that is watched", () => {
  it("is taken when it is written, or another one is renamed over it", async () => {
    const path = join(await folder(), "graph");
    await writeFile(path, "1");
    const { taken } = watched(path, "1");
    await writeFile(path, "2");
    await expect.poll(() => taken).toEqual(["2"]);
    await writeFile(`${path}.new`, "3");
    await rename(`${path}.new`, path);
    await expect.poll(() => taken).toEqual(["2", "3"]);
  });

  it("is taken when a link above it leads elsewhere, as in a mounted ConfigMap", async () => {
    const mount = await folder();
    for (const version of ["1", "2"]) {
      await mkdir(join(mount, `..${version}`));
      await writeFile(join(mount, `..${version}`, "graph"), version);
    }
    await symlink("..1", join(mount, "..data"));
    await symlink("..data/graph", join(mount, "graph"));
    const { taken } = watched(join(mount, "graph"), "1");
    await symlink("..2", join(mount, "..data_tmp"));
    await rename(join(mount, "..data_tmp"), join(mount, "..data"));
    await expect.poll(() => taken).toEqual(["2"]);
  });

  it("is taken if it changed between the first read and the watch", async () => {
    const path = join(await folder(), "graph");
    await writeFile(path, "2");
    const { taken } = watched(path, "1");
    await expect.poll(() => taken).toEqual(["2"]);
  });

  it("is refused once if it cannot be used, with a line in the log, and taken when it can", async () => {
    const path = join(await folder(), "graph");
    await writeFile(path, "1");
    const { taken, logged } = watched(path, "1");
    await writeFile(path, "broken");
    const refusals = () => logged.filter(({ level }) => level === 50);
    await expect.poll(refusals).toMatchObject([{ files: [path], msg: expect.stringContaining("planted") }]);
    await writeFile(path, "2");
    await expect.poll(() => taken).toEqual(["2"]);
    expect(refusals()).toHaveLength(1);
  });
});

describe("a check of files", () => {
  it("takes what has changed, or anew all the same, and says where a file is not there", async () => {
    const path = join(await folder(), "graph");
    await writeFile(path, "1");
    const { files, taken, logged } = watched(path, "1", false);
    await files.check();
    expect(taken).toEqual([]);
    await files.check(true);
    await writeFile(path, "2");
    await files.check();
    expect(taken).toEqual(["1", "2"]);
    await rm(path);
    await files.check();
    expect(logged.at(-1)).toMatchObject({ level: 50, msg: expect.stringContaining("there is no such file or folder") });
  });
});
