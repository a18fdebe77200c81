/**
 * How does the ledger show that nothing in it was changed?
 *
 * By days. A day that is over is closed, and then sealed: its seal has the number of its evaluations, a digest over all of
 * them, and the hash of the seal before. So a change to one evaluation changes every later seal, and who has written down one
 * hash can check all that was recorded before. The seal stays when the evaluations are deleted because they are old.
 * `npm run ledger -- verify` computes all of it again.
 */
import { createHash } from "node:crypto";
import { and, asc, eq, gt, isNotNull, isNull, lt, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { canonicalJson } from "../../platform/canonical-json.ts";
import type { Database } from "../database/database.ts";
import type { Sign } from "./receipts.ts";
import { evaluations, ledgerDays } from "./tables.ts";

/** What is signed of a day, and hashed. */
export interface SealedDay {
  /** `2026-11-29`, in UTC. */
  readonly day: string;
  readonly evaluations: number;
  readonly digest: string;
  /** The hash of the sealed day before; empty for the first. */
  readonly previous: string;
}

type Row = typeof evaluations.$inferSelect;

/** Evaluations that are read at once. */
const PAGE = 1000;
/** Of the signature of a seal. */
export const SEAL_TYPE = "decibel-ledger-day+json";
const LOCK = sql`select pg_advisory_xact_lock(hashtext('decisions.ledger_days'))`;
/** The day, in UTC, by the clock of the database, which all processes share. */
const TODAY = sql<string>`(now() at time zone 'utc')::date`;

export interface SealOptions {
  /** Undefined where the ledger has no key. */
  readonly sign: Sign | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Seals all days that are over. Several processes may do so at once: they compute the same. Gives how many were sealed here. */
export async function sealDays(database: Database, { sign, now }: SealOptions): Promise<number> {
  await closeDays(database, new Date(now()));
  const { db } = database;
  const open = await db.select().from(ledgerDays).where(isNull(ledgerDays.hash)).orderBy(asc(ledgerDays.day));
  let sealed = 0;
  for (const { day } of open) {
    const [before] = await db
      .select({ hash: ledgerDays.hash })
      .from(ledgerDays)
      .where(lt(ledgerDays.day, day))
      .orderBy(sql`${ledgerDays.day} desc`)
      .limit(1);
    const seal = { day, ...(await digestOfDay(database, day)), previous: before?.hash ?? "" };
    const signature = (await sign?.(SEAL_TYPE, seal)) ?? null;
    const changed = await db
      .update(ledgerDays)
      .set({ ...seal, hash: hashOf(seal), signature })
      .where(and(eq(ledgerDays.day, day), isNull(ledgerDays.hash)))
      .returning({ day: ledgerDays.day });
    sealed += changed.length;
  }
  return sealed;
}

/** Nothing is recorded on a day that is closed: a trigger puts what is late on the day after. */
async function closeDays(database: Database, closedAt: Date): Promise<void> {
  const isOver = and(
    sql`${evaluations.recordedOn} < ${TODAY}`,
    sql`${evaluations.recordedOn} > coalesce((select max(${ledgerDays.day}) from ${ledgerDays}), '-infinity')`,
  );
  // Whoever records waits for the lock: it is taken only where there is something to close.
  const [found] = await database.db.select({ day: evaluations.recordedOn }).from(evaluations).where(isOver).limit(1);
  if (!found) return;
  await database.transaction(async (tx) => {
    await tx.execute(LOCK);
    const days = await tx.selectDistinct({ day: evaluations.recordedOn }).from(evaluations).where(isOver);
    if (days.length > 0) await tx.insert(ledgerDays).values(days.map(({ day }) => ({ day, closedAt })));
  });
}

export async function digestOfDay(database: Database, day: string): Promise<Pick<SealedDay, "evaluations" | "digest">> {
  const all = createHash("sha256");
  let count = 0;
  for await (const rows of rowsOfDay(database, day)) {
    for (const row of rows) all.update(digestOf(row));
    count += rows.length;
  }
  return { evaluations: count, digest: all.digest("hex") };
}

/** In pages, ordered by the bytes of their ids, whatever the language of the database. */
export async function* rowsOfDay({ db }: Pick<Database, "db">, day: string): AsyncGenerator<readonly Row[]> {
  const inBytes = sql`${evaluations.id} collate "C"`;
  for (let after = ""; ;) {
    const rows = await db
      .select()
      .from(evaluations)
      .where(and(eq(evaluations.recordedOn, day), gt(inBytes, after)))
      .orderBy(inBytes)
      .limit(PAGE);
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    after = rows.at(-1)?.id ?? after;
  }
}

/** Of all that is recorded. A listener is in it by the pseudonym alone: an erasure changes nothing. */
function digestOf(row: Row): Buffer {
  return createHash("sha256").update(canonicalJson(row)).digest();
}

export function hashOf({ day, evaluations: count, digest, previous }: SealedDay): string {
  return createHash("sha256")
    .update(canonicalJson({ day, evaluations: count, digest, previous }))
    .digest("hex");
}

/**
 * Deletes the evaluations of sealed days before a day, but for those that another record refers to. Gives how many. In steps,
 * because a statement must end in time: a day is marked before its first one, and one that was left halfway is gone on with.
 */
export async function deleteDaysBefore(
  database: Database,
  before: string,
  now: () => number,
  step: number = DELETED_AT_ONCE,
): Promise<number> {
  const { db } = database;
  const isLeft = sql`exists (select from ${evaluations} e where e.recorded_on = ${ledgerDays.day})`;
  const old = await db
    .select({ day: ledgerDays.day })
    .from(ledgerDays)
    .where(and(lt(ledgerDays.day, before), isNotNull(ledgerDays.hash), or(isNull(ledgerDays.prunedAt), isLeft)))
    .orderBy(asc(ledgerDays.day));
  if (old.length === 0) return 0;
  const isReferred = await referred(database);
  let deleted = 0;
  for (const { day } of old) {
    await db
      .update(ledgerDays)
      .set({ prunedAt: new Date(now()) })
      .where(and(eq(ledgerDays.day, day), isNull(ledgerDays.prunedAt)));
    for (let last = step; last === step; deleted += last) {
      last = await database.transaction(async (tx) => {
        await tx.execute(sql`set local decibel.retention = 'on'`);
        const { rows } = await tx.execute<{ count: number }>(sql`with deleted as (
            delete from ${evaluations} where id in (select e.id from ${evaluations} e
              where e.recorded_on = ${day} and not (${isReferred}) limit ${step}) returning 1)
          select count(*)::int as count from deleted`);
        return rows[0]?.count ?? 0;
      });
    }
  }
  return deleted;
}

const DELETED_AT_ONCE = 10_000;

/** Whether any record refers to the evaluation `e`: by that column, all of ours do. */
async function referred({ db }: Pick<Database, "db">): Promise<SQL> {
  const { rows } = await db.execute<{
    schema: string;
    name: string;
  }>(sql`select table_schema as schema, table_name as name
    from information_schema.columns where column_name = 'evaluation_id' and data_type = 'text' order by 1, 2`);
  const tests = rows.map(
    ({ schema, name }) =>
      sql`exists (select from ${sql.identifier(schema)}.${sql.identifier(name)} r where r.evaluation_id = e.id)`,
  );
  return sql.join(tests, sql` or `);
}
