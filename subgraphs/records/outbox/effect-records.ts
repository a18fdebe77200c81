/**
 * Which effects are in the outbox, and in which status?
 *
 * They are read from the table of jobs, newest first.
 */
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { ListWindow } from "../../platform/lists.ts";
import type { Database, Tx } from "../database/database.ts";
import { isOfAccounts } from "../accounts.ts";
import { JOBS } from "./queues.ts";

export const EffectStatus = {
  WAITING: "WAITING",
  RETRYING: "RETRYING",
  RUNNING: "RUNNING",
  DONE: "DONE",
  FAILED: "FAILED",
  CANCELLED: "CANCELLED",
} as const;
export type EffectStatus = (typeof EffectStatus)[keyof typeof EffectStatus];

export interface EffectRecord {
  readonly id: string;
  readonly queue: string;
  readonly kind: string;
  readonly subject: string;
  readonly status: EffectStatus;
  readonly attempts: number;
  readonly error: string | null;
  /** The upstream's own message, for operators. */
  readonly detail: string | null;
  readonly createdAt: Date;
  readonly nextAt: Date | null;
  readonly endedAt: Date | null;
}

/** Which one it is for the outbox. */
export type QueuedEffect = Pick<EffectRecord, "id" | "queue">;

export interface EffectRecords {
  /** Newest first. */
  list(filter: EffectFilter, window: ListWindow): Promise<readonly EffectRecord[]>;
  count(filter: EffectFilter): Promise<number>;
  /** Aligned with the ids. */
  byIds(ids: readonly string[], accounts?: readonly string[]): Promise<readonly (EffectRecord | undefined)[]>;
  /** undefined if it does not exist. */
  byId(id: string, accounts?: readonly string[]): Promise<EffectRecord | undefined>;
  /** All that are FAILED, oldest first; with a name, those whose last attempt this upstream or a part of it failed. */
  failed(upstream: string | undefined): Promise<readonly QueuedEffect[]>;
}

/** Default: all. */
export interface EffectFilter {
  readonly status?: EffectStatus | undefined;
  /** Only on subjects that belong to them. */
  readonly accounts?: readonly string[] | undefined;
}

/** The states of pg-boss. */
const STATES: Readonly<Record<EffectStatus, string>> = {
  WAITING: "created",
  RETRYING: "retry",
  RUNNING: "active",
  DONE: "completed",
  FAILED: "failed",
  CANCELLED: "cancelled",
};
const STATUSES = new Map(Object.values(EffectStatus).map((status) => [STATES[status], status] as const));

const SUBJECT = sql`split_part(singleton_key, ' ', 1)`;

const Row = z
  .object({
    id: z.string(),
    name: z.string(),
    subject: z.string().nullable(),
    kind: z.string().nullable(),
    state: z.string(),
    retry_count: z.int(),
    error: z.string().nullable(),
    detail: z.string().nullable(),
    created_on: z.coerce.date(),
    start_after: z.coerce.date(),
    started_on: z.coerce.date().nullable(),
    completed_on: z.coerce.date().nullable(),
  })
  .transform((row): EffectRecord => {
    const status = STATUSES.get(row.state) ?? EffectStatus.WAITING;
    const hasEnded = row.completed_on !== null;
    return {
      id: row.id,
      queue: row.name,
      kind: row.kind ?? row.name,
      subject: row.subject ?? "",
      status,
      attempts: row.started_on === null ? 0 : row.retry_count + 1,
      error: status === EffectStatus.DONE ? null : row.error,
      detail: row.detail,
      createdAt: row.created_on,
      nextAt: hasEnded ? null : row.start_after,
      endedAt: row.completed_on,
    };
  });

export function effectRecords({ db }: Pick<Database, "db">): EffectRecords {
  return {
    list: async (filter, { limit, after }) => {
      const isAfter = after
        ? sql`and (date_trunc('milliseconds', created_on), id::text) < (${after.at.toISOString()}::timestamptz, ${after.id})`
        : sql``;
      return readJobs(db, sql`${matches(filter)} ${isAfter}`, limit);
    },
    byIds: async (ids, accounts) => {
      const named = sql`id::text = any(${sql.param([...ids])}::text[])`;
      const found = await readJobs(db, sql`${named} and ${matches({ accounts })}`, ids.length);
      const byId = new Map(found.map((effect) => [effect.id, effect]));
      return ids.map((id) => byId.get(id));
    },
    byId: (id, accounts) => effectById(db, id, accounts),
    failed: async (upstream) => {
      const own = sql`coalesce(output->>'upstream', substring(output->>'message' from '^Cannot ask ([^:]+): '))`;
      const byUpstream =
        upstream === undefined ? sql`` : sql`and (${own} = ${upstream} or starts_with(${own}, ${`${upstream}-`}))`;
      const { rows } = await db.execute(
        sql`select id, name as queue from ${JOBS} where ${inState("FAILED")} ${byUpstream} order by created_on, id`,
      );
      return z.array(z.object({ id: z.string(), queue: z.string() })).parse(rows);
    },
    count: async (filter) => {
      const { rows } = await db.execute(sql`select count(*)::int as count from ${JOBS} where ${matches(filter)}`);
      return z.tuple([z.object({ count: z.int() })]).parse(rows)[0].count;
    },
  };
}

/** undefined if it does not exist, or not for these accounts. Default: for all. */
export async function effectById(db: Tx, id: string, accounts?: readonly string[]): Promise<EffectRecord | undefined> {
  const [effect] = await readJobs(db, sql`id::text = ${id} and ${matches({ accounts })}`, 1);
  return effect;
}

async function readJobs(db: Tx, where: ReturnType<typeof sql>, limit: number): Promise<readonly EffectRecord[]> {
  const { rows } = await db.execute(sql`
    select id, name, ${SUBJECT} as subject, data->>'kind' as kind, state::text as state, retry_count,
      coalesce(output->>'message', output->'value'->>'message') as error, coalesce(output->>'detail', output->>'words') as detail, created_on, start_after, started_on, completed_on
    from ${JOBS} where ${where}
    order by date_trunc('milliseconds', created_on) desc, id::text desc limit ${limit}`);
  return z.array(Row).parse(rows);
}

function matches({ status, accounts }: EffectFilter): ReturnType<typeof sql> {
  const isOwn = isOfAccounts(SUBJECT, accounts);
  return isOwn ? sql`${inState(status)} and ${isOwn}` : inState(status);
}

function inState(status: EffectStatus | undefined): ReturnType<typeof sql> {
  return status === undefined ? sql`true` : sql`state::text = ${STATES[status]}`;
}
