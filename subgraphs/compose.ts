/**
 * `npm run compose` prints every subgraph's schema, composes them, and writes what has changed into `schema/`.
 * `npm run compose -- --check` writes nothing and exits 1 where a committed file is not what the code says.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { composeFiles, staleFiles } from "../schema/compose.ts";
import { readRover } from "../schema/rover.ts";
import { projectRoot, variables } from "./platform/environment.ts";
import { subgraphs } from "./registry.ts";

/** Throws an Error where rover.yaml names a subgraph that has no row in the registry. */
export async function printRegistered(name: string): Promise<string> {
  const row = subgraphs.find((candidate) => candidate.name === name);
  if (!row) throw new Error(`Cannot compose: rover.yaml names the subgraph ${name}, but there is none`);
  return row.print();
}

async function main(): Promise<void> {
  const root = projectRoot();
  const files = await composeFiles(readRover(join(root, "rover.yaml"), variables), printRegistered);
  const stale = await staleFiles(root, files);
  if (process.argv.includes("--check")) {
    if (stale.length === 0) return;
    process.stderr.write(`Stale: ${stale.join(", ")}. Run: npm run compose\n`);
    process.exitCode = 1;
    return;
  }
  await Promise.all(stale.map((name) => writeFile(join(root, name), files.get(name) ?? "")));
  process.stdout.write(stale.length === 0 ? "Up to date\n" : `Written: ${stale.join(", ")}\n`);
}

if (import.meta.main) await main();
