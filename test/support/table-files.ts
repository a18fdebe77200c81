/** The files of the tables, changed as the business would, and deployed to the sandbox as an operator would. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import type { TestDecibel } from "./decibel.ts";

/** `cell` gives the text of an output or of the expression of an input; undefined leaves it. */
export type ChangeCell = (name: string, text: string, rule: number) => string | undefined;

/** The text of a file, with other cells. `path` is below `subgraphs`: `locations/location_playback.otdt`. */
export function changedTable(path: string, change: ChangeCell): string {
  const file: OtdtFile = JSON.parse(readFileSync(join(projectRoot(), "subgraphs", path), "utf8"));
  const { rules, inputExpressions, outputExpressions } = file.data;
  const columns = [
    ...inputExpressions.map(({ id, variableId }) => [`${id}_expression`, variableId] as const),
    ...outputExpressions.map(({ id, variableId }) => [id, variableId] as const),
  ];
  for (const [index, rule] of rules.entries())
    for (const [column, name] of columns) {
      const text = rule[column];
      if (text !== undefined) rule[column] = change(name, text, index + 1) ?? text;
    }
  return JSON.stringify(file);
}

/** Deploys the file, which the service then runs as its next version, and has the graph notice. */
export async function deploy(graph: Pick<TestDecibel, "decibel" | "sandbox">, file: string): Promise<void> {
  const response = await fetch(`${graph.sandbox("opentext").origin}/sandbox/tables`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: file,
  });
  if (!response.ok) throw new Error(`The sandbox answered ${response.status}: ${await response.text()}`);
  await graph.decibel.pipeline.versions.refresh();
}

interface Column {
  readonly id: string;
  readonly variableId: string;
}
interface OtdtFile {
  readonly data: {
    readonly rules: Record<string, string>[];
    readonly inputExpressions: readonly Column[];
    readonly outputExpressions: readonly Column[];
  };
}
