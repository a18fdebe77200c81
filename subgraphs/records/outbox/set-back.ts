/**
 * What becomes of effects if the database's clock is set back?
 *
 * They would wait until it is as late again as it was: those that were due at once or are retried, those of a dead process,
 * and the rounds in which pg-boss looks for them. So what is due by a time that has not come is due now, except where the
 * effect itself has a date.
 */
import { sql } from "drizzle-orm";
import { MAX_CLOCK_DIFFERENCE_MS } from "../../platform/clock.ts";
import type { Database } from "../database/database.ts";
import { JOBS, JOB_NOW, OUTBOX_SCHEMA } from "./queues.ts";

const QUEUES = sql.raw(`${OUTBOX_SCHEMA}.queue`);
const VERSION = sql.raw(`${OUTBOX_SCHEMA}.version`);
/** A later time is from before the clock was set back. */
const LATEST = sql`(${JOB_NOW} + ${sql.raw(`interval '${MAX_CLOCK_DIFFERENCE_MS} milliseconds'`)})`;

/** `<` because the indexes of pg-boss say so. */
const WAITS_FOR_FUTURE = sql`state < 'active' and start_after > ${LATEST}
  and greatest(created_on, started_on) > ${LATEST} and (data->>'at' is null or start_after > (data->>'at')::timestamptz)`;
const RUNS_IN_FUTURE = sql`state = 'active' and greatest(started_on, heartbeat_on) > ${LATEST}`;
const LOOKED_AT_IN_FUTURE = sql`greatest(monitor_claim_on, monitor_on, maintain_on) > ${LATEST}`;

/** True if the clock was set back, and effects are due again. */
export async function repairSetBack({ db, transaction }: Pick<Database, "db" | "transaction">): Promise<boolean> {
  const { rows } = await db.execute(sql`select 1 where exists (select 1 from ${JOBS} where ${WAITS_FOR_FUTURE})
    or exists (select 1 from ${JOBS} where ${RUNS_IN_FUTURE})
    or exists (select 1 from ${QUEUES} where ${LOOKED_AT_IN_FUTURE})`);
  if (rows.length === 0) return false;
  await transaction(async (tx) => {
    await tx.execute(sql`update ${JOBS} set start_after = greatest(${JOB_NOW}, (data->>'at')::timestamptz)
      where ${WAITS_FOR_FUTURE}`);
    await tx.execute(sql`update ${JOBS} set started_on = least(started_on, ${JOB_NOW}),
        heartbeat_on = least(heartbeat_on, ${JOB_NOW})
      where ${RUNS_IN_FUTURE}`);
    await tx.execute(sql`update ${VERSION} set monitor_backoff_on = null where monitor_backoff_on > ${LATEST}`);
    await tx.execute(sql`update ${QUEUES} set monitor_claim_on = null, monitor_on = null, maintain_on = null
      where ${LOOKED_AT_IN_FUTURE}`);
  });
  return true;
}
