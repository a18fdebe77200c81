/** How are the records of campaigns read and written? */
import { and, desc, eq, isNull, ne, sql } from "drizzle-orm";
import type {
  CampaignRecords,
  CaseRecord,
  CaseRecords,
  SponsorshipRecord,
  SponsorshipRecords,
  StatusRequest,
  TargetingRecord,
} from "./types.ts";
import { campaignId } from "../../../schema/id.ts";
import { overtaken } from "../../../schema/errors.ts";
import { recordsByOwner } from "../database/by-owner.ts";
import { isAnyOf } from "../database/is-any-of.ts";
import type { Tx } from "../database/database.ts";
import { campaignProfiles, cases, sponsorships, statusRequests, targetings } from "./tables.ts";

export function campaignRecords(db: Tx): CampaignRecords {
  return {
    async profiles(ids) {
      const rows = await db.select().from(campaignProfiles).where(isAnyOf(campaignProfiles.campaignId, ids));
      return byCampaign(ids, rows);
    },
    async statusRequests(ids) {
      const rows = await db.select().from(statusRequests).where(isAnyOf(statusRequests.campaignId, ids));
      return byCampaign(ids, rows);
    },
    latestTargeting: (id) => latestTargeting(db, id),
    async otherAudienceNames({ id, campaignId: owner }) {
      const name = sql<string>`unnest(${targetings.include} || ${targetings.exclude})`.as("name");
      const others = and(eq(targetings.campaignId, owner), ne(targetings.id, id));
      const rows = await db.selectDistinct({ name }).from(targetings).where(others);
      return rows.map((row) => row.name);
    },
  };
}

export function caseRecords(db: Tx): CaseRecords {
  const { id, campaignId: owner, openedAt: time } = cases;
  return recordsByOwner(db, cases, { id, owner, time, item: caseOf });
}

export function sponsorshipRecords(db: Tx): SponsorshipRecords {
  const { id, campaignId: owner, requestedAt: time } = sponsorships;
  return recordsByOwner(db, sponsorships, { id, owner, time, item: sponsorshipOf });
}

export async function addSponsorship(tx: Tx, { episodeId, ...added }: SponsorshipRecord): Promise<void> {
  await tx.insert(sponsorships).values({ ...added, ...episodeId });
}

/** Fulfils it if no other endpoint is awaited. Concurrent calls succeed one after the other, by the row. */
export async function acceptSponsorship(tx: Tx, id: string, endpoint: string): Promise<void> {
  const left = sql`array_remove(${sponsorships.awaits}, ${endpoint})`;
  const isFulfilled = sql`${sponsorships.status} in ('APPROVED', 'FAILED') and ${left} = '{}'`;
  await tx
    .update(sponsorships)
    .set({ awaits: left, status: sql`case when ${isFulfilled} then 'FULFILLED' else ${sponsorships.status} end` })
    .where(awaitedBy(id, endpoint));
}

/** Only an approved one. */
export async function failSponsorship(tx: Tx, id: string, endpoint: string): Promise<void> {
  const isApproved = eq(sponsorships.status, "APPROVED");
  await tx
    .update(sponsorships)
    .set({ status: "FAILED" })
    .where(and(awaitedBy(id, endpoint), isApproved));
}

function awaitedBy(id: string, endpoint: string) {
  return and(eq(sponsorships.id, id), sql`${endpoint} = any(${sponsorships.awaits})`);
}

/** Replaces the request of `revision`, 0 if there is none yet. Throws CONFLICT if that is no longer the latest. */
export async function requestStatus(
  tx: Tx,
  request: Omit<StatusRequest, "revision" | "closedAt">,
  revision: number,
): Promise<Pick<StatusRequest, "revision">> {
  const next = { ...request, revision: revision + 1, closedAt: null };
  const [added] = await tx
    .insert(statusRequests)
    .values(next)
    .onConflictDoUpdate({
      target: statusRequests.campaignId,
      set: next,
      setWhere: eq(statusRequests.revision, revision),
    })
    .returning({ revision: statusRequests.revision });
  if (!added) throw overtaken(campaignId.encode(request.campaignId));
  return added;
}

/** Changes nothing if a later request has superseded it. */
export async function closeStatusRequest(
  tx: Tx,
  { campaignId: id, revision }: Pick<StatusRequest, "campaignId" | "revision">,
  closedAt: Date,
): Promise<void> {
  const isLatest = and(eq(statusRequests.campaignId, id), eq(statusRequests.revision, revision));
  await tx.update(statusRequests).set({ closedAt }).where(isLatest);
}

/** Its time is moved past that of the campaign's latest targeting, because the clocks of processes differ. */
export async function addTargeting(tx: Tx, targeting: TargetingRecord): Promise<void> {
  const latest = await latestTargeting(tx, targeting.campaignId);
  const earliest = latest ? Number(latest.requestedAt) + 1 : 0;
  const requestedAt = new Date(Math.max(earliest, Number(targeting.requestedAt)));
  await tx.insert(targetings).values({ ...targeting, requestedAt });
}

/** Keeps the time of the first call. */
export async function markApplied(tx: Tx, id: string, appliedAt: Date): Promise<void> {
  await tx
    .update(targetings)
    .set({ appliedAt })
    .where(and(eq(targetings.id, id), isNull(targetings.appliedAt)));
}

export async function addCase(
  tx: Tx,
  added: CaseRecord & Pick<typeof cases.$inferInsert, "openedBy" | "rank">,
): Promise<void> {
  await tx.insert(cases).values(added);
}

/** Of two with the same time the one with the greater id, so that every process picks the same. */
async function latestTargeting(db: Tx, id: string): Promise<TargetingRecord | undefined> {
  const [latest] = await db
    .select()
    .from(targetings)
    .where(eq(targetings.campaignId, id))
    .orderBy(desc(targetings.requestedAt), desc(targetings.id))
    .limit(1);
  return latest;
}

function byCampaign<Row extends { readonly campaignId: string }>(
  ids: readonly string[],
  rows: readonly Row[],
): readonly (Row | undefined)[] {
  const byId = new Map(rows.map((row) => [row.campaignId, row]));
  return ids.map((id) => byId.get(id));
}

function caseOf(row: typeof cases.$inferSelect): CaseRecord {
  return row;
}

function sponsorshipOf({ podcastId, episodeId, ...row }: typeof sponsorships.$inferSelect): SponsorshipRecord {
  return { ...row, episodeId: { podcastId, episodeId } };
}
