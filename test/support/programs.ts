/**
 * How does a test start a server of its own, such as PostgreSQL, PgBouncer or Redis?
 *
 * From Debian's packages, on a free port, with its files in a temporary folder, as another user where this one is root. A
 * test that needs a program which is missing is skipped, loudly; in CI that is an error.
 */
import { execFile, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { once } from "node:events";

// oxlint-disable-next-line node/no-process-env -- the machine says where its programs are
const { PATH = "", CI } = process.env;
const START_MS = 30_000;
/** Debian makes it, for a server that refuses to run as root. */
const USER = "postgres";

export interface Program {
  readonly pid: number;
  /** Everything that it has written. */
  output(): string;
  /** Ends it at once, whatever it does. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** False if one is missing. */
export function hasPrograms(tests: string, commands: readonly (string | undefined)[]): boolean {
  if (commands.every((command) => command !== undefined)) return true;
  const message = `the tests of ${tests}, because a program of them is not installed (see .ci/run)`;
  if (CI) throw new Error(`Cannot run ${message}`);
  // oxlint-disable-next-line no-console -- a skipped suite must be visible
  console.warn(`SKIPPED: ${message}`);
  return false;
}

/** Its path; undefined if it is not installed. */
export function programNamed(name: string): string | undefined {
  const versions = "/usr/lib/postgresql";
  const newest = existsSync(versions) ? readdirSync(versions).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [...PATH.split(delimiter), "/usr/sbin", ...newest.map((version) => join(versions, version, "bin"))];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Resolves when its output matches `ready`. */
export async function startProgram(path: string, args: readonly string[], ready: RegExp): Promise<Program> {
  const [command = path, ...rest] = asUser([path, ...args]);
  const child = spawn(command, rest, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const ended = once(child, "close");
  const up = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
        if (ready.test(output)) resolve();
      });
    }
  });
  const failed = ended.then(() => Promise.reject(new Error(`${path} ended: ${output}`)));
  failed.catch(() => {});
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${path} is not up: ${output}`)), START_MS);
  await Promise.race([up, failed, late.promise]).finally(() => clearTimeout(timer));
  return {
    pid: child.pid ?? 0,
    output: () => output,
    stop: async (signal = "SIGKILL") => {
      child.kill(signal);
      await ended;
    },
  };
}

export async function runProgram(path: string, args: readonly string[]): Promise<void> {
  const [command = path, ...rest] = asUser([path, ...args]);
  await promisify(execFile)(command, rest);
}

export interface Folder {
  readonly path: string;
  remove(): Promise<void>;
}

/** That the program can write to. */
export async function temporaryFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "decibel-program-"));
  if (isRoot) await chown(path, ...(await ids()));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export const openssl = programNamed("openssl");

/** For names, signed by itself. */
export async function makeCertificate(
  folder: string,
  names: readonly string[] = ["localhost"],
): Promise<{ readonly certificate: string; readonly key: string }> {
  const [certificate, key] = [join(folder, "server.crt"), join(folder, "server.key")];
  const subject = [
    "-subj",
    `/CN=${names[0]}`,
    "-addext",
    `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`,
  ];
  const made = ["-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "2"];
  await runProgram(openssl ?? "", ["req", "-x509", ...made, ...subject, "-keyout", key, "-out", certificate]);
  return { certificate, key };
}

export const freePort = (): Promise<number> => triedPort(0);

/** One that no outgoing connection takes meanwhile, for a process that listens much later: below those of the kernel. */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = randomInt(...LASTING);
    const isFree = await triedPort(port).catch(() => undefined);
    if (isFree !== undefined) return port;
  }
}

const LASTING = [15_000, 32_000] as const;

async function triedPort(wanted: number): Promise<number> {
  const server = createServer().listen(wanted, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

const isRoot = process.getuid?.() === 0;

function asUser(command: readonly string[]): readonly string[] {
  return isRoot ? ["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups", ...command] : command;
}

async function ids(): Promise<[user: number, group: number]> {
  const [user, group] = await Promise.all(["-u", "-g"].map((flag) => promisify(execFile)("id", [flag, USER])));
  return [Number(user?.stdout), Number(group?.stdout)];
}
