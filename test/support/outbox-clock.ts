/**
 * How does a test make an effect due without waiting?
 *
 * It moves the outbox's clock. pg-boss judges by the function `outbox.job_now()` of its schema which effects are due and
 * which delays are over, in every process, so replacing it moves time for all of them. Workers notice at their next poll,
 * within two seconds.
 */
import { sql } from "drizzle-orm";
import type { Database } from "../../subgraphs/records/database/database.ts";

/** Sets the outbox's clock this many milliseconds ahead of the real time; 0 restores it. */
export async function setOutboxAhead({ db }: Pick<Database, "db">, ms: number): Promise<void> {
  const body = `select now() + interval '${ms} milliseconds'`;
  await db.execute(
    sql.raw(
      `create or replace function outbox.job_now() returns timestamp with time zone as $$ ${body} $$ language sql stable`,
    ),
  );
}
