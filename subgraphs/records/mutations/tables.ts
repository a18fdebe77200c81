/** Which mutations carried a key and are done, in the PostgreSQL schema `mutations`? */
import { index, jsonb, pgSchema, primaryKey, text } from "drizzle-orm/pg-core";
import { moment } from "../database/columns.ts";

export const mutations = pgSchema("mutations");

export const mutationKeys = mutations.table(
  "keys",
  {
    caller: text().notNull(),
    mutation: text().notNull(),
    key: text().notNull(),
    /** Of the input: tells a repeat from another mutation under the same key. */
    digest: text().notNull(),
    /** Ids of what was made: what it looks like now is read anew. */
    result: jsonb().$type<unknown>(),
    madeAt: moment().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.caller, table.mutation, table.key] }),
    index("keys_by_age").on(table.madeAt),
  ],
);
