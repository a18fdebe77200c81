/** Which records of decisions are kept? The tables of the PostgreSQL schema `decisions`. */
import { sql } from "drizzle-orm";
import { date, index, integer, jsonb, pgSchema, primaryKey, serial, text } from "drizzle-orm/pg-core";
import type { CandidateState } from "../../../schema/candidate-state.ts";
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
    /** The day, in UTC, to which it is sealed. A trigger puts it after all days that are closed. */
    recordedOn: date()
      .notNull()
      .default(sql`(now() at time zone 'utc')::date`),
  },
  (table) => [
    index("evaluations_of_day").on(table.recordedOn, sql`${table.id} collate "C"`),
    index("evaluations_newest").on(table.decidedAt.desc(), table.id.desc()),
    index("evaluations_of_subject").on(table.subject, table.decidedAt.desc(), table.id.desc()),
    index("evaluations_of_model").on(table.model, table.decidedAt.desc(), table.id.desc()),
  ],
);

/** The seals of the ledger, a row for each day with evaluations. The hash of a day includes that of the day before. */
export const ledgerDays = decisions.table("ledger_days", {
  day: date().primaryKey(),
  /** When it was closed: no evaluation is recorded on it any more. */
  closedAt: instant().notNull(),
  /** Null until it is sealed, as are all below. */
  evaluations: integer(),
  /** SHA-256 over the digests of its evaluations, ordered by id; hexadecimal, as all here. */
  digest: text(),
  previous: text(),
  hash: text(),
  /** A JSON Web Signature of the seal; null where the ledger had no key. */
  signature: text(),
  /** When its evaluations were deleted, because they were older than the ledger keeps them. */
  prunedAt: instant(),
});

/** Each table that a process here decided by, unchanged. */
export const modelVersions = decisions.table(
  "model_versions",
  {
    model: text().notNull(),
    version: integer().notNull(),
    /** SHA-256 of its source, hexadecimal. */
    digest: text().notNull(),
    /** The text of its file. */
    source: text().notNull(),
    firstSeenAt: instant().notNull(),
  },
  (table) => [primaryKey({ columns: [table.model, table.version, table.digest] })],
);

/**
 * Tables that somebody proposed to decide by. These three are append-only, which triggers enforce: what was proposed and
 * approved is what was seen.
 */
export const candidates = decisions.table(
  "candidates",
  {
    id: text().primaryKey(),
    /** In the order in which they were proposed, whatever the clocks of processes say. */
    number: serial().notNull(),
    model: text().notNull(),
    /** As its file says. */
    version: integer().notNull(),
    /** SHA-256 of what its file says, whatever the formatting; hexadecimal. */
    digest: text().notNull(),
    /** The text of its file. */
    source: text().notNull(),
    /** Of what decides its answers, as of a table here. */
    tableDigest: text().notNull(),
    /** The same of the table here that it was compared with. */
    base: text().notNull(),
    baseVersion: integer().notNull(),
    /** The number of the model's last deployment when it was proposed; 0 for none. */
    afterDeployment: integer().notNull(),
    proposedAt: instant().notNull(),
  },
  (table) => [
    index("candidates_of_model").on(table.model, table.proposedAt.desc(), table.id.desc()),
    index("candidates_of_digest").on(table.model, table.digest),
  ],
);

/** What became of each, in order: the first step is its proposal, the last one says its state. */
export const candidateSteps = decisions.table(
  "candidate_steps",
  {
    candidateId: text()
      .notNull()
      .references(() => candidates.id),
    /** From 0. */
    step: integer().notNull(),
    state: text().$type<CandidateState>().notNull(),
    by: text().notNull(),
    at: instant().notNull(),
    note: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.candidateId, table.step] })],
);

/** Each time that one was handed over. Its end, and what went wrong, are added once. */
export const deployments = decisions.table(
  "deployments",
  {
    id: text().primaryKey(),
    /** In the order in which they began. */
    number: serial().notNull(),
    candidateId: text()
      .notNull()
      .references(() => candidates.id),
    model: text().notNull(),
    /** To whom or where, as the operator's command says. */
    target: text().notNull(),
    by: text().notNull(),
    begunAt: instant().notNull(),
    endedAt: instant(),
    /** Why it failed; null where it did not. */
    problem: text(),
  },
  (table) => [
    index("deployments_of_model").on(table.model, table.number.desc()),
    index("deployments_of_candidate").on(table.candidateId),
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
    index("reviews_of_evaluation").on(table.evaluationId),
  ],
);
