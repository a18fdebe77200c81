/** What does a table's file say, and of which model is it? */
import { readFile } from "node:fs/promises";
import { loadTable } from "../table/load.ts";

export interface TableFile {
  readonly key: string;
  readonly text: string;
}

/** Throws a TableError. */
export async function tableFile(path: string): Promise<TableFile> {
  const { key } = await loadTable(path);
  return { key, text: await readFile(path, "utf8") };
}
