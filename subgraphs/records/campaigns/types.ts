/**
 * What do we know of a campaign that no upstream knows?
 *
 * How much its advertiser means to us, beside whom they do not want to stand, which episodes they asked for and what
 * was complained of. First-party data, behind interfaces: where it is kept is not this subgraph's concern.
 */
import type { CustomerValue } from "../../../schema/customer-value.ts";
import type { RequestStatus } from "../../../schema/request-status.ts";
import type { ByOwner } from "../../platform/lists.ts";

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
  /** Aligned with the ids; undefined for a campaign of which nobody has ever wanted anything. */
  wishes(campaignIds: readonly string[]): Promise<readonly (CampaignWish | undefined)[]>;
  /** The last one that somebody wanted. */
  latestTargeting(campaignId: string): Promise<TargetingRecord | undefined>;
  /** The audiences that any other targeting of its campaign has ever named, as one to reach or to leave out. */
  namesBeside(targeting: Pick<TargetingRecord, "id" | "campaignId">): Promise<readonly string[]>;
}

/** What somebody wants a campaign to be, until Spotify shows it: the last such wish. */
export interface CampaignWish {
  readonly campaignId: string;
  readonly status: "ACTIVE" | "PAUSED";
  /** Counts the wishes: who acts on an older one has been overtaken. */
  readonly turn: number;
  /** By which it was allowed; null where it needed no decision. */
  readonly evaluationId: string | null;
  readonly askedBy: string;
  readonly askedAt: Date;
  /** When Spotify was told, or it was given up: from then on it is as Spotify says. */
  readonly settledAt: Date | null;
}

/** Whom a campaign is to reach, by the names of audiences. */
export interface TargetingRecord {
  readonly id: string;
  readonly campaignId: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly offer: string | null;
  /** By which it was decided; null where it was pushed. */
  readonly evaluationId: string | null;
  readonly askedBy: string;
  /** No two of a campaign in a row at the same time. */
  readonly askedAt: Date;
  /** When the ad sets were told. */
  readonly appliedAt: Date | null;
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
  readonly customerValue: CustomerValue;
  /** ISO 3166-1 alpha-2, of the account. */
  readonly country: string;
  readonly issue: CaseIssue;
  readonly severity: CaseSeverity;
  readonly description: string;
  readonly status: CaseStatus;
  /** In whole milliseconds, as is every time that a list is ordered by: a cursor holds no more. */
  readonly openedAt: Date;
  readonly openedBy?: string;
  /** By which it was routed; null where nobody wrote that down, or it is not routed yet. */
  readonly evaluationId?: string | null;
  /** Who takes it, and how soon, as it was routed. */
  readonly queue?: string | null;
  readonly priority?: number | null;
  readonly resolvedBy?: string | null;
  readonly resolvedAt?: Date | null;
  /** What came of it. */
  readonly note?: string | null;
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

export interface CaseRecords extends ByOwner<CaseRecord> {
  /** All that are not resolved, in any order. */
  open(): Promise<readonly CaseRecord[]>;
}

/** Those of a campaign by `requestedAt`. */
export type SponsorshipRecords = ByOwner<SponsorshipRecord>;
