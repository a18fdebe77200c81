/** How is a program of the bench run, and what does it use of the machine? */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";

export interface Program {
  /** The first line that it prints. */
  readonly line: string;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

export interface Usage {
  readonly cpuSeconds: number;
  /** The most that it has had, in MB. */
  readonly peakMemory: number;
}

/** Linux counts CPU time in these parts of a second. */
const TICKS = 100;

/** Rejects if it ends before it prints a line. */
export async function run(command: string, args: readonly string[], cwd?: string): Promise<Program> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], ...(cwd !== undefined && { cwd }) });
  const ended = once(child, "exit");
  const line = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.once("error", reject);
    void ended.then(([code]) => reject(new Error(`${args[0]} ended with ${String(code)}`)));
  });
  return {
    line,
    async usage() {
      const [stat, status] = await Promise.all([
        readFile(`/proc/${child.pid}/stat`, "utf8"),
        readFile(`/proc/${child.pid}/status`, "utf8"),
      ]);
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const peak = /VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? "0";
      return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS, peakMemory: Number(peak) / 1024 };
    },
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
