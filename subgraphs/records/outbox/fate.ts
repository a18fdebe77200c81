/**
 * What becomes of an effect after a failed attempt?
 *
 * The failure is classified (see failure.ts), and what was seen of the effect before decides how long it waits, or that it
 * fails.
 */
import type { JobWithMetadata, PgBoss } from "pg-boss";
import { upstreamErrorIn } from "../../platform/upstream-error.ts";
import { waitAsked } from "./asked.ts";
import type { Handler } from "./effect.ts";
import { failureOf } from "./failure.ts";
import type { Failure } from "./failure.ts";
import { marksOf } from "./marks.ts";
import type { Mark } from "./marks.ts";
import { OUTBOX_SCHEMA, subjectOf } from "./queues.ts";
import { PATIENCE_MS, othersRefused, outcomeOfRefusal } from "./refusals.ts";

export type Fate = { readonly kind: "retry" | "superseded" | "permanent" } | Waiting;

export interface Waiting {
  readonly kind: "wait";
  readonly ms: number;
  /** Whether it costs an attempt. */
  readonly isCounted: boolean;
  /** The operator has to hear of it. */
  readonly isForAccount: boolean;
}

export interface FailedAttempt {
  readonly error: unknown;
  readonly job: JobWithMetadata;
  /** Of its handler; undefined where this process has none. */
  readonly own: Handler<never> | undefined;
}

/** About an hour by the default delays: a table that is wrong may be corrected by then. */
const UNDECIDABLE_RETRIES = 20;

export async function fateOf(boss: PgBoss, { error, job, own }: FailedAttempt): Promise<Fate> {
  const failure = failureOf(error, own?.isFinal);
  const marks = marksOf(boss, job);
  await marks.forget(...interruptedBy(failure));
  const isRetryLeft = job.retryCount < job.retryLimit;
  if (failure.kind === "wait") return waiting(failure.ms);
  if (failure.kind === "asked") {
    const wait = await waitAsked(failure.ms, job, marks);
    if (!wait.isCounted || isRetryLeft) return { ...waiting(wait.ms), isCounted: wait.isCounted };
  }
  const isWorthRetrying =
    failure.kind === "retry" ||
    (failure.kind === "undecidable" && (await marks.count("undecidable")) <= UNDECIDABLE_RETRIES);
  if (isWorthRetrying && isRetryLeft) return { kind: "retry" };
  if (failure.kind === "awaited" && (await marks.ageMs("awaited")) < PATIENCE_MS) {
    return waiting(failure.ms);
  }
  if (failure.kind === "refused") {
    const areOthersRefused = othersRefused(boss, subjectOf(job), upstreamErrorIn(error)?.upstream ?? "");
    const outcome = await outcomeOfRefusal(failure, marks, areOthersRefused);
    if (outcome !== "permanent") return { ...waiting(failure.ms), isForAccount: outcome === "account" };
  }
  if (own?.kind.supersedesEarlier === true && (await hasSuccessor(boss, job, own.kind.name)))
    return { kind: "superseded" };
  return { kind: "permanent" };
}

function waiting(ms: number): Waiting {
  return { kind: "wait", ms, isCounted: false, isForAccount: false };
}

/**
 * What has to be seen for some minutes is forgotten where nobody knows whether it was so all the time: after an outage, a long
 * wait, or while our account was refused. Each of them ends in its own way.
 */
function interruptedBy(failure: Failure): readonly Mark[] {
  if (failure.kind === "retry" || failure.kind === "undecidable") return [...SEEN, "asked"];
  if (failure.kind === "asked" && failure.ms >= PATIENCE_MS) return SEEN;
  return failure.kind === "refused" && !failure.isDoubtful ? ["awaited", "alone"] : [];
}
const SEEN: readonly Mark[] = ["awaited", "refused", "contradicted", "alone"];

/** Without this check the later effect would wait behind a failed one that it makes needless. */
async function hasSuccessor(
  boss: PgBoss,
  { id, name, singletonKey, createdOn }: JobWithMetadata,
  kind: string,
): Promise<boolean> {
  const { rows } = await boss.getDb().executeSql(
    `select 1 from ${OUTBOX_SCHEMA}.job where name = $1 and singleton_key = $2 and id::text <> $3
        and state in ('created', 'retry') and data->>'kind' = $4 and created_on >= $5 limit 1`,
    [name, singletonKey, id, kind, createdOn],
  );
  return rows.length > 0;
}
