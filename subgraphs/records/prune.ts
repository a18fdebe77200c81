/**
 * Which records are deleted when they are old?
 *
 * Finished effects, which nobody looks up after months; and what only deduplicates: the keys of mutations and the ids of
 * engagement events, since no client repeats those after months. Every process prunes once an hour. The ledger and failed
 * effects stay.
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
/** Longer than clients retry a mutation, and than engagement counts. */
export const RETENTION_DAYS = 90;

export function startPruning(options: PruneOptions): Pruning {
  let current = Promise.resolve();
  const timer = setInterval(() => {
    current = prune(options).catch((error: unknown) => {
      options.log.warn({ err: databaseError(error) }, "pruning failed and will be repeated");
    });
  }, HOUR_MS);
  timer.unref();
  return {
    close: async () => {
      clearInterval(timer);
      await current;
    },
  };
}

export async function prune({ database, now }: PruneOptions): Promise<void> {
  const before = new Date(now() - RETENTION_DAYS * DAY_MS);
  const { db } = database;
  await db.delete(mutationKeys).where(lt(mutationKeys.madeAt, before));
  await db.delete(engagementEvents).where(lt(engagementEvents.at, before));
  await db.execute(sql`delete from ${JOBS}
    where state in ('completed', 'cancelled') and completed_on < ${before.toISOString()}::timestamptz`);
}
