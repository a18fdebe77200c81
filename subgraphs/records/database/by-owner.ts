/**
 * How is one query enough for the lists of many owners?
 *
 * A window function numbers each owner's rows, newest first, and the query takes those up to the limit. The price: all of
 * an owner's rows after the position are numbered, which is fast for hundreds and slow for many thousands.
 */
import { and, count, eq, getTableColumns, lt, lte, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { ByOwner, ListPosition } from "../../platform/lists.ts";
import { isAnyOf } from "./is-any-of.ts";
import type { Tx } from "./database.ts";
import { storableText } from "./texts.ts";

export interface OwnedTable<Table extends PgTable, Item> {
  readonly id: PgColumn;
  readonly owner: PgColumn;
  /** Rows are ordered by it, newest first. */
  readonly time: PgColumn;
  readonly item: (row: Table["$inferSelect"]) => Item;
}

export function recordsByOwner<Table extends PgTable, Item>(
  db: Tx,
  table: Table,
  { id, owner, time, item }: OwnedTable<Table, Item>,
): ByOwner<Item> {
  const from: PgTable = table;
  const columns: Readonly<Record<string, PgColumn>> = getTableColumns(from);
  const nameOf = (column: PgColumn): string =>
    Object.entries(columns).find(([, each]) => each === column)?.[0] ?? column.name;
  const [idName, ownerName] = [nameOf(id), nameOf(owner)];

  return {
    async byIds(ids) {
      const rows = await select(isAnyOf(id, ids), ids.length);
      const byId = new Map(rows.map((row) => [row[idName], row]));
      return ids.map((each) => byId.get(each)).map((row) => row && item(row));
    },
    async lists(owners, { limit, after }) {
      const rows = await select(and(isAnyOf(owner, owners), isAfter(after)), owners.length, limit);
      const byOwner = Map.groupBy(rows, (row) => row[ownerName]);
      return owners.map((each) => (byOwner.get(each) ?? []).map(item));
    },
    async counts(owners) {
      if (owners.length === 0) return [];
      const counts = db.select({ owner, count: count() }).from(from);
      const rows = await counts.where(isAnyOf(owner, owners)).groupBy(owner);
      const byOwner = new Map<unknown, number>(rows.map((row) => [row.owner, row.count]));
      return owners.map((each) => byOwner.get(each) ?? 0);
    },
  };

  type Row = Readonly<Record<string, unknown>>;

  async function select(where: SQL | undefined, keys: number, limit?: number): Promise<readonly Row[]> {
    if (keys === 0) return [];
    const index = sql<number>`row_number() over (partition by ${owner} order by ${time} desc, ${id} desc)`.as("index");
    const numbered = db
      .select({ ...columns, index })
      .from(from)
      .where(where)
      .as("numbered");
    const isWithin = limit === undefined ? undefined : lte(numbered.index, limit);
    return db.select().from(numbered).where(isWithin).orderBy(numbered.index);
  }

  function isAfter(after: ListPosition | undefined): SQL | undefined {
    return after && or(lt(time, after.at), and(eq(time, after.at), lt(id, storableText(after.id))));
  }
}
