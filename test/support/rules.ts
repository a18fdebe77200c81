/** What changes when other rules are deployed while the graph runs? */
import { compile } from "../../subgraphs/pipeline/table/compile.ts";
import type { Table } from "../../subgraphs/pipeline/table/table.ts";
import type { TestDecibel } from "./decibel.ts";

/** Deploys a new version of a table, whose every rule gives these outputs too, until `work` is done. */
export async function withRules(
  { decibel }: Pick<TestDecibel, "decibel">,
  key: string,
  outputs: object,
  work: () => Promise<void>,
): Promise<void> {
  const { pipeline, sandboxes } = decibel;
  const current = pipeline.models.get(key)?.compiled.table;
  if (!current) throw new RangeError(`no table is called ${key}`);
  const deploy = async (table: Table): Promise<void> => {
    sandboxes.opentext?.deploy(compile(table));
    await pipeline.versions.refresh();
  };
  const rules = current.rules.map((rule) => ({ ...rule, row: { ...rule.row, ...outputs } }));
  await deploy({ ...current, version: current.version + 1, rules });
  try {
    await work();
  } finally {
    await deploy(current);
  }
}
