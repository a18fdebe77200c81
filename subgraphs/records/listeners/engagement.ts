/** How are engagement events counted, each once, and what do clicks say of a listener's interest? */
import { sql } from "drizzle-orm";
import { dayOf } from "../../platform/day.ts";
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
  const rows = sorted.map(({ product: _interest, ...event }) => event);
  const added = await tx.insert(engagementEvents).values(rows).onConflictDoNothing().returning();
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
  const latest = byListener.map(([, own]) => newest(own)?.at.toISOString());
  const productOf = new Map(events.map(({ id, product }) => [id, product]));
  const clicks = byListener.map(([, own]) => own.filter(({ kind }) => kind === "CTA_CLICK"));
  const clickedAt = clicks.map((own) => newest(own)?.at.toISOString() ?? null);
  const products = clicks.map(
    (own) => productOf.get(newest(own.filter(({ id }) => productOf.get(id)))?.id ?? "") ?? null,
  );
  // A click that is sent late says nothing of what the listener is interested in now.
  await tx.execute(sql`
    update ${people} set
      last_at = greatest(${people.lastAt}, latest.at),
      product_interest = case
        when exists (
          select from ${engagementEvents}
          where ${engagementEvents.listenerId} = latest.id and ${engagementEvents.kind} = 'CTA_CLICK'
            and ${engagementEvents.at} > latest.clicked_at
        ) then ${people.productInterest}
        else coalesce(latest.product, ${people.productInterest})
      end
    from unnest(
      ${sql.param(ids)}::text[], ${sql.param(latest)}::timestamptz[],
      ${sql.param(clickedAt)}::timestamptz[], ${sql.param(products)}::text[]
    ) as latest (id, at, clicked_at, product)
    where ${people.id} = latest.id`);
  return added.length;
}

/** Undefined if there is none. */
function newest<Event extends { readonly at: Date }>(events: readonly Event[]): Event | undefined {
  return events.toSorted((left, right) => Number(right.at) - Number(left.at))[0];
}
