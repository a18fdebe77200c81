/**
 * How are many generated federations checked?
 *
 * In processes of their own: a defect may end the process, and the loop goes on after that federation.
 */
import { spawn } from "node:child_process";
import { execPath } from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Engine } from "../../../../gateway/engine/engine.ts";

export interface Range {
  readonly engine: Engine["name"];
  readonly first: number;
  readonly federations: number;
  /** For each federation. */
  readonly operations: number;
}

export interface Summary {
  readonly differences: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
  /** By federation: why the process that checked it ended. */
  readonly ended: ReadonlyMap<number, string>;
}

/** What one process writes for each federation, as one line of JSON. */
export interface Line {
  readonly seed: number;
  readonly differences: readonly string[];
  readonly counts: readonly (readonly [string, number])[];
}

/** Differences after which no more are looked for. */
const ENOUGH = 20;

/** A federation takes a second or two; some plans never end. */
const SILENCE_MS = 15_000;

export async function checkAll({ engine, first, federations, operations }: Range): Promise<Summary> {
  const counts = new Map<string, number>();
  const differences: string[] = [];
  const ended = new Map<number, string>();
  const program = fileURLToPath(new URL("main.ts", import.meta.url));
  const end = first + federations;
  for (let next = first; next < end && differences.length < ENOUGH; next += 1) {
    const args = [program, engine, next, end - next, operations, "here"].map(String);
    const child = spawn(execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let complaint = "";
    const watch = setTimeout(() => {
      complaint = `Error: nothing for ${SILENCE_MS} ms`;
      child.kill("SIGKILL");
    }, SILENCE_MS);
    child.stderr.on("data", (part: Buffer) => (complaint += String(part)));
    for await (const text of createInterface(child.stdout)) {
      watch.refresh();
      const line = JSON.parse(text) as Line;
      next = line.seed + 1;
      for (const [what, many] of line.counts) counts.set(what, (counts.get(what) ?? 0) + many);
      differences.push(...line.differences);
      if (differences.length >= ENOUGH) child.kill();
    }
    clearTimeout(watch);
    if (next < end && differences.length < ENOUGH) ended.set(next, reasonOf(complaint));
  }
  return { differences, counts, ended };
}

/** The line of a panic or of an error. */
function reasonOf(complaint: string): string {
  return /panicked at .*|\w*Error: .*/.exec(complaint)?.[0] ?? complaint.slice(0, 300);
}
