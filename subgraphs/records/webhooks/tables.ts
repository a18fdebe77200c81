/** Which endpoints are not told any more? The tables of the PostgreSQL schema `webhooks`. */
import { pgSchema, text } from "drizzle-orm/pg-core";
import { instant } from "../database/columns.ts";

export const webhooks = pgSchema("webhooks");

/** Endpoints that have answered 410. */
export const goneEndpoints = webhooks.table("gone_endpoints", {
  endpoint: text().primaryKey(),
  /** Of its URL, which may be secret: one with another URL is not gone. */
  urlDigest: text().notNull(),
  since: instant().notNull(),
});
