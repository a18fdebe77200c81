/** What is written down about listeners, as the listeners subgraph asks for it? */
import { and, asc, count, eq, gt, gte, sum } from "drizzle-orm";
import type {
  ConsentRecord,
  EngagementKind,
  EngagementRecord,
  ListenerRecord,
  ListenerRecords,
} from "../listeners/records.ts";
import { among } from "./among.ts";
import type { Tx } from "./database.ts";
import { consents, engagement, people } from "./tables/listeners.ts";
import { storableText } from "./texts.ts";

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
      const rows = await db.select().from(people).where(among(people.id, ids));
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
      .where(among(listenerId, ids))
      .orderBy(asc(consents.id));
    return Map.groupBy(rows, (row) => row.listenerId);
  }

  async function countsOf(ids: readonly string[]): Promise<ReadonlyMap<string, Counts>> {
    const { listenerId, kind, day } = engagement;
    const rows = await db
      .select({ listenerId, kind, count: sum(engagement.count).mapWith(Number) })
      .from(engagement)
      .where(and(among(listenerId, ids), gte(day, dayOf(now() - WINDOW_MS))))
      .groupBy(listenerId, kind);
    return new Map(
      Array.from(
        Map.groupBy(rows, (row) => row.listenerId),
        ([id, own]) => [id, new Map(own.map((row) => [row.kind, row.count ?? 0]))],
      ),
    );
  }
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
