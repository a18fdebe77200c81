/**
 * Which records are deleted when they are old?
 *
 * Finished effects, which nobody looks up after months; and what only deduplicates: the keys of mutations and the ids of
 * engagement events, since no client repeats those after months. Every worker prunes once an hour, and seals the days of the
 * ledger that are over. Failed effects stay, and so do evaluations, unless it is set how long they are kept.
 */
import { lt, sql } from "drizzle-orm";
import type { Logger } from "pino";
import type { Database } from "./database/database.ts";
import { deleteDaysBefore, sealDays } from "./decisions/ledger-days.ts";
import type { Sign } from "./decisions/receipts.ts";
import { databaseError } from "../platform/database-error.ts";
import { dayOf } from "../platform/day.ts";
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
  /** By which the days of the ledger are signed. Default: they are not. */
  readonly sign?: Sign | undefined;
  /** For how many days evaluations are kept. Default: for ever. */
  readonly ledgerDays?: number | undefined;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Longer than clients retry a mutation, and than engagement counts. */
export const RETENTION_DAYS = 90;

export function startPruning(options: PruneOptions): Pruning {
  const { log } = options;
  const repeated = async (work: () => Promise<void>, failed: string): Promise<void> =>
    work().catch((error: unknown) => log.warn({ err: databaseError(error) }, failed));
  const seal = () => repeated(() => sealLedger(options), "the ledger was not sealed: it will be tried again");
  let current = seal();
  const timer = setInterval(() => {
    current = seal().then(() => repeated(() => prune(options), "pruning failed and will be repeated"));
  }, HOUR_MS);
  timer.unref();
  return {
    close: async () => {
      clearInterval(timer);
      await current;
    },
  };
}

async function sealLedger({ database, log, now, sign, ledgerDays }: PruneOptions): Promise<void> {
  const sealed = await sealDays(database, { sign, now });
  if (sealed > 0) log.info({ days: sealed }, "days of the ledger are sealed");
  if (ledgerDays === undefined) return;
  const before = dayOf(now() - ledgerDays * DAY_MS);
  const deleted = await deleteDaysBefore(database, before, now);
  if (deleted > 0) log.info({ evaluations: deleted, before }, "old evaluations are deleted; their seals are kept");
}

export async function prune({ database, now }: Pick<PruneOptions, "database" | "now">): Promise<void> {
  const before = new Date(now() - RETENTION_DAYS * DAY_MS);
  const { db } = database;
  await db.delete(mutationKeys).where(lt(mutationKeys.madeAt, before));
  await db.delete(engagementEvents).where(lt(engagementEvents.at, before));
  await db.execute(sql`delete from ${JOBS}
    where state in ('completed', 'cancelled') and completed_on < ${before.toISOString()}::timestamptz`);
}
