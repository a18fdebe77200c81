/**
 * How do many rows get into empty tables?
 *
 * By COPY, in chunks, and without the tables' indexes, which are made anew from the complete tables: a row that comes into
 * an index by itself costs several times as much. Nobody sees a table without its indexes, since all is one transaction.
 */
import { getTableColumns } from "drizzle-orm";
import { toSnakeCase } from "drizzle-orm/casing";
import { getTableConfig } from "drizzle-orm/pg-core";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";

/** A transaction that rows are loaded in. */
export interface Loading {
  /** One statement without parameters. */
  execute(statement: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** `into` is a table with its columns; `text` has COPY's text format. */
  copy(into: string, text: string): Promise<void>;
}

/** The rows that an item has in a table. */
export interface Target<Item> {
  readonly table: PgTable;
  readonly rowsOf: (item: Item) => readonly Row[];
}
type Row = Readonly<Record<string, unknown>>;

/** The items that are made rows at once. */
const ITEMS = 2500;

export function into<Item, Table extends PgTable>(
  table: Table,
  rowsOf: (item: Item) => readonly Table["$inferInsert"][],
): Target<Item> {
  return { table, rowsOf };
}

/** The items are taken one after the other, and none is kept. */
export async function load<Item>(
  loading: Loading,
  items: Iterable<Item>,
  targets: readonly Target<Item>[],
): Promise<void> {
  const writers = targets.map(createWriter);
  let indexes: readonly string[] | undefined;
  for (const chunk of chunksOf(items)) {
    indexes ??= await dropIndexes(loading, targets);
    for (const { into: columns, textOf } of writers) {
      const text = textOf(chunk);
      if (text !== "") await loading.copy(columns, text);
    }
  }
  if (!indexes) return;
  for (const statement of indexes) await loading.execute(statement);
  // The planner knows nothing of a table that is new, and an embedded database has no process that would find out.
  for (const { table } of targets) await loading.execute(`analyze ${nameOf(table)}`);
}

/** Its schema and name, as SQL. */
export function nameOf(table: PgTable): string {
  const { schema, name } = getTableConfig(table);
  return `${quoted(schema ?? "public")}.${quoted(name)}`;
}

/** Gives the statements that make them again. */
async function dropIndexes(
  loading: Loading,
  tables: readonly { readonly table: PgTable }[],
): Promise<readonly string[]> {
  const names = tables.map(({ table }) => `'${nameOf(table)}'::regclass`);
  const rows = await loading.execute(`
    select
      case when conname is null then format('drop index %s', indexrelid::regclass)
        else format('alter table %s drop constraint %I', indrelid::regclass, conname) end as drop,
      case when conname is null then pg_get_indexdef(indexrelid)
        else format('alter table %s add constraint %I %s', indrelid::regclass, conname,
          pg_get_constraintdef(pg_constraint.oid)) end as make
    from pg_index left join pg_constraint on conindid = indexrelid and conrelid = indrelid
    where indrelid in (${names.join(", ")})
    order by indexrelid`);
  for (const { drop } of rows) await loading.execute(String(drop));
  return rows.map(({ make }) => String(make));
}

function createWriter<Item>({ table, rowsOf }: Target<Item>): {
  readonly into: string;
  readonly textOf: (items: readonly Item[]) => string;
} {
  // A column with a default, such as a serial number, gets it.
  const columns = Object.entries(getTableColumns<PgTable>(table)).filter(([, column]) => !column.hasDefault);
  return {
    into: `${nameOf(table)} (${columns.map(([name]) => quoted(toSnakeCase(name))).join(", ")})`,
    textOf: (items) => items.flatMap(rowsOf).map(lineOf).join(""),
  };

  function lineOf(row: Row): string {
    return `${columns.map(([name, column]) => fieldOf(column, row[name])).join("\t")}\n`;
  }
}

/** In COPY's text format, where `\N` is null. */
function fieldOf(column: PgColumn, value: unknown): string {
  if (value === null || value === undefined) return String.raw`\N`;
  if (typeof value === "number") return String(value);
  const text = String(column.mapToDriverValue(value));
  return /[\\\t\n\r]/.test(text)
    ? text.replaceAll(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character)
    : text;
}
const ESCAPES: Readonly<Record<string, string>> = {
  "\\": String.raw`\\`,
  "\t": String.raw`\t`,
  "\n": String.raw`\n`,
  "\r": String.raw`\r`,
};

function* chunksOf<Item>(items: Iterable<Item>): Generator<readonly Item[]> {
  let chunk: Item[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < ITEMS) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
