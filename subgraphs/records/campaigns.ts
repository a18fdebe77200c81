/** What is written down about campaigns, as the campaigns subgraph asks for it? */
import { and, eq, ne } from "drizzle-orm";
import type {
  CampaignRecords,
  CaseRecord,
  CaseRecords,
  SponsorshipRecord,
  SponsorshipRecords,
} from "../campaigns/records.ts";
import { sponsorshipId } from "../../schema/id.ts";
import { overtaken } from "../../schema/errors.ts";
import type { RequestStatus } from "../../schema/request-status.ts";
import type { RequestMove } from "../requests.ts";
import { belowOf } from "./below.ts";
import { among } from "./among.ts";
import type { Tx } from "./database.ts";
import { campaignProfiles, cases, sponsorships } from "./tables/campaigns.ts";

export function campaignRecords(db: Tx): CampaignRecords {
  return {
    async profiles(campaignIds) {
      const found = await db.select().from(campaignProfiles).where(among(campaignProfiles.campaignId, campaignIds));
      const byId = new Map(found.map((profile) => [profile.campaignId, profile]));
      return campaignIds.map((id) => byId.get(id));
    },
  };
}

export function caseRecords(db: Tx): CaseRecords {
  return {
    ...belowOf(db, cases, { id: cases.id, owner: cases.campaignId, time: cases.openedAt, item: caseOf }),
    open: async () => (await db.select().from(cases).where(ne(cases.status, "RESOLVED"))).map(caseOf),
  };
}

export function sponsorshipRecords(db: Tx): SponsorshipRecords {
  const { id, campaignId: owner, requestedAt: time } = sponsorships;
  return belowOf(db, sponsorships, { id, owner, time, item: sponsorshipOf });
}

export async function addSponsorship(tx: Tx, { episodeId, ...added }: SponsorshipRecord): Promise<void> {
  await tx.insert(sponsorships).values({ ...added, ...episodeId });
}

/** Throws CONFLICT where it is not in the status `from` any more. */
export async function moveSponsorship(tx: Tx, id: string, from: RequestStatus, to: RequestMove): Promise<void> {
  const isThere = and(eq(sponsorships.id, id), eq(sponsorships.status, from));
  const moved = await tx.update(sponsorships).set(to).where(isThere).returning({ id: sponsorships.id });
  if (moved.length === 0) throw overtaken(sponsorshipId.encode(id));
}

function caseOf(row: typeof cases.$inferSelect): CaseRecord {
  return row;
}

function sponsorshipOf({ podcastId, episodeId, ...row }: typeof sponsorships.$inferSelect): SponsorshipRecord {
  return { ...row, episodeId: { podcastId, episodeId } };
}
