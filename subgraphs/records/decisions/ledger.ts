/**
 * What does the ledger remember, and of whom?
 *
 * Every evaluation, as it was given, in rows that the database lets nobody change. Of a listener there stands a pseudonym,
 * kept apart: whoever may be told apart no more is forgotten by deleting one row elsewhere, and the ledger still counts.
 */
import { randomUUID } from "node:crypto";
import { and, asc, desc, eq, lt, or } from "drizzle-orm";
import { listenerId } from "../../../schema/id.ts";
import type { Evaluation } from "../../pipeline/ledger.ts";
import type { Fact } from "../../pipeline/table/table.ts";
import type { ListWindow } from "../../platform/lists.ts";
import { isAnyOf } from "../database/is-any-of.ts";
import type { Database, Tx } from "../database/database.ts";
import { announce } from "../database/events.ts";
import { databaseError, sqlStateOf } from "../../platform/database-error.ts";
import { evaluations, pseudonyms } from "./tables.ts";
import { people } from "../listeners/tables.ts";
import { storableText } from "../database/texts.ts";

export interface EvaluationFilter {
  readonly subject?: string | undefined;
  readonly model?: string | undefined;
}

export interface EvaluationRecords {
  /** Adds what is not there yet. */
  write(added: readonly Evaluation[]): Promise<void>;
  /** Aligned with the ids. */
  byIds(ids: readonly string[]): Promise<readonly (Evaluation | undefined)[]>;
  /** The newest first. */
  list(filter: EvaluationFilter, window: ListWindow): Promise<readonly Evaluation[]>;
  count(filter: EvaluationFilter): Promise<number>;
}

type Row = typeof evaluations.$inferSelect;

/** Subjects of this kind are people. */
const PERSON = listenerId.prefix;

export function evaluationRecords(database: Database): EvaluationRecords {
  const { db } = database;
  return {
    write: async (added) => {
      try {
        await database.transaction((tx) => insert(tx, added));
      } catch (error) {
        if (added.length < 2 || !isAboutData(error)) throw databaseError(error);
        // One that cannot be stored must not keep the others out, wherever among them it is.
        const failures: unknown[] = [];
        for (const one of added) {
          await database.transaction((tx) => insert(tx, [one])).catch((reason: unknown) => failures.push(reason));
        }
        if (failures.length > 0) throw databaseError(failures[0]);
      }
    },
    byIds: async (ids) => {
      const found = await named(await db.select().from(evaluations).where(isAnyOf(evaluations.id, ids)));
      const byId = new Map(found.map((one) => [one.id, one]));
      return ids.map((id) => byId.get(id));
    },
    list: async (filter, { limit, after }) => {
      const { decidedAt, id } = evaluations;
      const behind = after && or(lt(decidedAt, after.at), and(eq(decidedAt, after.at), lt(id, storableText(after.id))));
      const rows = await db
        .select()
        .from(evaluations)
        .where(and(await matching(filter), behind))
        .orderBy(desc(decidedAt), desc(id))
        .limit(limit);
      return named(rows);
    },
    count: async (filter) => db.$count(evaluations, await matching(filter)),
  };

  async function matching({ subject, model }: EvaluationFilter) {
    return and(
      subject === undefined ? undefined : eq(evaluations.subject, await pseudonymOf(storableText(subject))),
      model === undefined ? undefined : eq(evaluations.model, storableText(model)),
    );
  }

  async function pseudonymOf(subject: string): Promise<string> {
    if (!isPerson(subject)) return subject;
    const [known] = await db.select().from(pseudonyms).where(eq(pseudonyms.subject, subject));
    return known?.pseudonym ?? subject;
  }

  /** Puts names in the place of pseudonyms that still have one. */
  async function named(rows: readonly Row[]): Promise<readonly Evaluation[]> {
    const hidden = rows.map(({ subject }) => subject).filter(isPerson);
    const known =
      hidden.length === 0 ? [] : await db.select().from(pseudonyms).where(isAnyOf(pseudonyms.pseudonym, hidden));
    const names = new Map(known.map(({ pseudonym, subject }) => [pseudonym, subject]));
    return rows.map((row) => ({ ...row, subject: names.get(row.subject) ?? row.subject }));
  }
}

async function insert(tx: Tx, added: readonly Evaluation[]): Promise<void> {
  if (added.length === 0) return;
  const hidden = await pseudonymsFor(tx, [...new Set(added.map(({ subject }) => subject).filter(isPerson))]);
  const rows = added.map((one) => storable({ ...one, subject: hidden.get(one.subject) ?? one.subject }));
  const written = await tx.insert(evaluations).values(rows).onConflictDoNothing().returning({ id: evaluations.id });
  await announce(
    tx,
    "decisionMade",
    written.map(({ id }) => id),
  );
}

/**
 * One for each person, for as long as they may be told apart. An evaluation may come in behind the erasure of whom it is
 * about: whoever is not there gets one that is written down nowhere.
 */
async function pseudonymsFor(tx: Tx, subjects: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (subjects.length === 0) return new Map();
  const known = new Map(await pseudonymsOf(tx, subjects));
  const missing = subjects.filter((subject) => !known.has(subject));
  if (missing.length === 0) return known;

  const made = missing.toSorted().map((subject) => ({ subject, pseudonym: listenerId.encode(randomUUID()) }));
  const there = await held(tx, missing);
  // In one order, so that two writers do not wait for each other.
  const kept = made.filter(({ subject }) => there.has(subject));
  if (kept.length > 0) await tx.insert(pseudonyms).values(kept).onConflictDoNothing();
  const own = made.map(({ subject, pseudonym }) => [subject, pseudonym] as const);
  return new Map([...known, ...own, ...(await pseudonymsOf(tx, missing))]);
}

async function pseudonymsOf(tx: Tx, subjects: readonly string[]): Promise<readonly (readonly [string, string])[]> {
  const known = await tx.select().from(pseudonyms).where(isAnyOf(pseudonyms.subject, subjects));
  return known.map(({ subject, pseudonym }) => [subject, pseudonym]);
}

/** Those that are there, and stay until the transaction ends. */
async function held(tx: Tx, subjects: readonly string[]): Promise<ReadonlySet<string>> {
  const byId = new Map(subjects.flatMap((subject) => idsOf(subject).map((id) => [id, subject])));
  const rows = await tx
    .select({ id: people.id })
    .from(people)
    .where(isAnyOf(people.id, [...byId.keys()]))
    .orderBy(asc(people.id))
    .for("key share");
  return new Set(rows.flatMap(({ id }) => byId.get(id) ?? []));
}

function idsOf(subject: string): readonly string[] {
  try {
    return listenerId.decode(subject);
  } catch {
    return [];
  }
}

export function isPerson(subject: string): boolean {
  return subject.startsWith(PERSON);
}

/** What a fact or an output says may be anything that an upstream let somebody write. */
function storable(one: Evaluation): Evaluation {
  const facts = Object.entries(one.facts).map(([name, fact]) => [name, storableFact(fact)]);
  const rows = one.rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, typeof value === "string" ? storableText(value) : value]),
    ),
  );
  const { subject, model, version, requestedBy } = one;
  return {
    ...one,
    subject: storableText(subject),
    model: storableText(model),
    version: storableText(version),
    facts: Object.fromEntries(facts),
    rows,
    requestedBy: storableText(requestedBy),
  };
}

function storableFact(fact: Fact): Fact {
  if (typeof fact === "string") return storableText(fact);
  if (typeof fact !== "object" || fact === null) return fact;
  return fact.map((item) => (typeof item === "string" ? storableText(item) : item));
}

/** Class 22: what was to be stored cannot be. */
function isAboutData(error: unknown): boolean {
  return sqlStateOf(error)?.startsWith("22") === true;
}
