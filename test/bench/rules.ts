/** How large are the diagrams of our tables, and what do their checks and differences take? */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { subgraphs } from "../../subgraphs/registry.ts";
import type { RulesFigures, RulesOfTable } from "./rules-of-table.ts";

export async function benchRules(): Promise<readonly (RulesFigures & { readonly table: string })[]> {
  const measured: (RulesFigures & { readonly table: string })[] = [];
  for (const { name, decisions } of subgraphs) {
    for (const { key, constraints, outputs } of decisions) {
      const asked: RulesOfTable = { file: join(projectRoot(), "subgraphs", name, `${key}.otdt`), constraints, outputs };
      const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, JSON.stringify(asked)]);
      measured.push({ table: key, ...(JSON.parse(stdout) as RulesFigures) });
    }
  }
  return measured;
}

/** Built or not. */
const PROGRAM = fileURLToPath(import.meta.url).replace(/rules(\.[jt]s)$/, "rules-of-table$1");
