/**
 * How does an upstream hear of everything that was decided, even if it, or this process, is away just then?
 *
 * An effect is written down in the transaction that decides it, and carried out from there: tried again with ever longer
 * pauses, one after the other for each subject, by whichever process works on its queue. A process that dies loses its
 * hold on an effect after some seconds and another one takes it up; so an effect may be carried out twice, and whoever
 * carries one out looks first whether it has been. What fails for good stays where it is, visible, and holds up the later
 * effects on its subject until somebody tries it again or drops it.
 */
import { sql } from "drizzle-orm";
import { GraphQLError } from "graphql";
import { PgBoss, fromDrizzle } from "pg-boss";
import type { JobWithMetadata } from "pg-boss";
import type { Logger } from "pino";
import { z } from "zod";
import { UpstreamError } from "../../platform/upstream.ts";
import type { Database, Tx } from "../database/database.ts";
import { databaseError } from "../../platform/database-error.ts";

/** A kind of effect, and what has to be known to carry it out. */
export interface EffectKind<Data> {
  readonly name: string;
  readonly data: z.ZodType<Data>;
  /** A later one on the same subject has the last word: one that failed before it is needless, and is dropped. */
  readonly supersedesEarlier?: boolean;
  /** It is tried again for as long as it takes: nothing else would ever see to it. */
  readonly retriesForever?: boolean;
}

export interface Effect<Data> {
  /** Whom it is about, as clients call them. */
  readonly subject: string;
  readonly data: Data;
  /** Not before then; at once where left out. */
  readonly at?: Date | undefined;
}

/** One attempt at one effect. */
export interface Attempt<Data> {
  /** The same each time the effect is tried: what an upstream may know it by. */
  readonly id: string;
  readonly subject: string;
  readonly data: Data;
  readonly log: Logger;
}

export interface Handler<Data> {
  readonly kind: EffectKind<Data>;
  /** Looks first whether it has been done. Rejects where it is to be tried again. */
  perform(attempt: Attempt<Data>): Promise<void>;
  /** It will not be tried again by itself. May be told more than once. */
  failed?(attempt: Attempt<Data>): Promise<void>;
}

export interface Outbox {
  /** Part of the transaction: it is there with all else that `tx` changes, or not at all. */
  send<Data>(tx: Tx, kind: EffectKind<Data>, effect: Effect<Data>): Promise<void>;
  /** What is not done yet on the subject, or failed, is done (or seen to) in its own time, and holds up nothing that follows. */
  unblockSubject(tx: Tx, kind: Pick<EffectKind<unknown>, "name">, subject: string): Promise<void>;
  /** Begins to carry out what is in a queue. Each kind is in the queue of the subgraph its name begins with. */
  work(queue: string, handlers: readonly Handler<never>[]): Promise<void>;
  /** Tries again what failed for good. */
  retry(queue: string, id: string): Promise<void>;
  /** Forgets what failed for good. */
  drop(queue: string, id: string): Promise<void>;
  /** Whether there is nothing left to do now; what waits for its time or for somebody does not count. */
  isIdle(): Promise<boolean>;
  close(): Promise<void>;
}

export interface OutboxOptions {
  readonly database: Database;
  readonly log: Logger;
  /** Made where they are not there yet: one for each subgraph. Default: none. */
  readonly queues?: readonly string[];
  /** How often an effect is tried again, and how many seconds before the first further try. Left out: as it is. */
  readonly patience?: { readonly retries: number; readonly retrySeconds: number };
  /** Whether it looks after what processes that died have left. Default true. */
  readonly isWatching?: boolean;
}

/** Only a person can help: the effect is not tried again by itself. */
export class FinalError extends Error {
  override readonly name = "FinalError";
}

/** Where pg-boss keeps them. */
export const OUTBOX_SCHEMA = "outbox";

const PATIENCE = { retries: 300, retrySeconds: 1 };
const ENDLESS = 1_000_000_000;
const LONGEST_PAUSE_SECONDS = 300;
const AT_ONCE = 4;
/** Without a sign of life for so long, a process has lost its effects to the others. */
const HEARTBEAT_SECONDS = 30;
const SUPERVISE_SECONDS = 5;
const POLL_SECONDS = 2;
/** What waits behind an effect that failed waits as long as it takes. */
const KEPT_SECONDS = 10 * 365 * 24 * 60 * 60;
const DRAIN_MS = 8000;

/** Where they stand. */
export const JOBS = sql.raw(`${OUTBOX_SCHEMA}.job`);

const Stored = z.object({ kind: z.string(), data: z.unknown() });

export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const { database, log, queues = [], patience = PATIENCE, isWatching = true } = options;
  const boss = new PgBoss({
    ...database.boss,
    schema: OUTBOX_SCHEMA,
    schedule: false,
    supervise: isWatching,
    useListenNotify: true,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    application_name: "decibel-outbox",
  });
  boss.on("error", (error) => log.error({ err: error }, "outbox: a step failed and is done again"));
  boss.on("warning", ({ message }) => log.warn(`outbox: ${message}`));
  await boss.start();
  for (const queue of queues) await createQueue(queue);

  return {
    async send(tx, kind, { subject, data, at }) {
      const stored: z.infer<typeof Stored> = { kind: kind.name, data };
      if (kind.supersedesEarlier === true) await dropFailed(tx, kind.name, subject);
      const id = await boss.send(queueOf(kind), stored, {
        db: fromDrizzle(tx, sql),
        singletonKey: subject,
        ...(at && { startAfter: at }),
        ...(kind.retriesForever === true && { retryLimit: ENDLESS }),
      });
      await putLast(tx, queueOf(kind), subject, id);
    },
    unblockSubject: async (tx, kind, subject) => {
      await tx.execute(sql`update ${JOBS} set singleton_key = ${subject} || ' ' || id
        where name = ${queueOf(kind)} and singleton_key = ${subject} and state in ('created', 'retry', 'failed')`);
    },
    async work(queue, handlers) {
      const byKind = new Map(handlers.map((handler) => [handler.kind.name, handler]));
      // Nobody is told when the pause before a further try is over: that is seen by looking, also where new ones are told of.
      const looks = { pollingIntervalSeconds: POLL_SECONDS, notifyPollingIntervalSeconds: POLL_SECONDS };
      const settings = { ...looks, includeMetadata: true, perJobResults: true } as const;
      for (let worker = 0; worker < AT_ONCE; worker += 1) {
        // Told only when it works already.
        let id = "";
        id = await boss.work(queue, settings, async (jobs: JobWithMetadata[]) => {
          const results = await Promise.all(jobs.map((job) => attempt(job, byKind)));
          // Where one was done there may be more: the next look is not a pause away.
          if (results.every(({ status }) => status === "completed")) boss.notifyWorker(id);
          return results;
        });
      }
    },
    retry: async (queue, id) => {
      // As if for the first time: with all the tries of one that is new.
      await boss
        .getDb()
        .executeSql(
          `update ${OUTBOX_SCHEMA}.job set retry_count = 0 where name = $1 and id::text = $2 and state = 'failed'`,
          [queue, id],
        );
      await boss.retry(queue, id);
    },
    drop: async (queue, id) => void (await boss.deleteJob(queue, id)),
    async isIdle() {
      const { rows } = await boss.getDb().executeSql(
        `select 1 from ${OUTBOX_SCHEMA}.job j where state in ('created', 'retry', 'active') and start_after <= now()
           and not exists (select 1 from ${OUTBOX_SCHEMA}.job f
             where f.name = j.name and f.singleton_key = j.singleton_key and f.state = 'failed') limit 1`,
      );
      return rows.length === 0;
    },
    close: () => boss.stop({ graceful: true, timeout: DRAIN_MS }),
  };

  /**
   * pg-boss goes by when transactions began, which says nothing of those that waited for each other, and of the effects
   * of one transaction only that they are its own.
   */
  async function putLast(tx: Tx, queue: string, subject: string, id: string | null): Promise<void> {
    await tx.execute(sql`update ${JOBS} set created_on = greatest(clock_timestamp(),
      (select max(created_on) + interval '1 microsecond' from ${JOBS}
        where name = ${queue} and singleton_key = ${subject} and id <> ${id}
          and state in ('created', 'retry', 'active', 'failed')))
      where name = ${queue} and id = ${id}`);
  }

  async function createQueue(name: string): Promise<void> {
    const isThere = (await boss.getQueue(name)) !== null;
    if (isThere && options.patience === undefined) return;
    const { retries, retrySeconds } = patience;
    // Without a pause there is none to grow.
    const retryBackoff = retrySeconds > 0;
    const settings = {
      retryLimit: retries,
      retryDelay: retrySeconds,
      retryBackoff,
      retentionSeconds: KEPT_SECONDS,
      deleteAfterSeconds: 0,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      notify: true,
    };
    const retryDelayMax = LONGEST_PAUSE_SECONDS;
    if (isThere) return boss.updateQueue(name, { ...settings, retryDelayMax: retryBackoff ? retryDelayMax : null });
    return boss.createQueue(name, { ...settings, ...(retryBackoff && { retryDelayMax }), policy: "key_strict_fifo" });
  }

  async function attempt(job: JobWithMetadata, handlers: ReadonlyMap<string, Handler<never>>) {
    const { id, retryCount, retryLimit } = job;
    const [subject = ""] = job.singletonKey?.split(" ") ?? [];
    const stored = Stored.parse(job.data);
    const own = log.child({ effect: stored.kind, effectId: id, attempt: retryCount + 1 });
    const handler = handlers.get(stored.kind);
    try {
      if (!handler) throw new Error(`nobody here knows effects of the kind ${stored.kind}`);
      await handler.perform({ id, subject, data: handler.kind.data.parse(stored.data), log: own });
      own.info("effect carried out");
      return { id, status: "completed" as const };
    } catch (thrown) {
      const error = databaseError(thrown);
      const isLast = !mayHelpToRetry(error) || retryCount >= retryLimit;
      own[isLast ? "error" : "warn"]({ err: error }, isLast ? "effect failed for good" : "effect failed for now");
      if (isLast && handler?.kind.supersedesEarlier === true && (await isOvertaken(job, stored.kind))) {
        own.info("effect dropped: a later one has the last word");
        return { id, status: "completed" as const, output: sayingOf(error) };
      }
      if (isLast && handler) await giveUp(handler, { id, subject, data: stored.data, log: own });
      const output = sayingOf(error);
      return { id, status: isLast ? ("deadletter" as const) : ("failed" as const), output };
    }
  }

  /** One that follows would find this one failed, and wait for somebody to see to it. */
  async function isOvertaken({ id, name, singletonKey, createdOn }: JobWithMetadata, kind: string): Promise<boolean> {
    const { rows } = await boss.getDb().executeSql(
      `select 1 from ${OUTBOX_SCHEMA}.job where name = $1 and singleton_key = $2 and id::text <> $3
        and state in ('created', 'retry') and data->>'kind' = $4 and created_on >= $5 limit 1`,
      [name, singletonKey, id, kind, createdOn],
    );
    return rows.length > 0;
  }

  async function giveUp(handler: Handler<never>, attempt: Attempt<unknown>): Promise<void> {
    try {
      await handler.failed?.({ ...attempt, data: handler.kind.data.parse(attempt.data) });
    } catch (error) {
      attempt.log.error({ err: error }, "what depends on the effect was not told that it failed");
    }
  }
}

/** And the later effects on the subject go on. */
async function dropFailed(tx: Tx, kind: string, subject: string): Promise<void> {
  await tx.execute(
    sql`delete from ${JOBS} where state = 'failed' and singleton_key = ${subject} and data->>'kind' = ${kind}`,
  );
}

/** For `Handler`s of different data in one list. */
export function handler<Data>(one: Handler<Data>): Handler<never> {
  // It is only ever called with what its own kind has parsed.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return one as unknown as Handler<never>;
}

function queueOf({ name }: { readonly name: string }): string {
  return name.split(".")[0] ?? name;
}

/** What an upstream understood and refused it refuses again, and what is gone does not come back. */
function mayHelpToRetry(error: unknown): boolean {
  if (error instanceof GraphQLError) return !GONE.has(error.extensions["code"]);
  return !(error instanceof FinalError || (error instanceof UpstreamError && error.final));
}

const GONE: ReadonlySet<unknown> = new Set(["BAD_USER_INPUT", "NOT_FOUND"]);

/** The upstream's own words apart: clients do not get them. */
function sayingOf(error: unknown): { readonly message: string; readonly words?: string } {
  if (!(error instanceof UpstreamError)) return { message: error instanceof Error ? error.message : String(error) };
  const { upstream, failure, status, detail } = error;
  const state = failure === "STATUS" ? `it answered ${status}` : failure.toLowerCase();
  return { message: `Cannot ask ${upstream}: ${state}`, ...(detail !== undefined && { words: detail }) };
}
