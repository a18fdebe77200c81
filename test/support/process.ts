/** How does a test run the built process? As an operator does, with only its own ports in its environment. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import type { Variables } from "../../subgraphs/platform/environment.ts";
import { ANY_PORTS } from "./decibel.ts";

export interface Run {
  readonly child: ChildProcess;
  /** The whole banner. Rejects if the process ends before it. */
  readonly banner: Promise<string>;
  readonly ended: Promise<Ended>;
  /** Kills the process if it still runs. */
  readonly kill: () => Promise<unknown>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `dist` of the project at `root`, in a folder outside the project. `stdout` is a file instead of the test. */
export function runMain(variables: Variables, root: string = projectRoot(), stdout?: number): Run {
  const node = join(root, "node_modules/.bin/node");
  return run(node, [join(root, "dist/subgraphs/main.js")], {
    cwd: tmpdir(),
    env: { ...ANY_PORTS, ...variables },
    stdout,
  });
}

/** Runs it as the README says: by npm, which starts a shell, which starts node. */
export function npmStart(variables: Variables): Run {
  const { PATH } = process.env;
  return run("npm", ["start", "--silent"], { cwd: projectRoot(), env: { PATH, ...ANY_PORTS, ...variables } });
}

/** Runs a command in another folder that has the project. */
export function runIn(folder: string, command: string, args: readonly string[], variables: Variables): Run {
  const { PATH } = process.env;
  return run(command, args, { cwd: folder, env: { PATH, ...ANY_PORTS, ...variables } });
}

function run(
  command: string,
  given: readonly string[],
  { stdout, ...options }: { readonly cwd: string; readonly env: Variables; readonly stdout?: number | undefined },
): Run {
  const child = spawn(command, given, { ...options, stdio: ["ignore", stdout ?? "pipe", "pipe"] });
  const read = (from: Readable | null): Promise<string> => (from ? text(from) : Promise.resolve(""));
  const ended = Promise.all([read(child.stdout), read(child.stderr), once(child, "close")]).then(
    ([stdout, stderr, [code, signal]]): Ended => ({ code, signal, stdout, stderr }),
  );
  const up = new Promise<string>((resolve) => {
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.endsWith("\n\n")) resolve(output);
    });
  });
  const early = ended.then(({ code, stderr }) => Promise.reject(new Error(`it ended with ${code}: ${stderr}`)));
  const banner = Promise.race([up, early]);
  // A test of how it ends does not wait for the banner.
  banner.catch(() => {});
  const kill = (): Promise<unknown> => {
    child.kill("SIGKILL");
    return ended;
  };
  return { child, banner, ended, kill };
}

/** Name → URL, as the banner lists them. */
export function partsOf(banner: string): ReadonlyMap<string, string> {
  return new Map(
    Array.from(banner.matchAll(/^ {2}(\S.*?) {2,}(http:\S+)$/gm), ([, name = "", url = ""]) => [name, url]),
  );
}
