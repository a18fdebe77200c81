/** How is a row one of many? By one parameter, however many they are: PostgreSQL takes no more than 65,535. */
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { storableText } from "./texts.ts";

export function isAnyOf(column: PgColumn, ids: readonly string[]): SQL {
  return sql`${column} = any(${sql.param([...new Set(ids.map(storableText))])}::text[])`;
}
