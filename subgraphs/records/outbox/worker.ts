/**
 * What happens in one attempt at an effect?
 *
 * Its handler performs it. A failure is classified, once (see failure.ts): `retry` puts the effect back with a delay, and
 * `wait` until a time, mostly without using up an attempt; `superseded` completes it, because a later effect on the subject
 * replaces it; `permanent` keeps it, visible, and blocks the later effects on its subject until a person retries or drops it.
 */
import type { JobResult, JobWithMetadata, PgBoss } from "pg-boss";
import type { Logger } from "pino";
import { databaseError } from "../../platform/database-error.ts";
import { adviceAfter } from "../../platform/refused-accounts.ts";
import type { RefusedAccounts } from "../../platform/refused-accounts.ts";
import { spanning } from "../../platform/tracing/span.ts";
import type { Tracing } from "../../platform/tracing/tracing.ts";
import { UpstreamError, upstreamErrorIn } from "../../platform/upstream-error.ts";
import { AbsentError } from "./effect.ts";
import type { Attempt, Handler } from "./effect.ts";
import { fateOf } from "./fate.ts";
import type { Waiting } from "./fate.ts";
import { ownWrites } from "./own-writes.ts";
import { OUTBOX_SCHEMA, StoredEffect, subjectOf } from "./queues.ts";

/** Attempts one job and gives its result; never rejects for an effect's own failure. */
export type Worker = (job: JobWithMetadata) => Promise<JobResult>;

interface WorkerOptions {
  readonly boss: PgBoss;
  readonly log: Logger;
  readonly accounts: RefusedAccounts;
  /** How far the lists of upstreams are assumed to lag. */
  readonly lagSeconds: number;
  readonly tracing: Pick<Tracing, "beginCausedBy">;
}

export function createWorker(
  { boss, log, accounts, lagSeconds, tracing }: WorkerOptions,
  handlers: readonly Handler<never>[],
): Worker {
  const byKind = new Map(handlers.map((each) => [each.kind.name, each]));

  return async (job) => {
    const { id, name, retryCount } = job;
    const { kind, data, trace } = StoredEffect.parse(job.data);
    const span = tracing.beginCausedBy(trace, `process ${kind}`, {
      "messaging.system": "decibel.outbox",
      "messaging.operation.type": "process",
      "messaging.operation.name": "process",
      "messaging.destination.name": name,
      "decibel.effect": kind,
      "decibel.effect.attempt": retryCount + 1,
    });
    const effectLog = log.child({ effect: kind, effectId: id, attempt: retryCount + 1, traceId: span?.traceId });
    const subject = subjectOf(job);
    const { once, isRepeated } = ownWrites(boss, job, lagSeconds);
    const attempt: Attempt<unknown> = { id, subject, data, log: effectLog, once, isRepeated };
    const own = byKind.get(kind);
    try {
      await spanning(span, async () => {
        if (!own) throw new Error(`Cannot carry out ${kind}: this process has no handler for it`);
        await own.perform(parsed(own, attempt));
      });
      effectLog.info("effect carried out");
      return { id, status: "completed" };
    } catch (thrown) {
      const error = databaseError(thrown);
      const fate = await fateOf(boss, { error, job, own });
      const isForAccount = fate.kind === "wait" && fate.isForAccount;
      const output = outputOf(error, isForAccount);
      if (fate.kind === "wait") {
        if (isForAccount) accounts.tell(log, error, true);
        effectLog.info({ err: error, waitMs: fate.ms }, "effect waits for its upstream");
        await putBack(job, fate, output);
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

  /**
   * Makes the job due later; unless it is counted, with as many attempts as before this one. pg-boss has no such result: it
   * finds the job no longer active, and leaves it alone, whatever the worker gives. The next fetch counts one more.
   */
  async function putBack(
    { id, name, retryCount }: JobWithMetadata,
    { ms, isCounted }: Pick<Waiting, "ms" | "isCounted">,
    output: object,
  ): Promise<void> {
    await boss.getDb().executeSql(
      `update ${OUTBOX_SCHEMA}.job set state = 'retry', retry_count = $6::int, heartbeat_on = null,
          start_after = ${OUTBOX_SCHEMA}.job_now() + $4::double precision * interval '1 millisecond', output = $5::jsonb
        where name = $1 and id::text = $2 and retry_count = $3 and state = 'active'`,
      [name, id, retryCount, ms, JSON.stringify(output), isCounted ? retryCount : retryCount - 1],
    );
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
  const { upstream } = error instanceof AbsentError ? error : (asked ?? {});
  const parts = [asked?.detail, asked && isForAccount ? adviceAfter(asked) : undefined];
  const detail = parts.filter((part) => part !== undefined).join("; ");
  return { message: messageOf(error), ...(upstream !== undefined && { upstream }), ...(detail !== "" && { detail }) };
}

function messageOf(error: unknown): string {
  if (!(error instanceof UpstreamError)) return error instanceof Error ? error.message : String(error);
  const { upstream, failure, status } = error;
  return `Cannot ask ${upstream}: ${failure === "STATUS" ? `it answered ${status}` : failure.toLowerCase()}`;
}
