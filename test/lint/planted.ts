/** What does oxlint report in a project that has this one's configuration and other files? */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectRoot } from "../../subgraphs/platform/environment.ts";

export interface Found {
  readonly filename: string;
  readonly code: string;
  readonly message: string;
}

const root = projectRoot();
const CONFIGURATION = [".oxlintrc.json", "tsconfig.json", ...["direction", "specifiers", "rooms"].map(pluginFile)];

/** Paths below the root, and their texts. */
export async function lintPlanted(files: ReadonlyMap<string, string>): Promise<readonly Found[]> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "decibel-lint-")));
  try {
    for (const name of CONFIGURATION) await cp(join(root, name), join(folder, name), { recursive: true });
    for (const [path, text] of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    return await lint(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function lint(cwd: string): Promise<readonly Found[]> {
  const oxlint = join(root, "node_modules/oxlint/bin/oxlint");
  const output = await new Promise<string>((resolve) => {
    const options = { cwd, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [oxlint, "--format", "json"], options, (_error, stdout) => resolve(stdout));
  });
  return (JSON.parse(output) as { readonly diagnostics: readonly Found[] }).diagnostics;
}

function pluginFile(name: string): string {
  return `test/lint/${name}.ts`;
}
