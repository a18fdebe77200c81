/** What is written down about listeners, as the listeners subgraph asks for it? */
import { and, asc, count, desc, eq, gt, gte, sql, sum } from "drizzle-orm";
import type {
  ConsentRecord,
  EngagementEvent,
  EngagementKind,
  EngagementRecord,
  ListenerRecord,
  ListenerRecords,
  NewConsent,
} from "./types.ts";
import { isAnyOf } from "../database/is-any-of.ts";
import type { Tx } from "../database/database.ts";
import { consents, engagement, engagementEvents, people } from "./tables.ts";
import { storableText } from "../database/texts.ts";

type Person = typeof people.$inferSelect;
type Counts = ReadonlyMap<EngagementKind, number>;

const WINDOW_MS = 30 * 24 * 60 * 60 * 1000;

export function listenerRecords(db: Tx, now: () => number): ListenerRecords {
  return {
    async listeners({ after, limit, country }) {
      const rows = await db
        .select()
        .from(people)
        .where(and(after === undefined ? undefined : gt(people.id, storableText(after)), of(country)))
        .orderBy(asc(people.id))
        .limit(limit);
      return whole(rows);
    },
    async count(country) {
      const [row] = await db.select({ count: count() }).from(people).where(of(country));
      return row?.count ?? 0;
    },
    async byIds(ids) {
      const rows = await db.select().from(people).where(isAnyOf(people.id, ids));
      const byId = new Map((await whole(rows)).map((record) => [record.id, record]));
      return ids.map((id) => byId.get(id));
    },
  };

  /** With what was said and done by each: two queries for all of them. */
  async function whole(rows: readonly Person[]): Promise<readonly ListenerRecord[]> {
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return [];
    const [said, done] = await Promise.all([consentsOf(ids), countsOf(ids)]);
    return rows.map(({ lastAt, ...person }) => ({
      ...person,
      consents: said.get(person.id) ?? [],
      engagement: engagementOf(done.get(person.id) ?? new Map(), lastAt),
    }));
  }

  async function consentsOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly ConsentRecord[]>> {
    const { listenerId, purpose, granted, recordedAt } = consents;
    const rows = await db
      .select({ listenerId, purpose, granted, recordedAt })
      .from(consents)
      .where(isAnyOf(listenerId, ids))
      .orderBy(asc(consents.id));
    return Map.groupBy(rows, (row) => row.listenerId);
  }

  async function countsOf(ids: readonly string[]): Promise<ReadonlyMap<string, Counts>> {
    const { listenerId, kind, day } = engagement;
    const rows = await db
      .select({ listenerId, kind, count: sum(engagement.count).mapWith(Number) })
      .from(engagement)
      .where(and(isAnyOf(listenerId, ids), gte(day, dayOf(now() - WINDOW_MS))))
      .groupBy(listenerId, kind);
    return new Map(
      Array.from(
        Map.groupBy(rows, (row) => row.listenerId),
        ([id, own]) => [id, new Map(own.map((row) => [row.kind, row.count ?? 0]))],
      ),
    );
  }
}

/**
 * Gives those that are there. Until the transaction ends nobody else changes what is known of them, or erases them; of two
 * who lock some of the same, neither waits for the other in vain.
 */
export async function lockListeners(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx
    .select({ id: people.id })
    .from(people)
    .where(isAnyOf(people.id, ids))
    .orderBy(asc(people.id))
    .for("no key update");
  return new Set(rows.map(({ id }) => id));
}

/** What was said just now stands, whatever the clocks of others say. The listener is locked. */
export async function addConsent(tx: Tx, { now, recordedAt: said, ...consent }: NewConsent): Promise<void> {
  const recordedAt = said ?? new Date(Math.max(Number(now), 1 + (await lastAnswered(tx, consent))));
  await tx.insert(consents).values({ ...consent, recordedAt });
}

async function lastAnswered(
  tx: Tx,
  { listenerId, purpose }: Pick<NewConsent, "listenerId" | "purpose">,
): Promise<number> {
  const [last] = await tx
    .select({ at: consents.recordedAt })
    .from(consents)
    .where(and(eq(consents.listenerId, listenerId), eq(consents.purpose, purpose)))
    .orderBy(desc(consents.recordedAt))
    .limit(1);
  return last ? Number(last.at) : 0;
}

/**
 * Gives how many were not counted before. However many they are, it takes three statements. The listeners are locked, and
 * no id occurs twice.
 */
export async function countEngagement(tx: Tx, events: readonly EngagementEvent[]): Promise<number> {
  // In one order: two batches may hold the same ids, of different listeners.
  const ordered = events.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  const added = await tx.insert(engagementEvents).values(ordered).onConflictDoNothing().returning();
  if (added.length === 0) return 0;

  const byDay = Map.groupBy(added, ({ listenerId, kind, at }) => [listenerId, dayOf(Number(at)), kind].join(" "));
  const counted = [...byDay.values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, day: dayOf(Number(first.at)), count: 1 + others.length }] : [],
  );
  await tx
    .insert(engagement)
    .values(counted.map(({ listenerId, day, kind, count }) => ({ listenerId, day, kind, count })))
    .onConflictDoUpdate({
      target: [engagement.listenerId, engagement.day, engagement.kind],
      set: { count: sql`${engagement.count} + excluded.count` },
    });

  const byListener = [...Map.groupBy(added, ({ listenerId }) => listenerId)];
  const ids = byListener.map(([id]) => id);
  const lasts = byListener.map(([, own]) => new Date(Math.max(...own.map(({ at }) => Number(at)))).toISOString());
  await tx.execute(sql`
    update ${people} set last_at = greatest(${people.lastAt}, heard.at)
    from unnest(${sql.param(ids)}::text[], ${sql.param(lasts)}::timestamptz[]) as heard (id, at)
    where ${people.id} = heard.id`);
  return added.length;
}

/** UTC: `2026-03-10`. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function of(country: string | undefined) {
  return country === undefined ? undefined : eq(people.country, country);
}

function engagementOf(counts: Counts, lastAt: Date | null): EngagementRecord {
  const of = (kind: EngagementKind): number => counts.get(kind) ?? 0;
  return {
    listens: of("LISTEN"),
    skips: of("SKIP"),
    follows: of("FOLLOW"),
    playlistAdds: of("PLAYLIST_ADD"),
    ctaClicks: of("CTA_CLICK"),
    lastAt,
  };
}
