/**
 * How does the source become `dist`, and what is started where it cannot be built?
 *
 *   node tools/build.js              builds `dist`, unless it is of this source already
 *   node tools/build.js if-possible  the same, but takes what is built where there is no compiler, as in production
 *   node tools/build.js never        only requires that there is something built
 *
 * The old `dist` stays until the new one is complete, and where building fails. It is not written where the source has not
 * changed, so that a folder that nobody may write to works. This is JavaScript, because it runs before anything is built or
 * installed, on the oldest Node that has npm.
 */
import { spawnSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const PACKAGES = join(ROOT, "node_modules");
const COMPILER = join(PACKAGES, ".bin/tsc");
const DIST = join(ROOT, "dist");
/** In `dist`: the digest of the source that it was built from. */
const STAMP = ".source";
/** Beside `dist`, because a folder is renamed only within a file system. */
const NEXT = "dist.next-";
/** Milliseconds after which a folder of a build belongs to one that was killed. */
const ABANDONED_MS = 600_000;
/** Between the two renames. */
const TAKEN = new Set(["ENOENT", "ENOTEMPTY", "EEXIST"]);
const INSTALL = "npm ci --include=dev && npm run build";

const [, , mode = "always"] = process.argv;
const problem = mode === "never" ? problemOfRun("Cannot run this") : problemOfBuild();
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}

/** @returns {string | undefined} */
function problemOfBuild() {
  if (existsSync(COMPILER)) return built();
  return mode === "if-possible"
    ? problemOfRun("Cannot start")
    : `Cannot build: there is no compiler here; run ${INSTALL}`;
}

/**
 * @param {string} what
 * @returns {string | undefined}
 */
function problemOfRun(what) {
  if (!existsSync(PACKAGES)) return `${what}: the packages are not installed; run npm ci`;
  if (existsSync(join(DIST, "subgraphs/main.js"))) return undefined;
  return `${what}: nothing is built${existsSync(COMPILER) ? "" : ", and there is no compiler here"}; run ${INSTALL}`;
}

/**
 * Builds. Gives the problem, if there is one.
 *
 * @returns {string | undefined}
 */
function built() {
  const next = join(ROOT, `${NEXT}${randomUUID()}`);
  try {
    const digest = digestOfSource();
    const stamp = join(DIST, STAMP);
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return undefined;
    removeAbandoned();
    mkdirSync(next);
    const options = ["-p", ROOT, "--outDir", next, "--noEmitOnError"];
    const { status, signal, error } = spawnSync(COMPILER, options, { stdio: ["ignore", "inherit", "inherit"] });
    if (error) throw error;
    if (status !== 0) return `Cannot build: the compiler ended with ${signal ?? `code ${status}`}`;
    writeFileSync(join(next, STAMP), digest);
    replaceBy(next);
    return undefined;
  } catch (error) {
    return `Cannot build: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    if (existsSync(next)) rmSync(next, { recursive: true });
  }
}

/**
 * By content: a copy or a check-out changes the times of files.
 *
 * @returns {string}
 */
function digestOfSource() {
  const sources = ["gateway", "schema", "subgraphs", "test"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  );
  const files = ["tsconfig.json", "package-lock.json", ...sources.filter((file) => file.endsWith(".ts"))];
  const digest = createHash("sha256");
  for (const file of files.toSorted((one, other) => (one < other ? -1 : 1)))
    digest.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  return digest.digest("hex");
}

/**
 * Again where another build has replaced it meanwhile.
 *
 * @param {string} next
 */
function replaceBy(next) {
  const old = `${next}-old`;
  while (existsSync(next)) {
    try {
      if (existsSync(DIST)) renameSync(DIST, old);
      renameSync(next, DIST);
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && TAKEN.has(String(error.code));
      if (!isTaken) throw error;
    } finally {
      if (existsSync(old)) rmSync(old, { recursive: true });
    }
  }
}

function removeAbandoned() {
  for (const name of readdirSync(ROOT).filter((each) => each.startsWith(NEXT))) {
    const folder = join(ROOT, name);
    if (Date.now() - statSync(folder).mtimeMs > ABANDONED_MS) rmSync(folder, { recursive: true });
  }
}
