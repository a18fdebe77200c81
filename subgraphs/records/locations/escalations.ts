/** Which licences were escalated already? One for each location: a licence that is recorded anew is another one. */
import { ne, sql } from "drizzle-orm";
import type { Tx } from "../database/database.ts";
import { escalations } from "./tables.ts";

export interface EscalatedLicence {
  readonly locationId: string;
  /** undefined if none is on record. */
  readonly recordedAt: Date | undefined;
}

const NEVER = new Date(0);

/** Gives the ids of the locations whose licence was not escalated before. Concurrent calls note each licence once. */
export async function noteEscalations(
  tx: Tx,
  licences: readonly EscalatedLicence[],
  at: Date,
): Promise<ReadonlySet<string>> {
  if (licences.length === 0) return new Set();
  const noted = await tx
    .insert(escalations)
    // In the order of their ids: two processes that note the same ones do not block each other.
    .values(
      licences
        .toSorted((left, right) => (left.locationId < right.locationId ? -1 : 1))
        .map(({ locationId, recordedAt = NEVER }) => ({ locationId, recordedAt, escalatedAt: at })),
    )
    .onConflictDoUpdate({
      target: escalations.locationId,
      set: { recordedAt: sql`excluded.recorded_at`, escalatedAt: at },
      setWhere: ne(escalations.recordedAt, sql`excluded.recorded_at`),
    })
    .returning({ id: escalations.locationId });
  return new Set(noted.map(({ id }) => id));
}
