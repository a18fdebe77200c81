/**
 * How does an upstream get every change that was decided, even if it or this process is down at that moment?
 *
 * An effect is stored in the transaction that decides it, and a worker carries it out: retried with exponential backoff,
 * in order for each subject, by any process that works on its queue. When a process dies, its heartbeats stop and another
 * one takes over its effects. An effect that failed permanently stays visible and blocks the later effects on its subject
 * until a person retries or drops it.
 */
import { sql } from "drizzle-orm";
import { PgBoss, fromDrizzle } from "pg-boss";
import type { JobWithMetadata } from "pg-boss";
import type { Logger } from "pino";
import { dryRunHere } from "../../platform/dry-run.ts";
import { databaseError } from "../../platform/database-error.ts";
import { createRefusedAccounts } from "../../platform/refused-accounts.ts";
import type { RefusedAccounts } from "../../platform/refused-accounts.ts";
import { spanHere } from "../../platform/tracing/span.ts";
import { NO_TRACING } from "../../platform/tracing/tracing.ts";
import type { Tracing } from "../../platform/tracing/tracing.ts";
import type { Database, Tx } from "../database/database.ts";
import type { Effect, EffectKind, Handler } from "./effect.ts";
import { JOBS, JOB_NOW, OUTBOX_SCHEMA, UNLIMITED_RETRIES, ensureQueue, queueOf } from "./queues.ts";
import type { RetryPolicy, StoredEffect } from "./queues.ts";
import type { QueuedEffect } from "./effect-records.ts";
import { notifyOfChanges } from "./notify-changes.ts";
import { repairSetBack } from "./set-back.ts";
import { createWorker } from "./worker.ts";

export interface Outbox {
  /** Stores the effect in the transaction: it exists if and only if `tx` commits. */
  send<Data>(tx: Tx, kind: EffectKind<Data>, effect: Effect<Data>): Promise<void>;
  /** Detaches the unfinished and failed effects on the subject from it, so that they block nothing sent later. */
  unblockSubject(tx: Tx, kind: Pick<EffectKind<unknown>, "name">, subject: string): Promise<void>;
  /** Begins to carry out the effects of a queue; each kind is in the queue its name begins with. */
  work(queue: string, handlers: readonly Handler<never>[]): Promise<void>;
  /** Retries an effect that failed permanently, with all the attempts of a new one. False if it is not failed. */
  retry(tx: Tx, effect: QueuedEffect): Promise<boolean>;
  /** Deletes an effect that failed permanently. False if it is not failed. */
  drop(tx: Tx, effect: QueuedEffect): Promise<boolean>;
  /** True if no effect is due. Effects with a later time, and those behind a failed one, do not count. */
  isIdle(): Promise<boolean>;
  close(): Promise<void>;
}

export interface OutboxOptions {
  readonly database: Database;
  readonly log: Logger;
  /** Created where missing: one for each subgraph, and for each endpoint of webhooks. Default: none. */
  readonly queues?: readonly string[];
  /** Where absent, a queue keeps its settings, and a new one gets the default. */
  readonly retries?: RetryPolicy;
  /** How far the lists of upstreams are assumed to lag. Default: five minutes. */
  readonly lagSeconds?: number;
  /** Of the process. Default: its own. */
  readonly accounts?: RefusedAccounts;
  /** Default: effects are not traced. */
  readonly tracing?: Pick<Tracing, "beginCausedBy"> | undefined;
  /** Whether it returns the effects of dead processes to their queues. Default true. */
  readonly isSupervising?: boolean;
}

const WORKERS_PER_QUEUE = 4;
const SUPERVISE_SECONDS = 5;
/** How often heartbeats are checked; 60 by default. Not more often, because pg-boss counts all jobs at the same time. */
const MONITOR_SECONDS = 10;
const POLL_SECONDS = 2;
const DRAIN_MS = 8000;

export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const { database, log, queues = [], retries, lagSeconds = 300, isSupervising = true } = options;
  const { tracing = NO_TRACING } = options;
  const { accounts = createRefusedAccounts() } = options;
  const boss = new PgBoss({
    useListenNotify: true,
    ...database.boss,
    schema: OUTBOX_SCHEMA,
    schedule: false,
    supervise: isSupervising,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: MONITOR_SECONDS,
    application_name: "decibel-outbox",
  });
  boss.on("error", (error) => log.error({ err: error }, "outbox: a step failed and will be repeated"));
  boss.on("warning", ({ message }) => log.warn(`outbox: ${message}`));
  await boss.start();
  await notifyOfChanges(database);
  for (const queue of queues) await ensureQueue(boss, queue, retries);
  let repair = Promise.resolve();
  const repairing = isSupervising
    ? setInterval(() => void (repair = repairDue()), SUPERVISE_SECONDS * 1000).unref()
    : undefined;

  return {
    async send(tx, kind, { subject, data, at }) {
      const trace = spanHere()?.traceparent;
      const stored: StoredEffect = {
        kind: kind.name,
        data,
        ...(at && { at: at.toISOString() }),
        ...(trace !== undefined && { trace }),
      };
      if (kind.supersedesEarlier === true) await deleteFailed(tx, kind.name, subject);
      // The subject is the first word of the key (see queues.ts).
      const key = kind.isUnordered === true ? `${subject} ${kind.name}` : subject;
      const id = await boss.send(queueOf(kind), stored, {
        db: fromDrizzle(tx, sql),
        singletonKey: key,
        ...(at && { startAfter: at }),
        ...(kind.retriesForever === true && { retryLimit: UNLIMITED_RETRIES }),
      });
      await moveToEnd(tx, queueOf(kind), key, id);
      dryRunHere()?.effects.push({ kind: kind.name, subject, at: at ?? null });
    },
    unblockSubject: async (tx, kind, subject) => {
      await tx.execute(sql`update ${JOBS} set singleton_key = ${subject} || ' ' || id
        where name = ${queueOf(kind)} and singleton_key = ${subject} and state in ('created', 'retry', 'failed')`);
    },
    async work(queue, handlers) {
      const attempt = createWorker({ boss, log, accounts, lagSeconds, tracing }, handlers);
      // The end of a retry's delay sends no notification, so workers also poll.
      const polling = { pollingIntervalSeconds: POLL_SECONDS, notifyPollingIntervalSeconds: POLL_SECONDS };
      const settings = { ...polling, includeMetadata: true, perJobResults: true } as const;
      for (let worker = 0; worker < WORKERS_PER_QUEUE; worker += 1) {
        // Known only once the worker runs.
        let workerId = "";
        workerId = await boss.work(queue, settings, async (jobs: JobWithMetadata[]) => {
          const results = await Promise.all(jobs.map(attempt));
          // There may be more: fetch them now, not after the polling interval.
          if (results.every(({ status }) => status === "completed")) boss.notifyWorker(workerId);
          return results;
        });
      }
    },
    async retry(tx, { queue, id }) {
      const { rows } = await tx.execute(sql`update ${JOBS} set retry_count = 0, data = data - 'since' - 'times'
        where name = ${queue} and id::text = ${id} and state = 'failed' returning id`);
      if (rows.length > 0) await boss.retry(queue, id, { db: fromDrizzle(tx, sql) });
      return rows.length > 0;
    },
    async drop(tx, { queue, id }) {
      const { rows } = await tx.execute(
        sql`delete from ${JOBS} where name = ${queue} and id::text = ${id} and state = 'failed' returning id`,
      );
      return rows.length > 0;
    },
    async isIdle() {
      const { rows } = await database.db.execute(sql`select 1 from ${JOBS} j
        where state in ('created', 'retry', 'active') and start_after <= ${JOB_NOW}
          and not exists (select 1 from ${JOBS} f
            where f.name = j.name and f.singleton_key = j.singleton_key and f.state = 'failed') limit 1`);
      return rows.length === 0;
    },
    close: async () => {
      clearInterval(repairing);
      await repair;
      await boss.stop({ graceful: true, timeout: DRAIN_MS });
    },
  };

  async function repairDue(): Promise<void> {
    try {
      if (await repairSetBack(database)) log.warn("the database's clock was set back: effects do not wait for it");
    } catch (error) {
      log.warn({ err: databaseError(error) }, "outbox: a step failed and will be repeated");
    }
  }
}

/**
 * Gives the effect the latest time of its subject. pg-boss orders by the time a transaction began, which is wrong for
 * transactions that waited for each other, and the same for all effects of one transaction.
 */
async function moveToEnd(tx: Tx, queue: string, key: string, id: string | null): Promise<void> {
  await tx.execute(sql`update ${JOBS} set created_on = greatest(clock_timestamp(),
    (select max(created_on) + interval '1 microsecond' from ${JOBS}
      where name = ${queue} and singleton_key = ${key} and id <> ${id}
        and state in ('created', 'retry', 'active', 'failed')))
    where name = ${queue} and id = ${id}`);
}

/** Unblocks the later effects on the subject. */
async function deleteFailed(tx: Tx, kind: string, subject: string): Promise<void> {
  await tx.execute(
    sql`delete from ${JOBS} where state = 'failed' and singleton_key = ${subject} and data->>'kind' = ${kind}`,
  );
}
