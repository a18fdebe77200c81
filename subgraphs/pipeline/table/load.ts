/** Which tables are in a folder? All of its `.otdt` files, or an error that names every problem of every file. */
import { isUtf8 } from "node:buffer";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { compile, type CompiledTable } from "./compile.ts";
import { readTable } from "./otdt.ts";
import { show, TableError } from "./problem.ts";
import type { Table } from "./table.ts";

/** A table of a file, with the text of that. */
export interface LoadedTable extends CompiledTable {
  readonly source: string;
  /** The text of the cases beside it; undefined where there are none. */
  readonly cases?: string | undefined;
}

/** Reads `*.otdt` in the folder itself, in the order of their names. Throws a TableError. */
export async function loadTables(folder: string): Promise<readonly LoadedTable[]> {
  const problems: string[] = [];
  const tables = new Map<string, Pick<LoadedTable, "table" | "source" | "cases">>();
  for (const file of await filesIn(folder)) {
    try {
      const source = await textOf(folder, file);
      const table = readTable(source, file);
      const other = tables.get(table.key)?.table;
      if (other === undefined) tables.set(table.key, { table, source, cases: await loadCases(join(folder, file)) });
      else
        problems.push(`Cannot read ${file}: key: expected a key of its own, got ${show(table.key)} of ${other.file}`);
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new TableError(problems);
  return Array.from(tables.values(), ({ table, source, cases }) => ({ ...compile(table), source, cases }));
}

/** Reads one file, at any path. Throws a TableError. */
export async function loadTable(path: string): Promise<Table> {
  const file = basename(path);
  return readTable(await textOf(dirname(path), file), file);
}

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(".otdt")).toSorted();
  } catch (error) {
    throw new TableError([`Cannot read ${folder}: ${String(error)}`]);
  }
}

/** Of files beside `<name>.otdt`, one of these: `<name>.cases.csv`. */
export const CASES_ENDINGS = { csv: ".cases.csv", json: ".cases.json" } as const;

export const withoutEnding = (path: string): string => path.replace(/\.otdt$/, "");

/** The text of the cases beside a table, as it is; undefined where there is none. Throws a TableError where there are two. */
export async function loadCases(path: string): Promise<string | undefined> {
  const files = Object.values(CASES_ENDINGS).map((ending) => `${withoutEnding(path)}${ending}`);
  const texts = await Promise.all(files.map(textIfThere));
  const found = texts.filter((text) => text !== undefined);
  if (found.length > 1)
    throw new TableError([`Cannot read ${files.map((file) => basename(file)).join(" and ")}: expected one of them`]);
  return found[0];
}

async function textIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new TableError([`Cannot read ${basename(path)}: ${String(error)}`]);
  }
}

/** Bytes that are not UTF-8 would become characters that equal no fact. */
async function textOf(folder: string, file: string): Promise<string> {
  const bytes = await readFile(join(folder, file)).catch((error: unknown) => {
    throw new TableError([`Cannot read ${file}: ${String(error)}`]);
  });
  if (!isUtf8(bytes)) throw new TableError([`Cannot read ${file}: expected UTF-8, got other bytes`]);
  return new TextDecoder().decode(bytes);
}
