/**
 * How is a list below each of many owners one query?
 *
 * Each owner's rows are numbered, the newest first, and those of the part are taken. The price: what an owner has behind
 * the position is numbered whole, which hundreds are and thousands are not.
 */
import { and, count, eq, getTableColumns, lt, lte, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { ByOwner, ListPosition } from "../../platform/lists.ts";
import { isAnyOf } from "./is-any-of.ts";
import type { Tx } from "./database.ts";
import { storableText } from "./texts.ts";

export interface Listed<Table extends PgTable, Item> {
  readonly id: PgColumn;
  readonly owner: PgColumn;
  /** The newest come first. */
  readonly time: PgColumn;
  readonly item: (row: Table["$inferSelect"]) => Item;
}

export function recordsByOwner<Table extends PgTable, Item>(
  db: Tx,
  table: Table,
  { id, owner, time, item }: Listed<Table, Item>,
): ByOwner<Item> {
  const from: PgTable = table;
  const columns: Readonly<Record<string, PgColumn>> = getTableColumns(from);
  const nameOf = (column: PgColumn): string =>
    Object.entries(columns).find(([, known]) => known === column)?.[0] ?? column.name;
  const [idName, ownerName] = [nameOf(id), nameOf(owner)];

  return {
    async byIds(ids) {
      const found = await select(isAnyOf(id, ids), ids.length);
      const byId = new Map(found.map((row) => [row[idName], row]));
      return ids.map((one) => byId.get(one)).map((row) => row && item(row));
    },
    async lists(owners, { limit, after }) {
      const found = await select(and(isAnyOf(owner, owners), behind(after)), owners.length, limit);
      const byOwner = Map.groupBy(found, (row) => row[ownerName]);
      return owners.map((one) => (byOwner.get(one) ?? []).map(item));
    },
    async counts(owners) {
      if (owners.length === 0) return [];
      const asked = db.select({ owner, count: count() }).from(from);
      const found = await asked.where(isAnyOf(owner, owners)).groupBy(owner);
      const byOwner = new Map<unknown, number>(found.map((row) => [row.owner, row.count]));
      return owners.map((one) => byOwner.get(one) ?? 0);
    },
  };

  type Found = Readonly<Record<string, unknown>>;

  async function select(where: SQL | undefined, wanted: number, limit?: number): Promise<readonly Found[]> {
    if (wanted === 0) return [];
    const place = sql<number>`row_number() over (partition by ${owner} order by ${time} desc, ${id} desc)`.as("place");
    const numbered = db
      .select({ ...columns, place })
      .from(from)
      .where(where)
      .as("numbered");
    const part = limit === undefined ? undefined : lte(numbered.place, limit);
    return db.select().from(numbered).where(part).orderBy(numbered.place);
  }

  function behind(after: ListPosition | undefined): SQL | undefined {
    return after && or(lt(time, after.at), and(eq(time, after.at), lt(id, storableText(after.id))));
  }
}
