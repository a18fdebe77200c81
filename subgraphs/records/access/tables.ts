/** Which API keys were issued? The tables of the PostgreSQL schema `access`. */
import { pgSchema, text } from "drizzle-orm/pg-core";
import { instant, textArray } from "../database/columns.ts";

export const access = pgSchema("access");

export const apiKeys = access.table("keys", {
  id: text().primaryKey(),
  /** For operators: whose it is. */
  name: text().notNull(),
  /** SHA-256 of the key, which is kept nowhere. */
  digest: text().notNull().unique(),
  scopes: textArray().notNull(),
  /** null for all. */
  accounts: textArray(),
  createdAt: instant().notNull(),
  expiresAt: instant(),
  revokedAt: instant(),
});
