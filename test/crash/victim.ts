/** How is a process killed and restarted while clients keep sending requests to it? */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../../subgraphs/platform/environment.ts";

export interface Victim {
  /** The URL of its gateway; during a restart, that of the new process. */
  url(): Promise<string>;
  /** Sends SIGKILL and starts a new process at once. */
  kill(): void;
  readonly kills: number;
  /** The output of all processes to standard error. */
  readonly stderr: readonly string[];
  /** Stops the last process with SIGTERM. */
  stop(): Promise<void>;
}

const STOP_MS = 15_000;

export function createVictim(variables: Readonly<Record<string, string>>): Victim {
  const stderr: string[] = [];
  let kills = 0;
  let isStopped = false;
  let running = start();

  return {
    url: () => running.url,
    kill() {
      kills += 1;
      running.child.kill("SIGKILL");
      running = start();
    },
    get kills() {
      return kills;
    },
    stderr,
    async stop() {
      if (isStopped) return;
      isStopped = true;
      const { child } = running;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(late);
    },
  };

  function start(): { readonly child: ChildProcess; readonly url: Promise<string> } {
    const root = projectRoot();
    const child = spawn(join(root, "node_modules/.bin/node"), [join(root, "dist/test/crash/child.js")], {
      cwd: root,
      env: { ...process.env, ...variables },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk.toString()));
    const url = new Promise<string>((resolve, reject) => {
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (text.endsWith("\n")) resolve(text.trim());
      });
      child.once("exit", (code) => {
        if (code !== null && !isStopped)
          reject(new Error(`the process exited by itself with ${code}: ${stderr.join("").slice(-2000)}`));
      });
    });
    // A rejection is handled by the callers of `url`.
    url.catch(() => {});
    return { child, url };
  }
}
