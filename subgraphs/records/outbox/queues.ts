/**
 * Where are effects stored, and how is a queue set up?
 *
 * As jobs of pg-boss in a schema of the same database, so that an effect is part of the transaction that decides it. Each
 * subgraph has a queue, and each endpoint of webhooks. Within a queue, the jobs of one subject run one at a time, in the order
 * they were sent.
 */
import { sql } from "drizzle-orm";
import type { JobWithMetadata, PgBoss } from "pg-boss";
import { z } from "zod";
import type { Database } from "../database/database.ts";

export const OUTBOX_SCHEMA = "outbox";

/** The table of jobs. */
export const JOBS = sql.raw(`${OUTBOX_SCHEMA}.job`);
/** The time by which pg-boss judges what is due. */
export const JOB_NOW = sql.raw(`${OUTBOX_SCHEMA}.job_now()`);

/** False until a process has started on this database: no migration makes the tables of pg-boss. */
export async function hasOutbox({ db }: Database): Promise<boolean> {
  const { rows } = await db.execute(sql`select 1 where to_regclass(${`${OUTBOX_SCHEMA}.job`}) is not null`);
  return rows.length > 0;
}

/**
 * A job's data. `at` is the date before which it must not be carried out; `trace` is the `traceparent` of what caused it, where
 * that is recorded.
 */
export const StoredEffect = z.object({
  kind: z.string(),
  data: z.unknown(),
  at: z.string().optional(),
  trace: z.string().optional(),
});
export type StoredEffect = z.infer<typeof StoredEffect>;

/** A released effect carries its id behind the subject, and one without an order its kind. */
export function subjectOf({ singletonKey }: Pick<JobWithMetadata, "singletonKey">): string {
  return singletonKey?.split(" ")[0] ?? "";
}

export interface RetryPolicy {
  /** How many attempts may follow the first one. */
  readonly limit: number;
  /** Seconds before the first retry. Later delays grow exponentially; 0 retries without a delay. */
  readonly delaySeconds: number;
}

const DEFAULT_RETRIES: RetryPolicy = { limit: 300, delaySeconds: 1 };
/** A limit that is never reached. */
export const UNLIMITED_RETRIES = 1_000_000_000;
export const MAX_DELAY_SECONDS = 300;
/** A process that misses heartbeats for this long loses its jobs to the others. */
export const HEARTBEAT_SECONDS = 30;
/** Ten years: a job behind a failed one waits until a person resolves that one. */
const RETENTION_SECONDS = 10 * 365 * 24 * 60 * 60;

/** Each kind of effect is in the queue that its name begins with. */
export function queueOf({ name }: { readonly name: string }): string {
  return name.split(".")[0] ?? name;
}

/** Creates the queue unless it exists. The settings of one that exists change only where a policy is given. */
export async function ensureQueue(boss: PgBoss, name: string, retries: RetryPolicy | undefined): Promise<void> {
  const exists = (await boss.getQueue(name)) !== null;
  if (exists && retries === undefined) return;
  const { limit, delaySeconds } = retries ?? DEFAULT_RETRIES;
  const retryBackoff = delaySeconds > 0;
  const settings = {
    retryLimit: limit,
    retryDelay: delaySeconds,
    retryBackoff,
    retentionSeconds: RETENTION_SECONDS,
    deleteAfterSeconds: 0,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    notify: true,
  };
  const retryDelayMax = MAX_DELAY_SECONDS;
  if (exists) return boss.updateQueue(name, { ...settings, retryDelayMax: retryBackoff ? retryDelayMax : null });
  // pg-boss refuses a maximum without a backoff.
  return boss.createQueue(name, { ...settings, ...(retryBackoff && { retryDelayMax }), policy: "key_strict_fifo" });
}
