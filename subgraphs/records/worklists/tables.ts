/** How far is each worklist? The tables of the PostgreSQL schema `worklists`; the lists are with their subjects. */
import { pgSchema, text } from "drizzle-orm/pg-core";
import { instant } from "../database/columns.ts";

export const worklists = pgSchema("worklists");

export const sweeps = worklists.table("sweeps", {
  worklist: text().primaryKey(),
  /** Everything that had changed by then is in the worklist; null until all of it was read once. */
  asOf: instant(),
  /** Of the last complete sweep. */
  startedAt: instant(),
  finishedAt: instant(),
  /** The process that works on the worklist, and until when no other one may. By the clock of the database. */
  holder: text(),
  heldUntil: instant(),
});
