/**
 * What does the ledger record?
 *
 * Every evaluation, unchanged, in rows that the database does not allow to change. A listener is recorded by a pseudonym
 * from a table of its own: deleting its one row there erases the person, and the ledger stays complete.
 */
import { randomUUID } from "node:crypto";
import { and, asc, desc, eq, gte, lt, or, sql } from "drizzle-orm";
import { z } from "zod";
import { listenerId } from "../../../schema/id.ts";
import type { Verdict } from "../../../schema/verdict.ts";
import type { Evaluation } from "../../pipeline/ledger.ts";
import type { Fact } from "../../pipeline/table/table.ts";
import type { ListWindow } from "../../platform/lists.ts";
import { isOfAccounts } from "../accounts.ts";
import { isAnyOf } from "../database/is-any-of.ts";
import type { Database, Tx } from "../database/database.ts";
import { notify } from "../database/events.ts";
import type { Event } from "../../platform/events.ts";
import { databaseError, sqlStateOf } from "../../platform/database-error.ts";
import { evaluations, pseudonyms } from "./tables.ts";
import { people } from "../listeners/tables.ts";
import { storableText } from "../database/texts.ts";

export interface EvaluationFilter {
  readonly subject?: string | undefined;
  readonly model?: string | undefined;
  readonly verdict?: Verdict | undefined;
  /** The code of a reason that it has. */
  readonly rule?: string | undefined;
  /** At this time or later. */
  readonly since?: Date | undefined;
  /** Before this time. */
  readonly until?: Date | undefined;
  /** Only of subjects that belong to them. Default: all. */
  readonly accounts?: readonly string[] | undefined;
}

export interface EvaluationRecords {
  /** Adds the evaluations that it does not have yet. */
  write(added: readonly Evaluation[]): Promise<void>;
  /** Aligned with the ids. */
  byIds(ids: readonly string[], accounts?: readonly string[]): Promise<readonly (Evaluation | undefined)[]>;
  /** Newest first. */
  list(filter: EvaluationFilter, window: ListWindow): Promise<readonly Evaluation[]>;
  count(filter: EvaluationFilter): Promise<number>;
  /** How many of the last evaluations have each reason, by its code. */
  matches(filter: EvaluationFilter): Promise<ReadonlyMap<string, number>>;
}

/** Of which it is counted which reasons they have. */
const COUNTED = 10_000;

const Counted = z.array(z.object({ code: z.string(), count: z.int() }));

type Row = typeof evaluations.$inferSelect;

/** Subjects with this prefix are people. */
const PERSON = listenerId.prefix;

export function evaluationRecords(database: Database): EvaluationRecords {
  const { db } = database;
  return {
    write: async (added) => {
      try {
        await database.transaction((tx) => insert(tx, added));
      } catch (error) {
        if (added.length < 2 || !isAboutData(error)) throw databaseError(error);
        // An evaluation that cannot be stored must not keep the others out.
        const failures: unknown[] = [];
        for (const evaluation of added) {
          await database
            .transaction((tx) => insert(tx, [evaluation]))
            .catch((reason: unknown) => failures.push(reason));
        }
        if (failures.length > 0) throw databaseError(failures[0]);
      }
    },
    byIds: async (ids, accounts) => {
      const isFound = and(isAnyOf(evaluations.id, ids), isOfAccounts(evaluations.subject, accounts));
      const rows = await db.select().from(evaluations).where(isFound);
      const byId = new Map((await withSubjects(rows)).map((evaluation) => [evaluation.id, evaluation]));
      return ids.map((id) => byId.get(id));
    },
    list: async (filter, { limit, after }) => {
      const { decidedAt, id } = evaluations;
      const isAfter =
        after && or(lt(decidedAt, after.at), and(eq(decidedAt, after.at), lt(id, storableText(after.id))));
      const rows = await db
        .select()
        .from(evaluations)
        .where(and(await matching(filter), isAfter))
        .orderBy(desc(decidedAt), desc(id))
        .limit(limit);
      return withSubjects(rows);
    },
    count: async (filter) => db.$count(evaluations, await matching(filter)),
    matches: async (filter) => {
      const { decidedAt, id, rows } = evaluations;
      const last = db
        .select({ rows })
        .from(evaluations)
        .where(await matching(filter))
        .orderBy(desc(decidedAt), desc(id))
        .limit(COUNTED);
      const { rows: counted } = await db.execute(sql`
        select reason->>'reason_code' as code, count(*)::int as count
        from (${last}) as last, jsonb_array_elements(last.rows) as reason group by 1`);
      return new Map(Counted.parse(counted).map(({ code, count }) => [code, count]));
    },
  };

  async function matching({ subject, model, verdict, rule, since, until, accounts }: EvaluationFilter) {
    return and(
      subject === undefined ? undefined : eq(evaluations.subject, await pseudonymOf(storableText(subject))),
      model === undefined ? undefined : eq(evaluations.model, storableText(model)),
      verdict === undefined ? undefined : eq(evaluations.verdict, verdict),
      rule === undefined ? undefined : hasReason(storableText(rule)),
      since === undefined ? undefined : gte(evaluations.decidedAt, since),
      until === undefined ? undefined : lt(evaluations.decidedAt, until),
      isOfAccounts(evaluations.subject, accounts),
    );
  }

  async function pseudonymOf(subject: string): Promise<string> {
    if (!isPerson(subject)) return subject;
    const [row] = await db.select().from(pseudonyms).where(eq(pseudonyms.subject, subject));
    return row?.pseudonym ?? subject;
  }

  /** Resolves the pseudonyms of people who are not erased. */
  async function withSubjects(rows: readonly Row[]): Promise<readonly Evaluation[]> {
    const people = rows.map(({ subject }) => subject).filter(isPerson);
    const resolved =
      people.length === 0 ? [] : await db.select().from(pseudonyms).where(isAnyOf(pseudonyms.pseudonym, people));
    const subjects = new Map(resolved.map(({ pseudonym, subject }) => [pseudonym, subject]));
    return rows.map(({ recordedOn: _day, ...row }) => ({ ...row, subject: subjects.get(row.subject) ?? row.subject }));
  }
}

function hasReason(code: string) {
  return sql`${evaluations.rows} @> ${JSON.stringify([{ reason_code: code }])}::jsonb`;
}

async function insert(tx: Tx, added: readonly Evaluation[]): Promise<void> {
  if (added.length === 0) return;
  const pseudonymOf = await ensurePseudonyms(tx, [...new Set(added.map(({ subject }) => subject).filter(isPerson))]);
  const rows = added.map((each) => storable({ ...each, subject: pseudonymOf.get(each.subject) ?? each.subject }));
  const inserted = await tx.insert(evaluations).values(rows).onConflictDoNothing().returning({ id: evaluations.id });
  await notify(tx, eventsOf(added, new Set(inserted.map(({ id }) => id)), await subjectsIn(tx, rows)));
}

/** Of evaluations that are new. */
function eventsOf(
  added: readonly Evaluation[],
  inserted: ReadonlySet<string>,
  subjects: ReadonlyMap<string, string>,
): readonly Event[] {
  return added.flatMap(({ id, model }) => {
    const subject = subjects.get(id);
    return subject !== undefined && inserted.has(id) ? [{ kind: "decisionMade", id, subject, model }] : [];
  });
}

/** By the ids of evaluations: a person who was erased is known by a pseudonym alone, to those who wait for them too. */
async function subjectsIn(tx: Tx, rows: readonly Evaluation[]): Promise<ReadonlyMap<string, string>> {
  const people = rows.map(({ subject }) => subject).filter(isPerson);
  const known =
    people.length === 0 ? [] : await tx.select().from(pseudonyms).where(isAnyOf(pseudonyms.pseudonym, people));
  const byPseudonym = new Map(known.map(({ pseudonym, subject }) => [pseudonym, subject]));
  return new Map(rows.map(({ id, subject }) => [id, byPseudonym.get(subject) ?? subject]));
}

/**
 * A pseudonym for each person, stored for those in the records. An evaluation may arrive after its person was erased: it
 * gets a pseudonym that is not stored, hence never resolved.
 */
async function ensurePseudonyms(tx: Tx, subjects: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (subjects.length === 0) return new Map();
  const existing = new Map(await pseudonymsOf(tx, subjects));
  const missing = subjects.filter((subject) => !existing.has(subject));
  if (missing.length === 0) return existing;

  // Sorted, so that two writers cannot deadlock.
  const created = missing.toSorted().map((subject) => ({ subject, pseudonym: listenerId.encode(randomUUID()) }));
  const locked = await lockPeople(tx, missing);
  const stored = created.filter(({ subject }) => locked.has(subject));
  if (stored.length > 0) await tx.insert(pseudonyms).values(stored).onConflictDoNothing();
  const own = created.map(({ subject, pseudonym }) => [subject, pseudonym] as const);
  // Last, because a concurrent writer's pseudonym wins.
  return new Map([...existing, ...own, ...(await pseudonymsOf(tx, missing))]);
}

async function pseudonymsOf(tx: Tx, subjects: readonly string[]): Promise<readonly (readonly [string, string])[]> {
  const rows = await tx.select().from(pseudonyms).where(isAnyOf(pseudonyms.subject, subjects));
  return rows.map(({ subject, pseudonym }) => [subject, pseudonym]);
}

/** The subjects that are in the records; their rows cannot be deleted before the transaction ends. */
async function lockPeople(tx: Tx, subjects: readonly string[]): Promise<ReadonlySet<string>> {
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

/** Facts and outputs may contain any text that an upstream accepts. */
function storable(evaluation: Evaluation): Evaluation {
  const facts = Object.entries(evaluation.facts).map(([name, fact]) => [name, storableFact(fact)]);
  const rows = evaluation.rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, typeof value === "string" ? storableText(value) : value]),
    ),
  );
  const { subject, model, version, requestedBy } = evaluation;
  return {
    ...evaluation,
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

/** SQLSTATE class 22: the values cannot be stored. */
function isAboutData(error: unknown): boolean {
  return sqlStateOf(error)?.startsWith("22") === true;
}
