/**
 * What does each event say?
 *
 * Ids as clients of the graph know them, what was decided, and what is to be done about it. Everything else is asked of the
 * graph by those who may know it: no event has a personal fact or a client's words, and a listener is an id.
 */
import type { EventType } from "../../../schema/event-type.ts";
import type { RequestStatus } from "../../../schema/request-status.ts";
import type { Verdict } from "../../../schema/verdict.ts";
import type { LicenceStatus } from "../locations/types.ts";

/** What the rules said. A reviewer may have said something else since. */
export interface ToldDecision {
  /** Of the ledger. */
  readonly evaluationId: string;
  readonly verdict: Verdict;
  /** The codes of the reasons. */
  readonly reasons: readonly string[];
}

/** Of a reviewer. */
export interface ToldReview {
  readonly reviewId: string;
  readonly verdict: Verdict;
}

export interface EventData {
  readonly "sponsorship.decided": {
    readonly sponsorshipId: string;
    readonly campaignId: string;
    readonly episodeId: string;
    readonly status: Extract<RequestStatus, "APPROVED" | "REJECTED">;
    readonly decision: ToldDecision | null;
    /** null if none was required. */
    readonly review: ToldReview | null;
  };
  readonly "case.routed": {
    readonly caseId: string;
    /** null for a case that is not about a campaign. */
    readonly campaignId: string | null;
    readonly queue: string;
    /** 1 is the most urgent. */
    readonly priority: number;
    readonly compensation: string | null;
    readonly decision: ToldDecision;
  };
  readonly "playlist.fulfilled": {
    readonly playlistRequestId: string;
    readonly locationId: string;
    /** `spotify:playlist:…` */
    readonly playlistUri: string;
    /** null if none is recorded. */
    readonly decision: ToldDecision | null;
  };
  readonly "licence.escalated": {
    readonly locationId: string;
    /** null if none is on record. */
    readonly licence: { readonly status: LicenceStatus; readonly expiresAt: string | null } | null;
    readonly action: "ESCALATE";
    /** 1 is the most urgent. */
    readonly priority: number;
    readonly decision: ToldDecision;
  };
  readonly "lead.routed": {
    readonly leadId: string;
    readonly listenerId: string;
    readonly score: number;
    readonly route: string;
    readonly queue: string | null;
    readonly decision: ToldDecision | null;
    /** null if none was required. */
    readonly review: ToldReview | null;
  };
  readonly "review.opened": {
    readonly reviewId: string;
    /** The id of what is reviewed: a sponsorship, a playlist request, a listener. */
    readonly subject: string;
    readonly queue: string;
    readonly decision: ToldDecision | null;
  };
}

export interface ToldEvent<Type extends EventType> {
  /** The id of what it is about: an endpoint is told of the events of one type about it in their order. */
  readonly subject: string;
  readonly at: Date;
  readonly data: EventData[Type];
}

interface DecidedParts {
  readonly id: string;
  readonly verdict: Verdict;
  readonly reasons: readonly { readonly code: string }[];
}

export function toldDecision({ id, verdict, reasons }: DecidedParts): ToldDecision {
  return { evaluationId: id, verdict, reasons: reasons.map(({ code }) => code) };
}
