/** Which table has this key? */
import type { CompiledTable } from "../../subgraphs/pipeline/table/compile.ts";

/** Throws a RangeError if there is none. */
export function tableNamed(tables: readonly CompiledTable[], key: string): CompiledTable {
  const found = tables.find(({ table }) => table.key === key);
  if (!found) throw new RangeError(`no table is called ${key}`);
  return found;
}
