/** How does a test compile a small table, and read the rows of an evaluation? */
import { compile } from "../../subgraphs/pipeline/table/compile.ts";
import type { Evaluation } from "../../subgraphs/pipeline/table/hit-policy.ts";
import { readTable } from "../../subgraphs/pipeline/table/otdt.ts";
import { otdt, type Sketch } from "../tables/sketch.ts";

export function compileSketch(sketch: Sketch) {
  return compile(readTable(otdt(sketch), "sketch.otdt"));
}

export function rowsOf(evaluation: Evaluation) {
  if ("failed" in evaluation) throw new Error(evaluation.failed);
  return evaluation.rows;
}

/** A table of which rule n matches if n is among the hits. */
export function policy(hitIndicator: unknown, outputs: Sketch["outputs"], rows: readonly string[][], data = {}) {
  const table = compileSketch({
    inputs: [["hits", "collection"]],
    ...(outputs ? { outputs } : {}),
    rules: rows.map((gives, index) => ({ when: [["ANY OF", `"${index + 1}"`]], gives })),
    data: { hitIndicator, ...data },
  });
  return (...hits: number[]) => table.evaluate({ hits: hits.map(String) });
}

export function data(changes: Record<string, unknown>): Sketch {
  return { data: changes };
}
