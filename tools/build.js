/**
 * How does the source become `dist`, and what is started where it cannot be built?
 *
 *   node tools/build.js              builds `dist`, unless it is of this source already
 *   node tools/build.js if-possible  the same, but takes what is built where there is no compiler, as in production
 *   node tools/build.js never        only requires that there is something built
 *
 * Each build has a folder of its own in `dist`, and stays there for a while. What is started, `dist/subgraphs/main.js`, is
 * reached through links to the one that was completed last. A link is replaced at once, and Node follows it when it starts:
 * a process that is started or runs during a build has all its modules, and all of the same build. What it reads, such as the
 * tables, is copied there too, so that `dist` can be installed without the source. The console is bundled meanwhile, by
 * console.js, into what browsers load. What the compiler wrote for files that neither changed nor import one that did is taken
 * from the last build, by the compiler's own notes. Nothing is written where
 * the source has not changed, so that a folder that nobody may write to works. This is JavaScript, because it runs before
 * anything is built or installed, on the oldest Node that has npm.
 */
import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const PACKAGES = join(ROOT, "node_modules");
const COMPILER = join(PACKAGES, ".bin/tsc");
/** Bundles the console into a folder. */
const BUNDLER = join("tools", "console.js");
/** Is bundled, not compiled. */
const CONSOLE = join("gateway", "console");
const DIST = join(ROOT, "dist");
/** In `dist`: the link to the last build. */
const CURRENT = "current";
const BUILD = "build-";
/** In a build that is complete: the digest of the source that it was built from. */
const STAMP = ".source";
/** In a build: what the compiler noted of its files, for the next build. */
const NOTES = ".compiled.tsbuildinfo";
/** How many builds stay, because a process may run that was started from one, and start others from it. */
const KEPT = 3;
/** Milliseconds after which a build without a stamp is no longer being written. */
const ABANDONED_MS = 600_000;
const INSTALL = "npm ci --include=dev && npm run build";

const [, , mode = "always"] = process.argv;
const problem = mode === "never" ? problemOfRun("Cannot run this") : await problemOfBuild();
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}

/** @returns {Promise<string | undefined>} */
async function problemOfBuild() {
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
 * @returns {Promise<string | undefined>}
 */
async function built() {
  const build = `${BUILD}${randomUUID()}`;
  const folder = join(DIST, build);
  try {
    const digest = digestOfSource();
    const stamp = join(DIST, CURRENT, STAMP);
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return undefined;
    mkdirSync(folder, { recursive: true });
    const ends = await Promise.all([
      compiled(folder),
      ...(existsSync(join(ROOT, CONSOLE))
        ? [
            run("the compiler", COMPILER, ["-p", join(ROOT, CONSOLE)]),
            run("the bundler", process.execPath, [join(ROOT, BUNDLER), join(folder, CONSOLE)]),
          ]
        : []),
    ]);
    const failed = ends.find((end) => end !== undefined);
    if (failed !== undefined) return `Cannot build: ${failed}`;
    for (const file of sources().filter(isCopied)) cpSync(join(ROOT, file), join(folder, file));
    writeFileSync(join(folder, STAMP), digest);
    publish(build);
    removeOld();
    return undefined;
  } catch (error) {
    return `Cannot build: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    if (existsSync(folder) && !existsSync(join(folder, STAMP))) rmSync(folder, { recursive: true });
  }
}

/**
 * Compiles into a folder. Gives the problem, if there is one.
 *
 * @param {string} folder
 * @returns {Promise<string | undefined>}
 */
async function compiled(folder) {
  const notes = join(folder, NOTES);
  const options = ["--outDir", folder, "--noEmitOnError", "--incremental", "--tsBuildInfoFile", notes];
  const compile = () => run("the compiler", COMPILER, ["-p", ROOT, ...options]);
  const files = sources().filter((file) => isCode(file) && !file.startsWith(CONSOLE) && !file.endsWith(".d.ts"));
  const outputs = files.map((file) => file.replace(/ts$/, "js"));
  takeCompiled(outputs, folder);
  const isTaken = existsSync(notes);
  const problem = await compile();
  if (problem !== undefined || !isTaken || outputs.every((file) => existsSync(join(folder, file)))) return problem;
  // Somebody has removed a part of the last build, and the compiler does not look.
  rmSync(notes);
  return compile();
}

/**
 * Of the last build, if it has notes: the compiler replaces what has to be compiled again.
 *
 * @param {readonly string[]} outputs
 * @param {string} folder
 */
function takeCompiled(outputs, folder) {
  const last = join(DIST, CURRENT);
  if (!existsSync(join(last, STAMP)) || !existsSync(join(last, NOTES))) return;
  for (const file of [...outputs, ...outputs.map((output) => `${output}.map`), NOTES])
    if (existsSync(join(last, file))) cpSync(join(last, file), join(folder, file));
}

/**
 * Gives how it ended, if not well.
 *
 * @param {string} name
 * @param {string} program
 * @param {readonly string[]} options
 * @returns {Promise<string | undefined>}
 */
function run(name, program, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...options], { stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", reject);
    child.once("close", (code, signal) =>
      resolve(code === 0 ? undefined : `${name} ended with ${signal ?? `code ${code}`}`),
    );
  });
}

/**
 * By content: a copy or a check-out changes the times of files.
 *
 * @returns {string}
 */
function digestOfSource() {
  const digest = createHash("sha256");
  const files = ["tsconfig.json", "package-lock.json", ...sources()];
  for (const file of files.toSorted((one, other) => (one < other ? -1 : 1)))
    digest.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  return digest.digest("hex");
}

/**
 * The code, and what it reads.
 *
 * @returns {readonly string[]}
 */
function sources() {
  const files = ["gateway", "schema", "subgraphs", "test"].flatMap((folder) =>
    filesIn(folder)
      .filter((file) => folder !== "test" || isCode(file))
      .map((file) => join(folder, file)),
  );
  const alone = ["rover.yaml", BUNDLER].filter((file) => existsSync(join(ROOT, file)));
  return [...files, ...alone];
}

/**
 * An image may be built without the tests, and an editor may leave a link that leads nowhere.
 *
 * @param {string} folder
 * @returns {readonly string[]}
 */
function filesIn(folder) {
  const path = join(ROOT, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, encoding: "utf8" }).filter(
    (file) => statSync(join(path, file), { throwIfNoEntry: false })?.isFile() === true,
  );
}

/** @param {string} file */
function isCode(file) {
  return file.endsWith(".ts");
}

/** @param {string} file */
function isCopied(file) {
  return !isCode(file) && file !== BUNDLER && !file.startsWith(CONSOLE);
}

/**
 * Relative links, so that `dist` can be copied.
 *
 * @param {string} build
 */
function publish(build) {
  link(CURRENT, build);
  for (const entry of readdirSync(join(DIST, build), { withFileTypes: true })) {
    if (entry.isDirectory()) link(entry.name, join(CURRENT, entry.name));
  }
}

/**
 * @param {string} name
 * @param {string} target
 */
function link(name, target) {
  const path = join(DIST, name);
  const old = lstatSync(path, { throwIfNoEntry: false });
  if (old?.isSymbolicLink() && readlinkSync(path) === target) return;
  const next = `${path}-${randomUUID()}`;
  symlinkSync(target, next, "dir");
  // A folder of the compiler's own: nothing is renamed over one.
  if (old?.isDirectory()) rmSync(path, { recursive: true });
  renameSync(next, path);
}

function removeOld() {
  const current = readlinkSync(join(DIST, CURRENT));
  // Another build may remove one meanwhile.
  const ageOf = (/** @type {string} */ name) =>
    Date.now() - (statSync(join(DIST, name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  const others = readdirSync(DIST)
    .filter((name) => name.startsWith(BUILD) && name !== current)
    .map((name) => ({ name, ageMs: ageOf(name), isComplete: existsSync(join(DIST, name, STAMP)) }))
    .toSorted((one, other) => one.ageMs - other.ageMs);
  const old = [
    ...others.filter(({ isComplete }) => isComplete).slice(KEPT - 1),
    ...others.filter(({ isComplete, ageMs }) => !isComplete && ageMs > ABANDONED_MS),
  ];
  for (const { name } of old) rmSync(join(DIST, name), { recursive: true, force: true });
}
