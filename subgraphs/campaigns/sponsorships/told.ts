/**
 * Who is told that a sponsorship is decided, and what follows from that?
 *
 * Every endpoint that is told of such events. An approved one awaits those that fulfil it, such as the campaign desk: it is
 * fulfilled once each of them has accepted it, and failed once one of them could not be told. With none it stays approved.
 */
import { campaignId, episodeId, reviewId, sponsorshipId } from "../../../schema/id.ts";
import { acceptSponsorship, failSponsorship } from "../../records/campaigns/store.ts";
import type { SponsorshipRecord } from "../../records/campaigns/types.ts";
import type { Tx } from "../../records/database/database.ts";
import type { ReviewRecord } from "../../records/decisions/reviews.ts";
import type { DeliveryHandler } from "../../records/webhooks/delivery.ts";
import type { EventData, ToldDecision } from "../../records/webhooks/events.ts";
import { recordedDecision } from "../../records/webhooks/recorded-decision.ts";
import type { Tell } from "../../records/webhooks/tell.ts";

const TYPE = "sponsorship.decided";

export interface DecidedSponsorship {
  readonly record: Pick<SponsorshipRecord, "id" | "campaignId" | "episodeId">;
  readonly status: SponsorshipRecord["status"];
  readonly at: Date;
}

/** After its decision. Gives what the record has to keep. */
export function tellDecided(
  tx: Tx,
  tell: Tell,
  sponsorship: DecidedSponsorship,
  decision: ToldDecision,
): Promise<Pick<SponsorshipRecord, "awaits">> {
  return tellOf(tx, tell, sponsorship, async () => ({ decision, review: null }));
}

/** After its review. */
export function tellReviewed(
  tx: Tx,
  tell: Tell,
  sponsorship: DecidedSponsorship,
  { id, verdict, evaluationId }: ReviewRecord,
): Promise<Pick<SponsorshipRecord, "awaits">> {
  return tellOf(tx, tell, sponsorship, async () => ({
    decision: await recordedDecision(tx, evaluationId),
    review: { reviewId: reviewId.encode(id), verdict: verdict ?? "DENY" },
  }));
}

type Outcome = Pick<EventData[typeof TYPE], "decision" | "review">;

async function tellOf(
  tx: Tx,
  tell: Tell,
  { record, status, at }: DecidedSponsorship,
  outcome: () => Promise<Outcome>,
): Promise<Pick<SponsorshipRecord, "awaits">> {
  if (status !== "APPROVED" && status !== "REJECTED") return {};
  const id = sponsorshipId.encode(record.id);
  const of = {
    sponsorshipId: id,
    campaignId: campaignId.encode(record.campaignId),
    episodeId: episodeId.encode(record.episodeId.podcastId, record.episodeId.episodeId),
  };
  const told = async () => ({ subject: id, at, data: { ...of, status, ...(await outcome()) } });
  const fulfilling = await tell(tx, TYPE, told);
  return { awaits: status === "APPROVED" ? fulfilling : [] };
}

export const sponsorshipDelivery: DeliveryHandler = {
  type: TYPE,
  accepted: (tx, { subject, endpoint }) => acceptSponsorship(tx, sponsorshipId.decode(subject)[0], endpoint),
  failed: (tx, { subject, endpoint }) => failSponsorship(tx, sponsorshipId.decode(subject)[0], endpoint),
};
