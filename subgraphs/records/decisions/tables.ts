/** What is remembered of decisions, in the PostgreSQL schema `decisions`? */
import { index, jsonb, pgSchema, text } from "drizzle-orm/pg-core";
import type { Origin, Verdict } from "../../../schema/verdict.ts";
import type { Facts, Row } from "../../pipeline/table/table.ts";
import { moment } from "../database/columns.ts";

export const decisions = pgSchema("decisions");

/**
 * The ledger. Rows are only ever added: the database refuses anything else. Of a listener there stands a pseudonym, and
 * whose it is stands in `pseudonyms` alone, so that a person can be forgotten without touching the ledger.
 */
export const evaluations = decisions.table(
  "evaluations",
  {
    id: text().primaryKey(),
    model: text().notNull(),
    version: text().notNull(),
    subject: text().notNull(),
    facts: jsonb().$type<Facts>().notNull(),
    factsDigest: text().notNull(),
    rows: jsonb().$type<readonly Row[]>().notNull(),
    verdict: text().$type<Verdict>().notNull(),
    origin: text().$type<Extract<Origin, "SERVICE" | "LOCAL">>().notNull(),
    decidedAt: moment().notNull(),
    expiresAt: moment().notNull(),
    requestedBy: text().notNull(),
  },
  (table) => [
    index("evaluations_newest").on(table.decidedAt.desc(), table.id.desc()),
    index("evaluations_of_subject").on(table.subject, table.decidedAt.desc(), table.id.desc()),
    index("evaluations_of_model").on(table.model, table.decidedAt.desc(), table.id.desc()),
  ],
);

export const pseudonyms = decisions.table("pseudonyms", {
  subject: text().primaryKey(),
  pseudonym: text().notNull().unique(),
});

export const reviews = decisions.table(
  "reviews",
  {
    id: text().primaryKey(),
    /** Of the subject: says who acts on the verdict. */
    kind: text().notNull(),
    subject: text().notNull(),
    queue: text().notNull(),
    status: text().$type<"OPEN" | "RESOLVED">().notNull(),
    evaluationId: text()
      .notNull()
      .references(() => evaluations.id),
    verdict: text().$type<Verdict>(),
    note: text(),
    reviewer: text(),
    openedAt: moment().notNull(),
    resolvedAt: moment(),
  },
  (table) => [
    index("reviews_of_queue").on(table.status, table.queue, table.openedAt, table.id),
    index("reviews_of_subject").on(table.subject),
  ],
);
