/** How are engagement events counted, each once? */
import { sql } from "drizzle-orm";
import type { Tx } from "../database/database.ts";
import { engagement, engagementEvents, people } from "./tables.ts";
import type { EngagementEvent } from "./types.ts";

/**
 * Gives the number of events that were not counted before. Takes three statements for any number of events. Requires a
 * lock on the listeners and unique event ids.
 */
export async function countEngagement(tx: Tx, events: readonly EngagementEvent[]): Promise<number> {
  // Sorted, so that two batches with the same event ids but other listeners do not deadlock.
  const sorted = events.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  const added = await tx.insert(engagementEvents).values(sorted).onConflictDoNothing().returning();
  if (added.length === 0) return 0;

  const byDay = Map.groupBy(added, ({ listenerId, kind, at }) => [listenerId, dayOf(Number(at)), kind].join(" "));
  const counts = [...byDay.values()].flatMap(([first, ...others]) =>
    first
      ? [
          {
            listenerId: first.listenerId,
            day: dayOf(Number(first.at)),
            kind: first.kind,
            count: 1 + others.length,
          },
        ]
      : [],
  );
  await tx
    .insert(engagement)
    .values(counts)
    .onConflictDoUpdate({
      target: [engagement.listenerId, engagement.day, engagement.kind],
      set: { count: sql`${engagement.count} + excluded.count` },
    });

  const byListener = [...Map.groupBy(added, ({ listenerId }) => listenerId)];
  const ids = byListener.map(([id]) => id);
  const latest = byListener.map(([, own]) => new Date(Math.max(...own.map(({ at }) => Number(at)))).toISOString());
  await tx.execute(sql`
    update ${people} set last_at = greatest(${people.lastAt}, latest.at)
    from unnest(${sql.param(ids)}::text[], ${sql.param(latest)}::timestamptz[]) as latest (id, at)
    where ${people.id} = latest.id`);
  return added.length;
}

/** A UTC date: `2026-03-10`. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
