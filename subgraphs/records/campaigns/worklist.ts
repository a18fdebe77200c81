/** How is the worklist of cases read and written? Each unresolved case has its rank; a page is one query by an index. */
import { and, asc, gt, sql } from "drizzle-orm";
import type { Place } from "../../../schema/worklist.ts";
import type { Tx } from "../database/database.ts";
import { isOfCampaignOf } from "../accounts.ts";
import { cases } from "./tables.ts";
import type { CaseWorklistRecords, RankedCase } from "./types.ts";

const ID = sql`${cases.id} collate "C"`;
const PLACE = sql`(${cases.rank}, ${cases.openedAt}, ${ID})`;
/** As in the index. */
const IS_OPEN = sql`${cases.status} <> 'RESOLVED'`;

export function caseWorklistRecords(db: Tx): CaseWorklistRecords {
  return {
    async items(limit, after, accounts) {
      const isAfter = after && sql`${PLACE} > ${placeOf(after)}`;
      const rows = await db
        .select()
        .from(cases)
        .where(and(isOpen(accounts), isAfter))
        .orderBy(cases.rank, cases.openedAt, ID)
        .limit(limit);
      return rows.map((row) => ({
        position: { priority: row.rank, time: Number(row.openedAt), id: row.id },
        node: row,
      }));
    },
    async hasUpTo(place, accounts) {
      const isUpTo = and(isOpen(accounts), sql`${PLACE} <= ${placeOf(place)}`);
      const found = await db.select({ id: cases.id }).from(cases).where(isUpTo).limit(1);
      return found.length > 0;
    },
    count: (accounts) => db.$count(cases, isOpen(accounts)),
    unresolved: (limit, after) =>
      db
        .select()
        .from(cases)
        .where(and(IS_OPEN, after === undefined ? undefined : gt(cases.id, after)))
        .orderBy(asc(cases.id))
        .limit(limit),
    rank: (ranks) => rank(db, ranks),
  };
}

function isOpen(accounts: readonly string[] | undefined) {
  return accounts === undefined ? IS_OPEN : and(IS_OPEN, isOfCampaignOf(cases.campaignId, accounts));
}

async function rank(db: Tx, ranks: readonly RankedCase[]): Promise<void> {
  if (ranks.length === 0) return;
  const rows = ranks.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  await db.execute(sql`update ${cases} set rank = ranked.rank, rank_error = ranked.error,
      rank_question = ranked.question, ranked_at = ranked.at
    from json_to_recordset(${JSON.stringify(rows)}::json) as ranked(id text, rank float8, error text, question text, at timestamptz)
    where ${cases.id} = ranked.id and ${IS_OPEN}`);
}

/** No case was opened before or after these years, but a cursor is client input. */
const [EARLIEST, LATEST] = [Date.UTC(1900), Date.UTC(9999)];

function placeOf({ priority, time, id }: Place) {
  const at = new Date(Math.min(LATEST, Math.max(EARLIEST, time))).toISOString();
  return sql`(${priority}::float8, ${at}::timestamptz, ${id}::text collate "C")`;
}
