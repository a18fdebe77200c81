/** How are listeners read, with their consents and engagement, and locked? */
import { and, asc, count, eq, gt, gte, sum } from "drizzle-orm";
import type { Tx } from "../database/database.ts";
import { isAnyOf } from "../database/is-any-of.ts";
import { storableText } from "../database/texts.ts";
import { dayOf } from "../../platform/day.ts";
import { consents, engagement, people } from "./tables.ts";
import type { ConsentRecord, EngagementKind, EngagementRecord, ListenerRecord, ListenerRecords } from "./types.ts";

type PersonRow = typeof people.$inferSelect;
type Counts = ReadonlyMap<EngagementKind, number>;

const WINDOW_MS = 30 * 24 * 60 * 60 * 1000;

export function listenerRecords(db: Tx, now: () => number): ListenerRecords {
  return {
    async listeners({ after, limit, country }) {
      const rows = await db
        .select()
        .from(people)
        .where(and(after === undefined ? undefined : gt(people.id, storableText(after)), isIn(country)))
        .orderBy(asc(people.id))
        .limit(limit);
      return withDetails(rows);
    },
    async count(country) {
      const [row] = await db.select({ count: count() }).from(people).where(isIn(country));
      return row?.count ?? 0;
    },
    async byIds(ids) {
      const rows = await db.select().from(people).where(isAnyOf(people.id, ids));
      const byId = new Map((await withDetails(rows)).map((record) => [record.id, record]));
      return ids.map((id) => byId.get(id));
    },
  };

  /** Adds consents and engagement: two queries for all rows. */
  async function withDetails(rows: readonly PersonRow[]): Promise<readonly ListenerRecord[]> {
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return [];
    const [consentsById, countsById] = await Promise.all([consentsOf(ids), countsOf(ids)]);
    return rows.map(({ lastAt, ...person }) => ({
      ...person,
      consents: consentsById.get(person.id) ?? [],
      engagement: engagementOf(countsById.get(person.id) ?? new Map(), lastAt),
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
        ([id, counts]) => [id, new Map(counts.map((row) => [row.kind, row.count ?? 0]))],
      ),
    );
  }
}

/**
 * Locks listeners until the transaction ends, and gives the ids of those that exist. Nobody else can then change or erase
 * their records. All callers lock in the order of the ids, so two with overlapping ids do not deadlock.
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

function isIn(country: string | undefined) {
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
