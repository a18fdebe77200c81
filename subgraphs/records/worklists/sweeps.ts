/**
 * Which process works on a worklist, and how far is it?
 *
 * A row says so. A process takes it for a while and extends that while it works, so no lock is held between two queries,
 * which a pooler may give different connections; when the process dies, another one takes over.
 */
import { and, eq, lt, or, sql } from "drizzle-orm";
import type { Tx } from "../database/database.ts";
import { sweeps } from "./tables.ts";

export interface Sweep {
  /** Everything that had changed by then is in the worklist; null until all of it was read once. */
  readonly asOf: Date | null;
  /** Of the last complete sweep; null before that. */
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export interface SweepRecords {
  last(): Promise<Sweep>;
  /** Takes the worklist, or extends that, for a while. False while another one holds it. */
  take(holder: string): Promise<boolean>;
  release(holder: string): Promise<void>;
  /** Without `asOf` that stays as it is. */
  finished(sweep: { readonly startedAt: Date; readonly finishedAt: Date; readonly asOf?: Date }): Promise<void>;
}

/** A process that does not extend it for so long loses it to another. */
export const HELD_SECONDS = 30;

const NEVER: Sweep = { asOf: null, startedAt: null, finishedAt: null };

export function sweepRecords(db: Tx, worklist: string): SweepRecords {
  const own = eq(sweeps.worklist, worklist);
  return {
    async last() {
      const [row] = await db.select().from(sweeps).where(own);
      return row ?? NEVER;
    },
    async take(holder) {
      const heldUntil = sql`clock_timestamp() + make_interval(secs => ${HELD_SECONDS})`;
      const isFree = or(
        sql`${sweeps.heldUntil} is null`,
        lt(sweeps.heldUntil, sql`clock_timestamp()`),
        eq(sweeps.holder, holder),
      );
      const taken = await db
        .insert(sweeps)
        .values({ worklist, holder, heldUntil })
        .onConflictDoUpdate({
          target: sweeps.worklist,
          set: { holder, heldUntil },
          ...(isFree && { setWhere: isFree }),
        })
        .returning({ worklist: sweeps.worklist });
      return taken.length > 0;
    },
    async release(holder) {
      await db
        .update(sweeps)
        .set({ heldUntil: null })
        .where(and(own, eq(sweeps.holder, holder)));
    },
    async finished(sweep) {
      await db
        .insert(sweeps)
        .values({ worklist, ...sweep })
        .onConflictDoUpdate({ target: sweeps.worklist, set: sweep });
    },
  };
}
