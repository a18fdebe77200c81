/**
 * What is built, when, and what runs where nothing can be built: an installation for production, in a fresh folder, with
 * the packages that `npm ci --omit=dev` leaves.
 */
import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { ANY_PORTS } from "../support/decibel.ts";
import { partsOf, runIn } from "../support/process.ts";

const root = projectRoot();
const execute = promisify(execFile);
const INSTALL = "run npm ci --include=dev && npm run build";
const LONG = { timeout: 60_000 };

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function ended(command: string, args: readonly string[], cwd: string, env = {}): Promise<Ended> {
  const options = { cwd, env: { PATH: process.env["PATH"], HOME: tmpdir(), ...ANY_PORTS, ...env } };
  try {
    return { code: 0, ...(await execute(command, args, options)) };
  } catch (error) {
    const Failure = z.object({ code: z.int(), stdout: z.string(), stderr: z.string() });
    return Failure.parse(error);
  }
}

describe("a build", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "decibel-build-"));
    for (const name of ["tools", "gateway", "schema", "subgraphs", "test", "node_modules/.bin"]) {
      await mkdir(join(folder, name), { recursive: true });
    }
    for (const name of ["tools/build.js", "tsconfig.json", "package.json", "package-lock.json"]) {
      await cp(join(root, name), join(folder, name));
    }
    await compileBy('mkdir "$4/subgraphs" && cp subgraphs/main.ts "$4/subgraphs/main.js"');
    await source("1");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const source = (text: string) => writeFile(join(folder, "subgraphs/main.ts"), text);
  const built = () => readFile(join(folder, "dist/subgraphs/main.js"), "utf8");
  const build = (...mode: readonly string[]) => ended(process.execPath, ["tools/build.js", ...mode], folder);
  async function compileBy(script: string): Promise<void> {
    const compiler = join(folder, "node_modules/.bin/tsc");
    await writeFile(compiler, `#!/bin/sh\n${script}\n`);
    await chmod(compiler, 0o755);
  }

  it("replaces the old one, and leaves nothing beside it", async () => {
    expect(await build()).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await built()).toBe("1");
    await source("2");
    await build();
    expect(await built()).toBe("2");
    expect((await readdir(folder)).filter((name) => name.startsWith("dist"))).toEqual(["dist"]);
  });

  it("takes nothing away from what starts or runs meanwhile", async () => {
    const main = 'import { build } from "./build.js"; console.log(build === BUILD ? "whole" : "mixed")';
    await compileBy(
      'sleep 0.02; mkdir "$4/subgraphs" && cp subgraphs/*.js "$4/subgraphs" && cp subgraphs/main.ts "$4/subgraphs/main.js"',
    );
    const write = async (build: number): Promise<void> => {
      await writeFile(join(folder, "subgraphs/build.js"), `export const build = ${build}`);
      await source(main.replace("BUILD", String(build)));
    };
    await write(0);
    await build();
    const building = new AbortController();
    const starts = async (): Promise<readonly string[]> => {
      const outputs: string[] = [];
      while (!building.signal.aborted) {
        const { stdout, stderr } = await ended(process.execPath, ["dist/subgraphs/main.js"], folder);
        outputs.push(stdout + stderr);
      }
      return outputs;
    };
    const started = Promise.all([starts(), starts()]);
    for (let number = 1; number <= 20; number += 1) {
      await write(number);
      expect(await build()).toEqual({ code: 0, stdout: "", stderr: "" });
    }
    building.abort();
    expect(new Set((await started).flat())).toEqual(new Set(["whole\n"]));
    expect((await readdir(join(folder, "dist"))).filter((name) => name.startsWith("build-"))).toHaveLength(3);
  });

  it("replaces what the compiler wrote by itself, and can be copied", async () => {
    await mkdir(join(folder, "dist/subgraphs"), { recursive: true });
    await writeFile(join(folder, "dist/subgraphs/main.js"), "0");
    await build();
    expect(await built()).toBe("1");
    await execute("cp", ["-a", join(folder, "dist"), join(folder, "copied")]);
    await rm(join(folder, "dist"), { recursive: true });
    expect(await readFile(join(folder, "copied/subgraphs/main.js"), "utf8")).toBe("1");
  });

  it.each([
    ["fails", "exit 2", "Cannot build: the compiler ended with code 2\n"],
    ["is killed", "kill -9 $$", "Cannot build: the compiler ended with SIGKILL\n"],
  ])("leaves the old one where the compiler %s", async (_how, script, stderr) => {
    await build();
    await source("2");
    await compileBy(`mkdir "$4/subgraphs"; ${script}`);
    expect(await build()).toEqual({ code: 1, stdout: "", stderr });
    expect(await built()).toBe("1");
    expect((await readdir(join(folder, "dist"))).filter((name) => name.startsWith("build-"))).toHaveLength(1);
  });

  it("writes nothing where the source has not changed", async () => {
    await build();
    const before = await stat(join(folder, "dist"));
    await compileBy("exit 2");
    await source("1");
    expect(await build("if-possible")).toMatchObject({ code: 0 });
    expect((await stat(join(folder, "dist"))).ino).toBe(before.ino);
  });

  it("says in one sentence what is missing", async () => {
    await rm(join(folder, "node_modules/.bin/tsc"));
    const sentences = await Promise.all([build(), build("if-possible"), build("never")]);
    expect(sentences.map(({ code, stderr }) => [code, stderr])).toEqual([
      [1, `Cannot build: there is no compiler here; ${INSTALL}\n`],
      [1, `Cannot start: nothing is built, and there is no compiler here; ${INSTALL}\n`],
      [1, `Cannot run this: nothing is built, and there is no compiler here; ${INSTALL}\n`],
    ]);
    await rm(join(folder, "node_modules"), { recursive: true });
    expect((await build("if-possible")).stderr).toBe("Cannot start: the packages are not installed; run npm ci\n");
  });
});

describe("an installation for production", LONG, () => {
  let folder: string;
  let data: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "decibel-production-"));
    data = await mkdtemp(join(tmpdir(), "decibel-data-"));
    await Promise.all([chmod(folder, 0o755), chmod(data, 0o777)]);
    for (const name of ["package.json", "rover.yaml", "schema", "subgraphs", "gateway", "tools", "dist"]) {
      await cp(join(root, name), join(folder, name), { recursive: true, verbatimSymlinks: true });
    }
    await packagesForProduction();
  }, 120_000);
  afterAll(async () => {
    await Promise.all([folder, data].map((each) => rm(each, { recursive: true, force: true })));
  });

  /** As `npm ci --omit=dev` leaves them. */
  async function packagesForProduction(): Promise<void> {
    const Lock = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) });
    const { packages } = Lock.parse(JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")));
    const names = Object.entries(packages).flatMap(([name, { dev }]) => (name === "" || dev === true ? [] : [name]));
    // Those inside another one come with it.
    const outer = names.filter((name) => name.lastIndexOf("node_modules/") === 0 && existsSync(join(root, name)));
    for (const name of outer) await mkdir(join(folder, name, ".."), { recursive: true });
    const isLinked = spawnSync("cp", ["-al", join(root, "package.json"), join(folder, "probe")]).status === 0;
    const copies = outer.map((name) =>
      execute("cp", [isLinked ? "-aLl" : "-aL", join(root, name), join(folder, name)]),
    );
    await Promise.all(copies);
    await mkdir(join(folder, "node_modules/.bin"), { recursive: true });
    await execute("ln", ["-s", "../node/bin/node", join(folder, "node_modules/.bin/node")]);
  }

  it("starts what is built as a user who may not write to it, and drains at SIGTERM", async () => {
    const asUser = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
    const [command, ...args] = [...asUser, "npm", "start", "--silent"];
    const run = runIn(folder, command, args, { DATA_DIR: join(data, "database"), HOME: data });
    const banner = await run.banner;
    expect([...partsOf(banner).keys()]).toContain("gateway");
    run.child.kill("SIGTERM");
    const { stderr } = await run.ended;
    expect(stderr).not.toContain("Cannot");
    expect(await readdir(folder)).not.toContain(".data");
  });

  it("has commands that run what is built", async () => {
    const before = await stat(join(folder, "dist"));
    const listed = await ended("npm", ["run", "--silent", "outbox", "--", "list"], folder, {
      DATA_DIR: join(data, "database"),
    });
    expect(listed).toMatchObject({ code: 0, stdout: "0 FAILED\n" });
    expect((await stat(join(folder, "dist"))).mtimeMs).toBe(before.mtimeMs);
  });

  it("says in one sentence that nothing is built", async () => {
    await rm(join(folder, "dist"), { recursive: true });
    for (const [args, what] of [
      [["start", "--silent"], "Cannot start"],
      [["run", "--silent", "outbox", "--", "list"], "Cannot run this"],
    ] as const) {
      expect(await ended("npm", args, folder, { NODE_ENV: "production" })).toMatchObject({
        code: 1,
        stderr: `${what}: nothing is built, and there is no compiler here; ${INSTALL}\n`,
      });
    }
    expect(existsSync(join(folder, "dist"))).toBe(false);
  });
});
