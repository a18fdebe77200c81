/**
 * How does anybody learn that an effect is new, or has another status?
 *
 * By a trigger on the outbox's jobs, because pg-boss changes their states in its own statements. It notifies in the
 * transaction that makes the change. Made at the start of each process, after pg-boss has made its tables.
 */
import { sql } from "drizzle-orm";
import { effectId } from "../../../schema/id.ts";
import type { Database } from "../database/database.ts";
import { EVENT_CHANNEL } from "../database/events.ts";
import { JOBS, OUTBOX_SCHEMA } from "./queues.ts";

const FUNCTION = sql.raw(`${OUTBOX_SCHEMA}.notify_change`);
/** The lock under which it is made once. */
const LOCK = 4_011_998;

export async function notifyOfChanges(database: Pick<Database, "transaction">): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`);
    const { rows } = await tx.execute(sql`select 1 from pg_trigger
      where tgrelid = ${sql.raw(`'${OUTBOX_SCHEMA}.job'`)}::regclass and tgname = 'notify_new'`);
    if (rows.length > 0) return;
    await tx.execute(sql`create or replace function ${FUNCTION}() returns trigger language plpgsql as ${BODY}`);
    await tx.execute(
      sql`create trigger notify_new after insert on ${JOBS} for each row execute function ${FUNCTION}()`,
    );
    await tx.execute(sql`create trigger notify_change after update of state on ${JOBS}
      for each row when (old.state is distinct from new.state) execute function ${FUNCTION}()`);
  });
}

const BODY = sql.raw(`$$ begin
  perform pg_notify('${EVENT_CHANNEL}', json_build_object('kind', 'effectChanged', 'id', '${effectId.prefix}' || new.id)::text);
  return null;
end $$`);
