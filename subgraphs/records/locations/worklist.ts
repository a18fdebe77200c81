/** How is the worklist of locations read and written? A page is one query by an index, and its total one row. */
import { and, eq, getTableColumns, lte, not, sql } from "drizzle-orm";
import { toSnakeCase } from "drizzle-orm/casing";
import { accountId } from "../../../schema/id.ts";
import type { Place } from "../../../schema/worklist.ts";
import type { Tx } from "../database/database.ts";
import { isAnyOf } from "../database/is-any-of.ts";
import { storableText } from "../database/texts.ts";
import { worklist, worklistCounts } from "./tables.ts";
import type { LocationWorklistRecords, WorklistLocation } from "./types.ts";

const PLACE = sql`(${worklist.priority}, ${worklist.endsAt}, ${worklist.locationId})`;
const ORDER = [worklist.priority, worklist.endsAt, worklist.locationId];

export function locationWorklistRecords(db: Tx): LocationWorklistRecords {
  return {
    async items(limit, after, accountIds) {
      const isAfter = after && sql`${PLACE} > ${placeOf(after)}`;
      const rows = await db
        .select()
        .from(worklist)
        .where(and(isListed(accountIds), isAfter))
        .orderBy(...ORDER)
        .limit(limit);
      return rows.map((row) => ({
        position: { priority: row.priority, time: row.endsAt, id: row.locationId },
        node: row,
      }));
    },
    async hasUpTo(place, accountIds) {
      const isUpTo = and(isListed(accountIds), sql`${PLACE} <= ${placeOf(place)}`);
      const found = await db.select({ id: worklist.locationId }).from(worklist).where(isUpTo).limit(1);
      return found.length > 0;
    },
    async count(accountIds) {
      if (accountIds !== undefined) return db.$count(worklist, isListed(accountIds));
      const [counts] = await db.select().from(worklistCounts);
      return counts?.listed ?? 0;
    },
    async accountsOf(ids) {
      const { locationId, accountId: own } = worklist;
      const rows = await db.select({ locationId, own }).from(worklist).where(isAnyOf(locationId, ids));
      const byId = new Map(rows.map((row) => [row.locationId, accountId.encode(row.own)]));
      return ids.map((id) => byId.get(id));
    },
    ofAccounts: (ids) => db.select().from(worklist).where(isAnyOf(worklist.accountId, ids)),
    byIds: (ids) => db.select().from(worklist).where(isAnyOf(worklist.locationId, ids)),
    due: (at, limit) => db.select().from(worklist).where(lte(worklist.dueAt, at)).orderBy(worklist.dueAt).limit(limit),
    put: (locations) => put(db, locations),
    async remove(ids) {
      if (ids.length > 0) await db.delete(worklist).where(isAnyOf(worklist.locationId, ids));
    },
    async removeOtherAccounts(ids) {
      await db.delete(worklist).where(not(isAnyOf(worklist.accountId, ids)));
    },
  };
}

function isListed(accountIds: readonly string[] | undefined) {
  return and(worklist.isListed, accountIds && isAnyOf(worklist.accountId, accountIds));
}

/** Call it in the transaction that changes what a location is decided by. */
export async function noteChange(tx: Tx, locationId: string, at: Date): Promise<void> {
  await tx
    .update(worklist)
    .set({ dueAt: at, revision: sql`${worklist.revision} + 1` })
    .where(eq(worklist.locationId, locationId));
}

const COLUMNS = Object.keys(getTableColumns(worklist)).map(toSnakeCase);
const NAMES = sql.join(
  COLUMNS.map((name) => sql.identifier(name)),
  sql`, `,
);
const NEW_VALUES = sql.join(
  COLUMNS.map((name) => sql`${sql.identifier(name)} = excluded.${sql.identifier(name)}`),
  sql`, `,
);

/** In the order of their ids: two processes that write the same ones do not block each other. */
async function put(db: Tx, locations: readonly WorklistLocation[]): Promise<ReadonlySet<string>> {
  if (locations.length === 0) return new Set();
  const rows = locations
    .toSorted((left, right) => (left.locationId < right.locationId ? -1 : 1))
    .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [toSnakeCase(name), stored(value)])));
  const written = await db.execute<{ id: string }>(sql`insert into ${worklist} as kept (${NAMES})
    select ${NAMES} from json_populate_recordset(null::${worklist}, ${JSON.stringify(rows)}::json)
    on conflict (location_id) do update set ${NEW_VALUES} where kept.revision = excluded.revision
    returning location_id as id`);
  return new Set(written.rows.map(({ id }) => id));
}

function stored(value: unknown): unknown {
  return typeof value === "string" ? storableText(value) : value;
}

function placeOf({ priority, time, id }: Place) {
  return sql`(${priority}::float8, ${time}::float8, ${id}::text collate "C")`;
}
