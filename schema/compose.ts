/**
 * What is the one graph that all subgraphs make up?
 *
 * `npm run compose` prints every subgraph's schema from its code, composes them as rover.yaml says, and writes both
 * into this folder, where they are committed: a reviewer reads them, a gateway starts from them without asking anyone.
 * `npm run compose -- --check` writes nothing and exits 1 where a committed file is not what the code says.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { composeServices, compositionHasErrors } from "@theguild/federation-composition";
import { parse } from "graphql";
import { projectRoot, variables } from "../subgraphs/platform/environment.ts";
import { definitions } from "../subgraphs/registry.ts";
import { printSubgraph } from "../subgraphs/server/subgraph.ts";
import { SUPERGRAPH, readRover } from "./rover.ts";
import type { Federation } from "./rover.ts";

/** File name, below the project's root, → what should be in it. Throws an Error that lists every composition error. */
export async function composeFiles(federation: Federation): Promise<ReadonlyMap<string, string>> {
  const printed = await Promise.all(federation.subgraphs.map((subgraph) => printedSchema(subgraph.name)));
  const files = new Map(federation.subgraphs.map(({ file }, index) => [file, printed[index] ?? ""]));
  return files.set(SUPERGRAPH, compose(federation, files));
}

/** Composes the schemas into supergraph SDL. */
export function compose(federation: Federation, files: ReadonlyMap<string, string>): string {
  const result = composeServices(
    federation.subgraphs.map(({ name, routingUrl, file }) => ({
      name,
      url: routingUrl,
      typeDefs: parse(files.get(file) ?? ""),
    })),
  );
  if (compositionHasErrors(result)) {
    throw new Error(`Cannot compose the supergraph:\n  ${result.errors.map(({ message }) => message).join("\n  ")}`);
  }
  return `${result.supergraphSdl.trim()}\n`;
}

/** The committed files that are not what the code says now. */
export async function staleFiles(root: string, files: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const names = [...files.keys()];
  const current = await Promise.all(names.map((name) => readFile(join(root, name), "utf8").catch(() => undefined)));
  return names.filter((name, index) => current[index] !== files.get(name));
}

async function printedSchema(name: string): Promise<string> {
  const definition = definitions.find((candidate) => candidate.name === name);
  if (!definition) throw new Error(`Cannot compose: rover.yaml names the subgraph ${name}, but there is none`);
  return printSubgraph(definition);
}

async function main(): Promise<void> {
  const root = projectRoot();
  const files = await composeFiles(readRover(join(root, "rover.yaml"), variables));
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
