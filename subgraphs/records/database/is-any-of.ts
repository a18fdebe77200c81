/** How is a column compared with many ids? As one array parameter: a statement has at most 65,535 parameters. */
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { storableText } from "./texts.ts";

export function isAnyOf(column: PgColumn, ids: readonly string[]): SQL {
  return sql`${column} = any(${sql.param([...new Set(ids.map(storableText))])}::text[])`;
}
