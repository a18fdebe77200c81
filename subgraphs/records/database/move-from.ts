/** How does a record go from one status to the next, where two may want it to at the same time? The first one moves it. */
import { and, eq, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import { overtaken } from "../../../schema/errors.ts";
import type { Tx } from "./database.ts";
import { isAnyOf } from "./is-any-of.ts";

type WithStatus = PgTable & { readonly id: PgColumn; readonly status: PgColumn };

export interface Move {
  /** Of the record. */
  readonly id: string;
  /** Of the record, as clients call it. */
  readonly subject: string;
  /** The statuses it may be in now. */
  readonly from: readonly string[];
  /** The columns that change, by their names in the table. */
  readonly to: object;
}

/** Throws CONFLICT where the record is in none of the statuses `from` any more. */
export async function moveFrom(tx: Tx, table: WithStatus, { id, subject, from, to }: Move): Promise<void> {
  const isThere = and(eq(table.id, id), isAnyOf(table.status, from));
  const of: PgTable = table;
  const moved = await tx
    .update(of)
    .set(to)
    .where(isThere)
    .returning({ one: sql`1` });
  if (moved.length === 0) throw overtaken(subject);
}
