/**
 * How does a test make an effect due without waiting?
 *
 * It moves the outbox's clock. pg-boss judges by the function `outbox.job_now()` of its schema which effects are due and
 * which delays are over, in every process, so replacing it moves time for all of them. Workers poll every two seconds; a
 * test wakes them as soon as something is due.
 */
import { setTimeout } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { notifyChannelSql } from "pg-boss/dist/plans.js";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { JOBS, JOB_NOW, OUTBOX_SCHEMA } from "../../subgraphs/records/outbox/queues.ts";

const WAKE_MS = 100;
const POLL_MS = 10;
const MAX_WAIT_MS = 3000;

/**
 * Sets the outbox's clock this many milliseconds ahead of the real time; 0 restores it. First waits for the attempts that are
 * being made: one that is put back after the clock was set would be due later than the test means.
 */
export async function setOutboxAhead(database: Pick<Database, "db">, ms: number): Promise<void> {
  await attemptsEnd(database);
  await moveOutboxClock(database, ms);
}

/** For attempts that do not end, because their process is gone. */
export async function moveOutboxClock({ db }: Pick<Database, "db">, ms: number): Promise<void> {
  const body = `select now() + interval '${ms} milliseconds'`;
  await db.execute(
    sql.raw(
      `create or replace function outbox.job_now() returns timestamp with time zone as $$ ${body} $$ language sql stable`,
    ),
  );
}

async function attemptsEnd({ db }: Pick<Database, "db">): Promise<void> {
  const start = performance.now();
  for (;;) {
    const { rows } = await db.execute(sql`select 1 from ${JOBS} where state = 'active' limit 1`);
    // An upstream that does not answer may keep one.
    if (rows.length === 0 || performance.now() - start > MAX_WAIT_MS) return;
    await setTimeout(POLL_MS);
  }
}

/** Wakes the workers of each queue in which an effect is due, until the returned function is called. */
export function wakeOutbox({ db }: Pick<Database, "db">): () => Promise<void> {
  let waking: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    // What fails is repeated soon, and a test may have taken the database away.
    waking ??= wake()
      .catch(() => undefined)
      .finally(() => (waking = undefined));
  }, WAKE_MS);
  return async () => {
    clearInterval(timer);
    await waking;
  };

  async function wake(): Promise<void> {
    await db.execute(sql`select pg_notify(${sql.raw(notifyChannelSql(OUTBOX_SCHEMA))}, name)
      from (select distinct name from ${JOBS} where state in ('created', 'retry') and start_after <= ${JOB_NOW}) as due`);
  }
}
