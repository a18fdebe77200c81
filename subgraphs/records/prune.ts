/**
 * What is remembered only for a while?
 *
 * Effects that were carried out, the keys of mutations, and the ids of events, which only say that something was done
 * already: nobody repeats what is months old. Looked after by every process once an hour; what one has deleted, the others
 * do not find. The ledger and what failed stay.
 */
import { lt, sql } from "drizzle-orm";
import type { Logger } from "pino";
import type { Database } from "./database/database.ts";
import { databaseError } from "../platform/database-error.ts";
import { JOBS } from "./outbox/queues.ts";
import { engagementEvents } from "./listeners/tables.ts";
import { mutationKeys } from "./mutations/tables.ts";

export interface Pruning {
  close(): Promise<void>;
}

export interface PruneOptions {
  readonly database: Database;
  readonly log: Logger;
  readonly now: () => number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Longer than anybody goes on repeating a mutation, and than engagement is counted for. */
const KEPT_DAYS = 90;

export function startPruning(options: PruneOptions): Pruning {
  let underWay = Promise.resolve();
  const timer = setInterval(() => {
    underWay = prune(options).catch((error: unknown) => {
      options.log.warn({ err: databaseError(error) }, "what is old was not deleted: later");
    });
  }, HOUR_MS);
  timer.unref();
  return {
    close: async () => {
      clearInterval(timer);
      await underWay;
    },
  };
}

export async function prune({ database, now }: PruneOptions): Promise<void> {
  const before = new Date(now() - KEPT_DAYS * DAY_MS);
  const { db } = database;
  await db.delete(mutationKeys).where(lt(mutationKeys.madeAt, before));
  await db.delete(engagementEvents).where(lt(engagementEvents.at, before));
  await db.execute(sql`delete from ${JOBS}
    where state in ('completed', 'cancelled') and completed_on < ${before.toISOString()}::timestamptz`);
}
