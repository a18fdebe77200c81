/** How does a record change its status under concurrency? Only from an expected one: the first change wins. */
import { and, eq, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import { overtaken } from "../../../schema/errors.ts";
import type { Tx } from "./database.ts";
import { isAnyOf } from "./is-any-of.ts";

type WithStatus = PgTable & { readonly id: PgColumn; readonly status: PgColumn };

export interface Move {
  /** The record's id. */
  readonly id: string;
  /** The record's id in the graph. */
  readonly subject: string;
  /** The statuses that it may have before. */
  readonly from: readonly string[];
  /** The new values of columns, by property name. */
  readonly to: object;
}

/** Throws CONFLICT if the record has another status than those of `from`. */
export async function moveFrom(tx: Tx, table: WithStatus, { id, subject, from, to }: Move): Promise<void> {
  const isExpected = and(eq(table.id, id), isAnyOf(table.status, from));
  const target: PgTable = table;
  const updated = await tx
    .update(target)
    .set(to)
    .where(isExpected)
    .returning({ updated: sql`1` });
  if (updated.length === 0) throw overtaken(subject);
}
