/** How is a process killed at any moment and started again, while others go on asking it? */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../../subgraphs/platform/environment.ts";

export interface Victim {
  /** Of its gateway; while it is down, of the next one. */
  url(): Promise<string>;
  /** SIGKILL, and at once a new one in its place. */
  kill(): void;
  readonly kills: number;
  /** What it wrote to standard error. */
  readonly said: readonly string[];
  /** Ends the last one properly. */
  stop(): Promise<void>;
}

const STOP_MS = 15_000;

export function createVictim(variables: Readonly<Record<string, string>>): Victim {
  const said: string[] = [];
  let kills = 0;
  let isOver = false;
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
    said,
    async stop() {
      if (isOver) return;
      isOver = true;
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
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    const url = new Promise<string>((resolve, reject) => {
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (text.endsWith("\n")) resolve(text.trim());
      });
      child.once("exit", (code) => {
        if (code !== null && !isOver)
          reject(new Error(`it ended by itself with ${code}: ${said.join("").slice(-2000)}`));
      });
    });
    // Whoever needs it asks for it.
    url.catch(() => {});
    return { child, url };
  }
}
