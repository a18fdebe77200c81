/**
 * How is a listener erased from the records, and nothing else?
 *
 * Personal data is deleted. Records that must remain for accounting (evaluations, reviews, leads, effects) keep a
 * pseudonym that nothing resolves any more; the ledger is not touched. The erasure is one transaction, and a second one
 * finds nothing. Data that left this database earlier (a webhook, a log elsewhere) is out of its scope.
 */
import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import { listenerId } from "../../../schema/id.ts";
import type { Database, Tx } from "../database/database.ts";
import { pseudonyms, reviews } from "../decisions/tables.ts";
import { mutationKeys } from "../mutations/tables.ts";
import { JOBS, OUTBOX_SCHEMA } from "../outbox/queues.ts";
import { consents, engagement, engagementEvents, leads, people } from "./tables.ts";

/** Numbers of rows. */
export interface Erased {
  /** Deleted: */
  readonly listeners: number;
  readonly consents: number;
  readonly engagement: number;
  readonly events: number;
  readonly pseudonyms: number;
  readonly idempotencyKeys: number;
  /** Effects that were waiting or to be retried. */
  readonly cancelled: number;
  /** Pseudonymised: */
  readonly effects: number;
  readonly leads: number;
  readonly reviews: number;
}

/** The listener, and the pseudonym that replaces them. */
interface Person {
  readonly id: string;
  /** The id in the records. */
  readonly recordId: string;
  readonly pseudonym: Pick<Person, "id" | "recordId">;
  /** A regular expression for the id in our own text. */
  readonly mention: string;
  /** The same for a client's text, where the id may be part of a longer key. */
  readonly possibleMention: string;
}

/** Throws BAD_USER_INPUT if it is not a listener's id. All counts are 0 if nothing of the listener is recorded. */
export function eraseListener(database: Database, listener: string): Promise<Erased> {
  const [recordId] = listenerId.decode(listener, "listener");
  return database.transaction(async (tx) => {
    // First: a concurrent writer either holds this row or finds it deleted.
    const listeners = await remove(tx, people, people.id, recordId);
    const [stored] = await tx.delete(pseudonyms).where(eq(pseudonyms.subject, listener)).returning();
    const person = personOf(listener, recordId, stored?.pseudonym);
    const { pseudonym, mention, possibleMention } = person;
    return {
      listeners,
      consents: await remove(tx, consents, consents.listenerId, recordId),
      engagement: await remove(tx, engagement, engagement.listenerId, recordId),
      events: await remove(tx, engagementEvents, engagementEvents.listenerId, recordId),
      pseudonyms: stored ? 1 : 0,
      idempotencyKeys: await count(tx, sql`delete from ${mutationKeys} as key where key::text ~ ${possibleMention}`),
      ...(await rewriteEffects(tx, person)),
      leads: await count(
        tx,
        sql`update ${leads} set listener_id = ${pseudonym.recordId} where ${leads.listenerId} = ${recordId}`,
      ),
      reviews: await count(
        tx,
        sql`update ${reviews} set subject = ${pseudonymised(sql`${reviews.subject}`, person)},
              note = ${pseudonymised(sql`${reviews.note}`, person)}
            where ${reviews.subject} ~ ${mention} or ${reviews.note} ~ ${mention}`,
      ),
    };
  });
}

function personOf(id: string, recordId: string, pseudonym = listenerId.encode(randomUUID())): Person {
  const [pseudonymRecordId] = listenerId.decode(pseudonym);
  // In the graph's id, some characters are escaped.
  const forms = [recordId, id.slice(listenerId.prefix.length)].map((form) =>
    form.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"),
  );
  const between = (letters: string): string => `(?<![${letters}])(?:${forms.join("|")})(?![${letters}])`;
  return {
    id,
    recordId,
    pseudonym: { id: pseudonym, recordId: pseudonymRecordId },
    mention: between("0-9A-Za-z~-"),
    possibleMention: between("0-9A-Za-z"),
  };
}

/** Cancels what was not carried out yet, and pseudonymises all. */
async function rewriteEffects(tx: Tx, person: Person): Promise<Pick<Erased, "cancelled" | "effects">> {
  const { mention } = person;
  const { rows } = await tx.execute<{ exists: boolean }>(
    sql`select to_regclass(${`${OUTBOX_SCHEMA}.job`}) is not null as exists`,
  );
  // The outbox creates its schema when it is first opened.
  if (!rows[0]?.exists) return { cancelled: 0, effects: 0 };
  // The key is the subject, with more behind it for an effect that needs no order.
  const isMentioned = sql`(singleton_key ~ ${mention} or data::text ~ ${mention} or output::text ~ ${mention})`;
  const cancelled = await count(
    tx,
    sql`update ${JOBS} set state = 'cancelled', completed_on = now()
        where state in ('created', 'retry') and ${isMentioned}`,
  );
  const effects = await count(
    tx,
    sql`update ${JOBS} set singleton_key = ${pseudonymised(sql`singleton_key`, person)},
          data = ${pseudonymised(sql`data::text`, person)}::jsonb,
          output = ${pseudonymised(sql`output::text`, person)}::jsonb
        where ${isMentioned}`,
  );
  return { cancelled, effects };
}

function pseudonymised(text: SQL, { mention, pseudonym }: Person): SQL {
  return sql`regexp_replace(${text}, ${mention}, ${pseudonym.recordId}, 'g')`;
}

function remove(tx: Tx, table: PgTable, column: PgColumn, id: string): Promise<number> {
  return count(tx, sql`delete from ${table} where ${column} = ${id}`);
}

async function count(tx: Tx, statement: SQL): Promise<number> {
  const { rows } = await tx.execute<{ changed: number }>(
    sql`with changed as (${statement} returning 1) select count(*)::int as changed from changed`,
  );
  return rows[0]?.changed ?? 0;
}
