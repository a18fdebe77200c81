/** Which records of decisions are kept? The tables of the PostgreSQL schema `decisions`. */
import { index, jsonb, pgSchema, text } from "drizzle-orm/pg-core";
import type { Origin, Verdict } from "../../../schema/verdict.ts";
import type { Facts, Row } from "../../pipeline/table/table.ts";
import { instant } from "../database/columns.ts";

export const decisions = pgSchema("decisions");

/**
 * The ledger. It is append-only, which a trigger enforces. A listener is recorded by a pseudonym that only `pseudonyms`
 * resolves, so that a person can be erased without a change to the ledger.
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
    decidedAt: instant().notNull(),
    expiresAt: instant().notNull(),
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
    /** Selects the handler of the verdict. */
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
    openedAt: instant().notNull(),
    resolvedAt: instant(),
  },
  (table) => [
    index("reviews_of_queue").on(table.status, table.queue, table.openedAt, table.id),
    index("reviews_of_subject").on(table.subject),
  ],
);
