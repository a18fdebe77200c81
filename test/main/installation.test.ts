/**
 * What is built, when, and what runs where nothing can be built: an installation for production, in a fresh folder that has
 * nothing but `dist`, the commands, and what `npm ci --omit=dev` installs.
 */
import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { configurable } from "../../subgraphs/registry.ts";
import { SANDBOX_SECRET } from "../../subgraphs/sandbox/crm/server.ts";
import { ANY_PORTS, ask } from "../support/decibel.ts";
import { partsOf, runIn } from "../support/process.ts";
import { TOKENS, authorized } from "../support/tokens.ts";

const root = projectRoot();
const execute = promisify(execFile);
const INSTALL = "run npm ci --include=dev && npm run build";
const LONG = { timeout: 60_000 };
/** A slow network, where npm has not kept the packages. */
const INSTALLATION_MS = 600_000;

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

/** The command of docs/operating.md, with the Node that is installed. */
const DOCUMENTED = ["node_modules/.bin/node", "--enable-source-maps", "dist/subgraphs/main.js"];
const NAMESPACE = [
  ...(process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"]),
  "--pid",
  "--fork",
  "--mount-proc",
];
const hasNamespaces = spawnSync("unshare", [...NAMESPACE, "true"]).status === 0;
// oxlint-disable-next-line no-console -- a skipped test must be visible
if (!hasNamespaces) console.warn("SKIPPED: the first process of a container, because unshare is not permitted here");

/** Credentials that nobody accepts, at hosts that are not there. */
const PRODUCTION = {
  NODE_ENV: "production",
  DECISIONS: "local",
  ...TOKENS,
  ...Object.fromEntries(
    configurable.upstreams.flatMap(({ fields }) =>
      Object.values(fields).flatMap(({ variable, isCredential }) => {
        if (variable.endsWith("_URL")) return [[variable, "http://127.0.0.1:1"]];
        return isCredential ? [[variable, variable.endsWith("_SECRET") ? SANDBOX_SECRET : "credential"]] : [];
      }),
    ),
  ),
};

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

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

  it("is what a build from nothing is, after files were changed, added and removed", async () => {
    await rm(join(folder, "node_modules"), { recursive: true });
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    const write = (name: string, text: string) => writeFile(join(folder, "subgraphs", name), text);
    const files = async (): Promise<ReadonlyMap<string, string>> => {
      const names = (await readdir(join(folder, "dist/subgraphs"))).toSorted();
      const texts = names.map((name) => readFile(join(folder, "dist/subgraphs", name), "utf8"));
      return new Map((await Promise.all(texts)).map((text, index) => [names[index] ?? "", text]));
    };
    await write("kept.ts", "export const kept = 1;\n");
    await write("left.ts", "export const left = 1;\n");
    await source('import { kept } from "./kept.ts";\nexport const main = kept;\n');
    expect(await build()).toEqual({ code: 0, stdout: "", stderr: "" });
    await write("kept.ts", 'export const kept = "changed";\n');
    await write("added.ts", "export const added = 1;\n");
    await rm(join(folder, "subgraphs/left.ts"));
    await build();
    const after = await files();
    expect([...after.keys()].filter((name) => name.endsWith(".js"))).toEqual(["added.js", "kept.js", "main.js"]);
    await rm(join(folder, "dist"), { recursive: true });
    await build();
    expect(await files()).toEqual(after);

    await rm(join(folder, "dist/current/subgraphs/kept.js"));
    await write("added.ts", "export const added = 2;\n");
    await build();
    expect(new Set((await files()).keys())).toEqual(new Set(after.keys()));

    await source('import { kept } from "./kept.ts";\nexport const main: number = kept;\n');
    expect(await build()).toMatchObject({ code: 1, stdout: expect.stringContaining("TS2322") });
    expect((await files()).get("main.js")).toBe(after.get("main.js"));
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
    for (const name of ["package.json", "package-lock.json", ".npmrc", "tools", "dist"]) {
      await cp(join(root, name), join(folder, name), { recursive: true, verbatimSymlinks: true });
    }
    await execute("npm", ["ci", "--omit=dev", "--prefer-offline"], { cwd: folder });
  }, INSTALLATION_MS);
  afterAll(async () => {
    await Promise.all([folder, data].map((each) => rm(each, { recursive: true, force: true })));
  });

  it("starts what is built as a user who may not write to it, and drains at SIGTERM", async () => {
    const asUser = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
    const [command, ...args] = [...asUser, "npm", "start", "--silent"];
    const run = runIn(folder, command, args, { DATA_DIR: join(data, "database"), HOME: data });
    const banner = await run.banner;
    expect([...partsOf(banner).keys()]).toContain("gateway");
    cleanups.push(run.kill);
    run.child.kill("SIGTERM");
    const { stderr } = await run.ended;
    expect(stderr).not.toContain("Cannot");
    expect(await readdir(folder)).not.toContain(".data");
  });

  it.runIf(hasNamespaces)("runs as the first process of a container, answers, and drains at SIGTERM", async () => {
    const run = runIn(folder, "unshare", [...NAMESPACE, ...DOCUMENTED], {
      ...PRODUCTION,
      DATA_DIR: join(data, "first"),
      HOME: data,
    });
    cleanups.push(run.kill);
    const banner = await run.banner;
    expect(banner).not.toContain("OPEN");
    const parts = partsOf(banner);
    expect([...parts.keys()]).toEqual(["gateway", "campaigns", "episodes", "locations", "listeners", "decisions"]);
    const query = "{ effects(status: FAILED, first: 1) { totalCount } }";
    const url = parts.get("gateway") ?? "";
    expect(await ask(url, query)).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
    const answer = await ask(url, query, {}, await authorized(Date.now()));
    expect(answer).toEqual({ data: { effects: { totalCount: 0 } }, errors: [] });
    // Its own number is 1; here it has another one.
    const children = await readFile(`/proc/${run.child.pid}/task/${run.child.pid}/children`, "utf8");
    process.kill(Number(children), "SIGTERM");
    expect(await run.ended).toMatchObject({ code: 0, signal: null, stderr: "" });
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
