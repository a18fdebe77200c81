/** What is written down about campaigns, as the campaigns subgraph asks for it? */
import { and, desc, eq, isNull, ne, sql } from "drizzle-orm";
import type {
  CampaignRecords,
  CaseRecord,
  CampaignWish,
  CaseRecords,
  SponsorshipRecord,
  SponsorshipRecords,
  TargetingRecord,
} from "./types.ts";
import { campaignId as campaignIds } from "../../../schema/id.ts";
import { overtaken } from "../../../schema/errors.ts";
import { recordsByOwner } from "../database/by-owner.ts";
import { isAnyOf } from "../database/is-any-of.ts";
import type { Tx } from "../database/database.ts";
import { campaignProfiles, campaignWishes, cases, sponsorships, targetings } from "./tables.ts";

export function campaignRecords(db: Tx): CampaignRecords {
  return {
    async profiles(campaignIds) {
      const found = await db.select().from(campaignProfiles).where(isAnyOf(campaignProfiles.campaignId, campaignIds));
      const byId = new Map(found.map((profile) => [profile.campaignId, profile]));
      return campaignIds.map((id) => byId.get(id));
    },
    async wishes(campaignIds) {
      const found = await db.select().from(campaignWishes).where(isAnyOf(campaignWishes.campaignId, campaignIds));
      const byId = new Map(found.map((wish) => [wish.campaignId, wish]));
      return campaignIds.map((id) => byId.get(id));
    },
    latestTargeting: (campaignId) => latestTargeting(db, campaignId),
    async namesBeside({ id, campaignId }) {
      const name = sql<string>`unnest(${targetings.include} || ${targetings.exclude})`.as("name");
      const others = and(eq(targetings.campaignId, campaignId), ne(targetings.id, id));
      const found = await db.selectDistinct({ name }).from(targetings).where(others);
      return found.map((row) => row.name);
    },
  };
}

export function caseRecords(db: Tx): CaseRecords {
  return {
    ...recordsByOwner(db, cases, { id: cases.id, owner: cases.campaignId, time: cases.openedAt, item: caseOf }),
    open: async () => (await db.select().from(cases).where(ne(cases.status, "RESOLVED"))).map(caseOf),
  };
}

export function sponsorshipRecords(db: Tx): SponsorshipRecords {
  const { id, campaignId: owner, requestedAt: time } = sponsorships;
  return recordsByOwner(db, sponsorships, { id, owner, time, item: sponsorshipOf });
}

export async function addSponsorship(tx: Tx, { episodeId, ...added }: SponsorshipRecord): Promise<void> {
  await tx.insert(sponsorships).values({ ...added, ...episodeId });
}

/** Takes the place of the wish of `turn`, 0 where there was none. Throws CONFLICT where that is not the last one any more. */
export async function addWish(
  tx: Tx,
  wanted: Omit<CampaignWish, "turn" | "settledAt">,
  turn: number,
): Promise<Pick<CampaignWish, "turn">> {
  const next = { ...wanted, turn: turn + 1, settledAt: null };
  const [added] = await tx
    .insert(campaignWishes)
    .values(next)
    .onConflictDoUpdate({
      target: campaignWishes.campaignId,
      set: next,
      setWhere: eq(campaignWishes.turn, turn),
    })
    .returning({ turn: campaignWishes.turn });
  if (!added) throw overtaken(campaignIds.encode(wanted.campaignId));
  return added;
}

/** Leaves a later one as it is. */
export async function closeStatusRequest(
  tx: Tx,
  { campaignId, turn }: Pick<CampaignWish, "campaignId" | "turn">,
  settledAt: Date,
): Promise<void> {
  const isThere = and(eq(campaignWishes.campaignId, campaignId), eq(campaignWishes.turn, turn));
  await tx.update(campaignWishes).set({ settledAt }).where(isThere);
}

/** Later than the last one of its campaign, whatever the clock says. */
export async function addTargeting(tx: Tx, added: TargetingRecord): Promise<void> {
  const latest = await latestTargeting(tx, added.campaignId);
  const least = latest ? Number(latest.askedAt) + 1 : 0;
  await tx.insert(targetings).values({ ...added, askedAt: new Date(Math.max(least, Number(added.askedAt))) });
}

/** Says when the first time was. */
export async function markApplied(tx: Tx, id: string, appliedAt: Date): Promise<void> {
  await tx
    .update(targetings)
    .set({ appliedAt })
    .where(and(eq(targetings.id, id), isNull(targetings.appliedAt)));
}

export async function addCase(tx: Tx, added: CaseRecord & Pick<typeof cases.$inferInsert, "openedBy">): Promise<void> {
  await tx.insert(cases).values(added);
}

/** Of two of one moment that of the greater id: any, but everywhere the same. */
async function latestTargeting(db: Tx, campaignId: string): Promise<TargetingRecord | undefined> {
  const [latest] = await db
    .select()
    .from(targetings)
    .where(eq(targetings.campaignId, campaignId))
    .orderBy(desc(targetings.askedAt), desc(targetings.id))
    .limit(1);
  return latest;
}

function caseOf(row: typeof cases.$inferSelect): CaseRecord {
  return row;
}

function sponsorshipOf({ podcastId, episodeId, ...row }: typeof sponsorships.$inferSelect): SponsorshipRecord {
  return { ...row, episodeId: { podcastId, episodeId } };
}
