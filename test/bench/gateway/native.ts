/**
 * Which gateway that is no JavaScript is measured beside Decibel, and how does it get here?
 *
 * Hive Router, built by cargo from its crate with the settings of its own release, into a folder that git ignores.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { homedir } from "node:os";
import { promisify } from "node:util";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";

const VERSION = "0.3.10";
const root = join(projectRoot(), "test/bench/gateway/native");
const file = join(root, "bin/hive_router");
const target = join(root, "target");
/** Some compilers are too old for it, and say so at once. */
const TOOLCHAINS = [[], ["+nightly"]] as const;
const RELEASE = { CARGO_PROFILE_RELEASE_LTO: "fat", CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "1" };
const MAX_OUTPUT = 16 * 1024 * 1024;

export type Native = { readonly file: string } | { readonly absent: string };

export function findHiveRouter(): Native {
  return existsSync(file) ? { file } : { absent: "it is not built: add --install" };
}

/** It takes a quarter of an hour and prints what it does; does nothing where it was done. */
export async function buildHiveRouter(): Promise<Native> {
  let absent = "";
  for (const toolchain of TOOLCHAINS) {
    if (existsSync(file)) break;
    try {
      await cargoInstall(toolchain);
    } catch (error) {
      absent ||= reasonOf(error as Error & { readonly stderr?: string });
    }
  }
  return existsSync(file) ? { file } : { absent };
}

async function cargoInstall(toolchain: readonly string[]): Promise<void> {
  // Its own page for browsers would need more packages; this one is a part of the crate.
  const what = ["hive-router", "--version", VERSION, "--locked", "--features", "graphiql", "--bin", "hive_router"];
  const where = ["--root", root, "--target-dir", target, "--jobs", "2"];
  const { PATH = "" } = process.env;
  const env = { ...process.env, ...RELEASE, PATH: [join(homedir(), ".cargo/bin"), PATH].join(delimiter) };
  const running = promisify(execFile)("cargo", [...toolchain, "install", ...what, ...where], {
    env,
    maxBuffer: MAX_OUTPUT,
  });
  running.child.stderr?.pipe(process.stderr);
  await running;
  // Gigabytes that only another build would read.
  await rm(target, { recursive: true });
}

function reasonOf({ stderr, message }: Error & { readonly stderr?: string }): string {
  const lines = (stderr ?? "").split("\n");
  const from = lines.findIndex((line) => line.startsWith("error"));
  return from < 0 ? message : lines.slice(from).join(" ").replaceAll(/\s+/g, " ").trim();
}
