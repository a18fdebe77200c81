/** Which mutations with an idempotency key were executed? The tables of the PostgreSQL schema `mutations`. */
import { index, jsonb, pgSchema, primaryKey, text } from "drizzle-orm/pg-core";
import { instant } from "../database/columns.ts";

export const mutations = pgSchema("mutations");

export const mutationKeys = mutations.table(
  "keys",
  {
    caller: text().notNull(),
    mutation: text().notNull(),
    key: text().notNull(),
    /** Distinguishes a repetition from another input under the same key. */
    digest: text().notNull(),
    /** The ids of what it created. */
    result: jsonb().$type<unknown>(),
    madeAt: instant().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.caller, table.mutation, table.key] }),
    index("keys_by_age").on(table.madeAt),
  ],
);
