/** What somebody else may set for all sessions of a database, and what a session of ours makes of it. */
import { sql } from "drizzle-orm";
import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Database, Tx } from "../../subgraphs/records/database/database.ts";
import { mutationKeys } from "../../subgraphs/records/mutations/tables.ts";

/** As SQL. */
export const FOREIGN: readonly (readonly [setting: string, value: string])[] = [
  ["DateStyle", "'German, DMY'"],
  ["TimeZone", "'Asia/Kathmandu'"],
  ["IntervalStyle", "'sql_standard'"],
  ["bytea_output", "'escape'"],
  ["extra_float_digits", "-15"],
  ["search_path", "nowhere"],
  ["default_transaction_isolation", "'serializable'"],
  ["default_transaction_deferrable", "on"],
  ["array_nulls", "off"],
  ["transform_null_equals", "on"],
  ["statement_timeout", "700"],
  ["lock_timeout", "5"],
];

export async function effectiveSettings(tx: Tx): Promise<Readonly<Record<string, unknown>>> {
  const names = [...FOREIGN.map(([name]) => name), "transaction_isolation", "transaction_read_only"];
  const { rows } = await tx.execute<{ readonly name: string; readonly value: string }>(
    sql`select name, current_setting(name) as value from unnest(${sql.param(names)}::text[]) as name`,
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/** By as many transactions at once. Gives how many dates were read as they were written. */
export async function writeDates(database: Database, count: number): Promise<number> {
  const caller = randomUUID();
  const dateOf = (index: number): Date => new Date(Date.UTC(2026, index % 12, 1 + (index % 28), 23, 30));
  const row = { caller, mutation: "m", digest: "d", result: null };
  await Promise.all(
    Array.from({ length: count }, (_none, index) =>
      database.transaction((tx) =>
        tx.insert(mutationKeys).values({ ...row, key: String(index), madeAt: dateOf(index) }),
      ),
    ),
  );
  const rows = await database.db.select().from(mutationKeys).where(eq(mutationKeys.caller, caller));
  return rows.filter(({ key, madeAt }) => madeAt.getTime() === dateOf(Number(key)).getTime()).length;
}
