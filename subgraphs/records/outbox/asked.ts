/**
 * Does it cost an attempt to come back when an upstream has asked for it?
 *
 * A date that is later than the next attempt would be costs none. An earlier one is an ordinary retry, after the delay of the
 * outbox, because a server that always says `Retry-After: 1` is an outage like any other. The delay grows with each wait, as
 * it does with each attempt. After a day of waits each of them costs an attempt, so that they end.
 */
import type { JobWithMetadata } from "pg-boss";
import { MAX_PATIENCE_MS } from "../../platform/patience.ts";
import type { Marks } from "./marks.ts";
import { MAX_DELAY_SECONDS } from "./queues.ts";

export interface Wait {
  readonly ms: number;
  readonly isCounted: boolean;
}

type Job = Pick<JobWithMetadata, "retryCount" | "retryDelay" | "retryDelayMax">;

/** `random` gives 0 to 1. */
export async function waitAsked(ms: number, job: Job, marks: Marks, random: () => number = Math.random): Promise<Wait> {
  const waits = await marks.count("asked");
  const delayMs = delayOf(job, job.retryCount + waits - 1);
  const isCounted = ms <= delayMs || (await marks.ageMs("asked")) >= MAX_PATIENCE_MS;
  // As pg-boss does: not all at once.
  return { ms: isCounted ? Math.max(ms, (delayMs / 2) * (1 + random())) : ms, isCounted };
}

/** A queue without delays has one here: an upstream that asks for patience gets some. */
function delayOf({ retryDelay, retryDelayMax }: Job, attempts: number): number {
  const seconds = Math.max(1, retryDelay) * 2 ** Math.min(16, attempts);
  return Math.min(retryDelayMax ?? MAX_DELAY_SECONDS, seconds) * 1000;
}
