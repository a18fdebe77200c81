/** What was each endpoint not told yet, or could not be told? By the effects in its queue. */
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Database } from "../database/database.ts";
import { JOBS } from "../outbox/queues.ts";
import { QUEUE_PREFIX, queueOfEndpoint } from "./tell.ts";

/** Numbers of effects. */
export interface Backlog {
  /** Its name. */
  readonly endpoint: string;
  /** Not tried yet: a moment ago, or behind one that failed. */
  readonly waiting: number;
  /** Tried, and to be tried again; or under way. */
  readonly retrying: number;
  readonly failed: number;
  /** When the oldest of them happened. */
  readonly since: Date;
  /** Why the latest one that was tried was not delivered; null where none was. */
  readonly error: string | null;
}

const Row = z
  .object({
    name: z.string(),
    waiting: z.int(),
    retrying: z.int(),
    failed: z.int(),
    since: z.coerce.date(),
    error: z.string().nullable(),
  })
  .transform(({ name, ...row }): Backlog => ({ endpoint: name.slice(QUEUE_PREFIX.length), ...row }));

/** By name; none of an endpoint that was told everything. */
export async function backlogs({ db }: Pick<Database, "db">): Promise<readonly Backlog[]> {
  const { rows } = await db.execute(sql`
    select name, min(created_on) as since,
      (count(*) filter (where state = 'created'))::int as waiting,
      (count(*) filter (where state in ('retry', 'active')))::int as retrying,
      (count(*) filter (where state = 'failed'))::int as failed,
      (array_agg(coalesce(output->>'message', output->'value'->>'message') order by started_on desc) filter (where output is not null))[1] as error
    from ${JOBS} where starts_with(name, ${QUEUE_PREFIX}) and state not in ('completed', 'cancelled')
    group by name order by name`);
  return z.array(Row).parse(rows);
}

/** The ids of the effects that failed, oldest first. */
export async function failedOf({ db }: Pick<Database, "db">, endpoint: string): Promise<readonly string[]> {
  const { rows } = await db.execute(
    sql`select id from ${JOBS} where name = ${queueOfEndpoint(endpoint)} and state = 'failed' order by created_on, id`,
  );
  return z
    .array(z.object({ id: z.string() }))
    .parse(rows)
    .map(({ id }) => id);
}
