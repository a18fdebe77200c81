/**
 * `npm run erase -- --listener ID`: how is a listener forgotten, and nothing else?
 *
 * What is known of them is deleted. What has to be accounted for (evaluations, reviews, leads, effects) stays, under a
 * pseudonym that nobody can resolve any more: of the ledger not a row is touched. All of it is one transaction, and doing
 * it twice finds nothing the second time. What left this database before (a webhook, a log elsewhere) is not called back.
 */
import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { eq, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import { pino } from "pino";
import { listenerId } from "../../../schema/id.ts";
import { readRecordSettings, variables } from "../../platform/environment.ts";
import { openDatabase } from "../database/open.ts";
import type { Database, Tx } from "../database/database.ts";
import { JOBS, OUTBOX_SCHEMA } from "../outbox/queues.ts";
import { pseudonyms, reviews } from "../decisions/tables.ts";
import { consents, engagement, engagementEvents, leads, people } from "./tables.ts";
import { mutationKeys } from "../mutations/tables.ts";

/** How many rows there were of each; those of the first line are gone, the others have a pseudonym. */
export interface Erased {
  readonly listeners: number;
  readonly consents: number;
  readonly engagement: number;
  readonly events: number;
  readonly pseudonyms: number;
  readonly idempotencyKeys: number;
  /** Effects that were not carried out yet, and are not to be. */
  readonly cancelled: number;
  readonly effects: number;
  readonly leads: number;
  readonly reviews: number;
}

/** Who is erased, and who takes their place. */
interface Person {
  /** As clients call them. */
  readonly id: string;
  /** In the records. */
  readonly own: string;
  readonly pseudonym: Pick<Person, "id" | "own">;
  /** Matches where a text names them. */
  readonly named: string;
  /** Matches where a text may name them: in a client's own words, an id may be part of a longer one. */
  readonly hinted: string;
}

/** Throws BAD_USER_INPUT where it is no listener's id; nothing of a listener who is not there. */
export function eraseListener(database: Database, listener: string): Promise<Erased> {
  const [own] = listenerId.decode(listener, "listener");
  return database.transaction(async (tx) => {
    // First: whoever writes of the listener holds this row, or finds it gone.
    const listeners = await remove(tx, people, people.id, own);
    const [known] = await tx.delete(pseudonyms).where(eq(pseudonyms.subject, listener)).returning();
    const person = personOf(listener, own, known?.pseudonym);
    return {
      listeners,
      consents: await remove(tx, consents, consents.listenerId, own),
      engagement: await remove(tx, engagement, engagement.listenerId, own),
      events: await remove(tx, engagementEvents, engagementEvents.listenerId, own),
      pseudonyms: known ? 1 : 0,
      idempotencyKeys: await count(tx, sql`delete from ${mutationKeys} as known where known::text ~ ${person.hinted}`),
      ...(await rewriteEffects(tx, person)),
      leads: await count(
        tx,
        sql`update ${leads} set listener_id = ${person.pseudonym.own} where ${leads.listenerId} = ${own}`,
      ),
      reviews: await count(
        tx,
        sql`update ${reviews} set subject = ${renamed(sql`${reviews.subject}`, person)},
              note = ${renamed(sql`${reviews.note}`, person)}
            where ${reviews.subject} ~ ${person.named} or ${reviews.note} ~ ${person.named}`,
      ),
    };
  });
}

function personOf(id: string, own: string, pseudonym = listenerId.encode(randomUUID())): Person {
  const [ownPseudonym] = listenerId.decode(pseudonym);
  const spelt = [own, id.slice(listenerId.prefix.length)].map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const isAnyOf = (letters: string): string => `(?<![${letters}])(?:${spelt.join("|")})(?![${letters}])`;
  const [named, hinted] = [isAnyOf("0-9A-Za-z~-"), isAnyOf("0-9A-Za-z")];
  return { id, own, pseudonym: { id: pseudonym, own: ownPseudonym }, named, hinted };
}

/** What names them stays, under the pseudonym; what has not been carried out is not to be. */
async function rewriteEffects(tx: Tx, person: Person): Promise<Pick<Erased, "cancelled" | "effects">> {
  const { id, pseudonym, named } = person;
  const { rows } = await tx.execute<{ there: boolean }>(
    sql`select to_regclass(${`${OUTBOX_SCHEMA}.job`}) is not null as there`,
  );
  // Nobody has opened the outbox of this database yet.
  if (!rows[0]?.there) return { cancelled: 0, effects: 0 };
  const isTheirs = sql`(singleton_key = ${id} or data::text ~ ${named} or output::text ~ ${named})`;
  const cancelled = await count(
    tx,
    sql`update ${JOBS} set state = 'cancelled', completed_on = now()
        where state in ('created', 'retry') and ${isTheirs}`,
  );
  const effects = await count(
    tx,
    sql`update ${JOBS} set singleton_key = case when singleton_key = ${id} then ${pseudonym.id} else singleton_key end,
          data = ${renamed(sql`data::text`, person)}::jsonb, output = ${renamed(sql`output::text`, person)}::jsonb
        where ${isTheirs}`,
  );
  return { cancelled, effects };
}

function renamed(text: SQL, { named, pseudonym }: Person): SQL {
  return sql`regexp_replace(${text}, ${named}, ${pseudonym.own}, 'g')`;
}

function remove(tx: Tx, table: PgTable, column: PgColumn, id: string): Promise<number> {
  return count(tx, sql`delete from ${table} where ${column} = ${id}`);
}

async function count(tx: Tx, change: SQL): Promise<number> {
  const { rows } = await tx.execute<{ done: number }>(
    sql`with changed as (${change} returning 1) select count(*)::int as done from changed`,
  );
  return rows[0]?.done ?? 0;
}

const USAGE = "Usage: npm run erase -- --listener ID";

/** Gives what is to be printed. Throws an Error in words for whoever typed it. */
export async function eraseCommand(database: Database, given: readonly string[]): Promise<string> {
  const listener = listenerOf(given);
  const erased = await eraseListener(database, listener);
  const found = Object.entries(erased).filter(([, rows]) => rows > 0);
  if (found.length === 0) throw new Error(`There is nothing of ${listener}`);
  return [`${listener} is erased`, ...found.map(([name, rows]) => `  ${name} ${rows}`)].join("\n");
}

function listenerOf(given: readonly string[]): string {
  const { values, positionals } = parseArgs({
    args: [...given],
    options: { listener: { type: "string" } },
    allowPositionals: true,
  });
  if (values.listener === undefined || positionals.length > 0) throw new Error(USAGE);
  listenerId.decode(values.listener, "--listener");
  return values.listener;
}

async function main(): Promise<void> {
  const given = process.argv.slice(2);
  // Before anything is opened for it.
  listenerOf(given);
  const { databaseUrl, directory } = readRecordSettings(variables);
  const database = await openDatabase({ url: databaseUrl, directory, log: pino({ enabled: false }) });
  try {
    process.stdout.write(`${await eraseCommand(database, given)}\n`);
  } finally {
    await database.close();
  }
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
