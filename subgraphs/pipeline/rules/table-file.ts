/** What does a table's file say, and of which model is it? */
import { loadSource } from "../table/load.ts";

export interface TableFile {
  readonly key: string;
  readonly text: string;
}

/** Throws a TableError. */
export async function tableFile(path: string): Promise<TableFile> {
  const { table, source } = await loadSource(path);
  return { key: table.key, text: source };
}
