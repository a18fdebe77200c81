/** How is a program of the bench run, and what does it use of the machine? */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";

export interface Program {
  /** The first line that it prints, or the URL that it answers. */
  readonly line: string;
  usage(): Promise<Usage>;
  /** What it answers to a message; only programs of this bench do. */
  tell(message: string): Promise<string>;
  stop(): Promise<void>;
}

/** Of a program and the processes that it started. */
export interface Usage {
  readonly cpuSeconds: number;
  /** What it has now, in MB. */
  readonly memory: number;
  /** The most that it has had, in MB. */
  readonly peakMemory: number;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Besides those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** For a program that prints nothing: it has started when this URL answers. */
  readonly readyUrl?: string;
  /** Run on this core alone; needs `taskset`. */
  readonly core?: number | undefined;
}

/** Linux counts CPU time in these parts of a second. */
const TICKS = 100;
const START_MS = 30_000;

/** Rejects if it ends before it has started. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Program> {
  const { cwd, environment, readyUrl, core } = options;
  const [file, ...rest] = core === undefined ? [command, ...args] : ["taskset", "-c", String(core), command, ...args];
  const child = spawn(file, rest, {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    env: { ...process.env, ...environment },
    ...(cwd !== undefined && { cwd }),
  });
  const ended = once(child, "exit");
  const failed = ended.then(([code]): never => {
    throw new Error(`${args[0] ?? command} ended with ${String(code)}`);
  });
  // Once it has started, its end is no failure.
  failed.catch(() => undefined);
  const line = await Promise.race([readyUrl === undefined ? firstLine(child) : answering(readyUrl), failed]);
  return {
    line,
    async usage() {
      const all = await Promise.all((await withChildren(child.pid ?? 0)).map(usageOf));
      const sum = (field: keyof Usage): number => all.reduce((total, usage) => total + usage[field], 0);
      return { cpuSeconds: sum("cpuSeconds"), memory: sum("memory"), peakMemory: sum("peakMemory") };
    },
    async tell(message) {
      const answer = once(child, "message");
      child.send(message);
      const [text] = (await Promise.race([answer, failed])) as [string];
      return text;
    },
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
  });
}

async function answering(url: string): Promise<string> {
  const body = JSON.stringify({ query: "{ __typename }" });
  const headers = { "content-type": "application/json" };
  for (const end = performance.now() + START_MS; performance.now() < end; await sleep(50)) {
    const answer = await request(url, { method: "POST", headers, body }).catch(() => undefined);
    await answer?.body.dump();
    if (answer?.statusCode === 200) return url;
  }
  throw new Error(`${url} did not answer within ${START_MS} ms`);
}

/** A process and those that it started, and so on. */
async function withChildren(pid: number): Promise<readonly number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const pids = children.split(" ").filter(Boolean).map(Number);
  return [pid, ...(await Promise.all(pids.map(withChildren))).flat()];
}

async function usageOf(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile(`/proc/${pid}/status`, "utf8"),
  ]);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const megabytes = (name: string): number =>
    Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? "0") / 1024;
  const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / TICKS;
  return { cpuSeconds, memory: megabytes("VmRSS"), peakMemory: megabytes("VmHWM") };
}
