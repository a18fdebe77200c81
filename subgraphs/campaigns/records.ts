/**
 * What do we know of a campaign that no upstream knows?
 *
 * How much its advertiser means to us, beside whom they do not want to stand, which episodes they asked for and what
 * was complained of. First-party data, behind interfaces: where it is kept is not this subgraph's concern.
 */
import type { RequestStatus } from "../../schema/request-status.ts";
import type { Below } from "../lists.ts";

export const CampaignTier = { STANDARD: "STANDARD", PREMIUM: "PREMIUM", STRATEGIC: "STRATEGIC" } as const;
export type CampaignTier = (typeof CampaignTier)[keyof typeof CampaignTier];

export interface CampaignProfile {
  /** As Spotify Ads calls it. */
  readonly campaignId: string;
  readonly tier: CampaignTier;
  /** Slugs of advertisers: `northwind-beer`. */
  readonly competitors: readonly string[];
}

export interface CampaignRecords {
  /** Aligned with the ids; undefined for a campaign nobody has written anything down about. */
  profiles(campaignIds: readonly string[]): Promise<readonly (CampaignProfile | undefined)[]>;
}

export const CaseIssue = {
  AD_CONTENT: "AD_CONTENT",
  PLACEMENT: "PLACEMENT",
  BILLING: "BILLING",
  PLAYBACK: "PLAYBACK",
  PRIVACY: "PRIVACY",
  OTHER: "OTHER",
} as const;
export type CaseIssue = (typeof CaseIssue)[keyof typeof CaseIssue];

export const CaseSeverity = { LOW: "LOW", MEDIUM: "MEDIUM", HIGH: "HIGH", CRITICAL: "CRITICAL" } as const;
export type CaseSeverity = (typeof CaseSeverity)[keyof typeof CaseSeverity];

export const CaseStatus = { OPEN: "OPEN", ROUTED: "ROUTED", RESOLVED: "RESOLVED" } as const;
export type CaseStatus = (typeof CaseStatus)[keyof typeof CaseStatus];

export interface CaseRecord {
  readonly id: string;
  /** As Spotify Ads calls it; null where the case is about no campaign. */
  readonly campaignId: string | null;
  readonly account: string;
  readonly customerValue: "LOW" | "MEDIUM" | "HIGH";
  /** ISO 3166-1 alpha-2, of the account. */
  readonly country: string;
  readonly issue: CaseIssue;
  readonly severity: CaseSeverity;
  readonly description: string;
  readonly status: CaseStatus;
  /** In whole milliseconds, as is every time that a list is ordered by: a cursor holds no more. */
  readonly openedAt: Date;
}

export interface SponsorshipRecord {
  readonly id: string;
  /** As Spotify Ads calls it. */
  readonly campaignId: string;
  /** As Megaphone calls them. */
  readonly episodeId: { readonly podcastId: string; readonly episodeId: string };
  readonly brand: string;
  readonly productCategory: string;
  /** Slugs of advertisers. */
  readonly competitors: readonly string[];
  readonly status: RequestStatus;
  readonly requestedBy: string;
  /** In whole milliseconds. */
  readonly requestedAt: Date;
  /** By which it came to its status; null where nobody wrote that down, or it is not decided yet. */
  readonly evaluationId?: string | null;
  /** The last one about it. */
  readonly reviewId?: string | null;
}

export interface CaseRecords extends Below<CaseRecord> {
  /** All that are not resolved, in any order. */
  open(): Promise<readonly CaseRecord[]>;
}

/** Those of a campaign by `requestedAt`. */
export type SponsorshipRecords = Below<SponsorshipRecord>;
