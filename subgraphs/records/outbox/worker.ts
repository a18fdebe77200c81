/**
 * What happens in one attempt at an effect?
 *
 * Its handler performs it. A failure is classified, once (see failure.ts): `retry` puts the effect back with a delay, and
 * `wait` until a time, without using up an attempt; `superseded` completes it, because a later effect on the subject
 * replaces it; `permanent` keeps it, visible, and blocks the later effects on its subject until a person retries or drops it.
 */
import type { JobResult, JobWithMetadata, PgBoss } from "pg-boss";
import type { Logger } from "pino";
import { databaseError } from "../../platform/database-error.ts";
import { adviceAfter } from "../../platform/refused-accounts.ts";
import type { RefusedAccounts } from "../../platform/refused-accounts.ts";
import { UpstreamError, upstreamErrorIn } from "../../platform/upstream-error.ts";
import type { Attempt, Handler } from "./effect.ts";
import { failureOf } from "./failure.ts";
import { countUndecidable, marksOf } from "./marks.ts";
import { ownWrites } from "./own-writes.ts";
import { OUTBOX_SCHEMA, StoredEffect } from "./queues.ts";
import { PATIENCE_MS, othersRefused, outcomeOfRefusal } from "./refusals.ts";

/** About an hour by the default delays: a table that is wrong may be corrected by then. */
const UNDECIDABLE_RETRIES = 20;

/** What becomes of an effect after a failure. */
type Fate =
  | { readonly kind: "retry" | "superseded" | "permanent" }
  | { readonly kind: "wait"; readonly ms: number; readonly isForAccount: boolean };

/** Attempts one job and gives its result; never rejects for an effect's own failure. */
export type Worker = (job: JobWithMetadata) => Promise<JobResult>;

interface WorkerOptions {
  readonly boss: PgBoss;
  readonly log: Logger;
  readonly accounts: RefusedAccounts;
  /** How far the lists of upstreams are assumed to lag. */
  readonly lagSeconds: number;
}

export function createWorker(
  { boss, log, accounts, lagSeconds }: WorkerOptions,
  handlers: readonly Handler<never>[],
): Worker {
  const byKind = new Map(handlers.map((each) => [each.kind.name, each]));

  return async (job) => {
    const { id, retryCount, singletonKey } = job;
    const { kind, data } = StoredEffect.parse(job.data);
    const effectLog = log.child({ effect: kind, effectId: id, attempt: retryCount + 1 });
    // A released effect carries its id behind the subject, and one without an order its kind.
    const [subject = ""] = singletonKey?.split(" ") ?? [];
    const { once, isRepeated } = ownWrites(boss, job, lagSeconds);
    const attempt: Attempt<unknown> = { id, subject, data, log: effectLog, once, isRepeated };
    const own = byKind.get(kind);
    try {
      if (!own) throw new Error(`Cannot carry out ${kind}: this process has no handler for it`);
      await own.perform(parsed(own, attempt));
      effectLog.info("effect carried out");
      return { id, status: "completed" };
    } catch (thrown) {
      const error = databaseError(thrown);
      const fate = await fateOf(error, job, own);
      const isForAccount = fate.kind === "wait" && fate.isForAccount;
      const output = outputOf(error, isForAccount);
      if (fate.kind === "wait") {
        if (isForAccount) accounts.tell(log, error, true);
        effectLog.info({ err: error, waitMs: fate.ms }, "effect waits for its upstream");
        await putBack(job, fate.ms, output);
        return { id, status: "failed", output };
      }
      if (fate.kind === "retry") {
        effectLog.warn({ err: error }, "effect failed and will be retried");
        return { id, status: "failed", output };
      }
      if (fate.kind === "superseded") {
        effectLog.warn({ err: error }, "effect failed and is superseded");
        return { id, status: "completed", output };
      }
      effectLog.error({ err: error }, "effect failed permanently");
      if (own) await notifyFailed(own, attempt);
      return { id, status: "deadletter", output };
    }
  };

  async function fateOf(error: unknown, job: JobWithMetadata, own: Handler<never> | undefined): Promise<Fate> {
    const failure = failureOf(error, own?.isFinal);
    const marks = marksOf(boss, job);
    const waits = (ms: number, isForAccount = false): Fate => ({ kind: "wait", ms, isForAccount });
    if (failure.kind === "wait") return waits(failure.ms);
    const isWorthRetrying =
      failure.kind === "retry" ||
      (failure.kind === "undecidable" && (await countUndecidable(boss, job)) <= UNDECIDABLE_RETRIES);
    if (isWorthRetrying && job.retryCount < job.retryLimit) return { kind: "retry" };
    if (failure.kind === "awaited" && (await marks.ageMs("awaited")) < PATIENCE_MS) return waits(failure.ms);
    if (own && failure.kind === "refused") {
      const outcome = await outcomeOfRefusal(failure, marks, othersRefused(boss, job, own.kind.name));
      if (outcome !== "permanent") return waits(failure.ms, outcome === "account");
    }
    if (own?.kind.supersedesEarlier === true && (await hasSuccessor(job, own.kind.name))) return { kind: "superseded" };
    return { kind: "permanent" };
  }

  /**
   * Makes the job due later, with as many attempts as before this one. pg-boss has no such result: it finds the job no
   * longer active, and leaves it alone, whatever the worker gives. The next fetch counts one more.
   */
  async function putBack({ id, name, retryCount }: JobWithMetadata, ms: number, output: object): Promise<void> {
    await boss.getDb().executeSql(
      `update ${OUTBOX_SCHEMA}.job set state = 'retry', retry_count = retry_count - 1, heartbeat_on = null,
          start_after = ${OUTBOX_SCHEMA}.job_now() + $4::double precision * interval '1 millisecond', output = $5::jsonb
        where name = $1 and id::text = $2 and retry_count = $3 and state = 'active'`,
      [name, id, retryCount, ms, JSON.stringify(output)],
    );
  }

  /** Without this check the later effect would wait behind a failed one that it makes needless. */
  async function hasSuccessor({ id, name, singletonKey, createdOn }: JobWithMetadata, kind: string): Promise<boolean> {
    const { rows } = await boss.getDb().executeSql(
      `select 1 from ${OUTBOX_SCHEMA}.job where name = $1 and singleton_key = $2 and id::text <> $3
        and state in ('created', 'retry') and data->>'kind' = $4 and created_on >= $5 limit 1`,
      [name, singletonKey, id, kind, createdOn],
    );
    return rows.length > 0;
  }
}

async function notifyFailed(own: Handler<never>, attempt: Attempt<unknown>): Promise<void> {
  try {
    await own.failed?.(parsed(own, attempt));
  } catch (error) {
    attempt.log.error({ err: error }, "the handler could not record that its effect failed");
  }
}

function parsed(own: Handler<never>, attempt: Attempt<unknown>): Attempt<never> {
  return { ...attempt, data: own.kind.data.parse(attempt.data) };
}

interface Output {
  readonly message: string;
  /** The one that failed it, also where a decision failed by it. */
  readonly upstream?: string | undefined;
  readonly detail?: string;
}

/** Keeps the upstream's own message, and what has to be done, apart as `detail`: it is for operators, not for clients. */
function outputOf(error: unknown, isForAccount: boolean): Output {
  const asked = upstreamErrorIn(error);
  const upstream = asked?.upstream;
  const parts = [asked?.detail, asked && isForAccount ? adviceAfter(asked) : undefined];
  const detail = parts.filter((part) => part !== undefined).join("; ");
  return { message: messageOf(error), ...(upstream !== undefined && { upstream }), ...(detail !== "" && { detail }) };
}

function messageOf(error: unknown): string {
  if (!(error instanceof UpstreamError)) return error instanceof Error ? error.message : String(error);
  const { upstream, failure, status } = error;
  return `Cannot ask ${upstream}: ${failure === "STATUS" ? `it answered ${status}` : failure.toLowerCase()}`;
}
