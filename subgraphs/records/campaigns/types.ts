/**
 * What do we store about a campaign that no upstream has?
 *
 * The advertiser's tier, the competitors it must not appear beside, requested changes, sponsorships and support cases.
 * First-party data behind interfaces: the campaigns subgraph does not depend on where it is stored.
 */
import type { CustomerValue } from "../../../schema/customer-value.ts";
import type { RequestStatus } from "../../../schema/request-status.ts";
import type { Place, Placed } from "../../../schema/worklist.ts";
import type { AccountsOf } from "../../platform/accounts.ts";
import type { ByOwner } from "../../platform/lists.ts";

export const CampaignTier = { STANDARD: "STANDARD", PREMIUM: "PREMIUM", STRATEGIC: "STRATEGIC" } as const;
export type CampaignTier = (typeof CampaignTier)[keyof typeof CampaignTier];

export interface CampaignProfile {
  /** The id in Spotify Ads. */
  readonly campaignId: string;
  readonly tier: CampaignTier;
  /** Slugs of advertisers: `northwind-beer`. */
  readonly competitors: readonly string[];
}

export interface CampaignRecords {
  /** Aligned with the ids; undefined for a campaign without a profile. */
  profiles(campaignIds: readonly string[]): Promise<readonly (CampaignProfile | undefined)[]>;
  /** The latest of each campaign, aligned with the ids; undefined for a campaign without one. */
  statusRequests(campaignIds: readonly string[]): Promise<readonly (StatusRequest | undefined)[]>;
  latestTargeting(campaignId: string): Promise<TargetingRecord | undefined>;
  /** The names of all audiences that other targetings of the same campaign include or exclude. */
  otherAudienceNames(targeting: Pick<TargetingRecord, "id" | "campaignId">): Promise<readonly string[]>;
}

/** Who advertises in a campaign. */
export interface CampaignAccount {
  readonly campaignId: string;
  /** Its id in the graph. */
  readonly subject: string;
  readonly account: string;
  /** In Spotify's order: newer campaigns have greater numbers. */
  readonly place: number;
}

export interface CampaignAccountRecords {
  readonly accountsOf: AccountsOf;
  /** The ids of the campaigns of these accounts, newest first. */
  ofAccounts(accounts: readonly string[]): Promise<readonly string[]>;
  all(): Promise<readonly CampaignAccount[]>;
  put(campaigns: readonly CampaignAccount[]): Promise<void>;
  remove(campaignIds: readonly string[]): Promise<void>;
}

/** The latest requested status of a campaign: open until Spotify accepts it. */
export interface StatusRequest {
  readonly campaignId: string;
  readonly status: "ACTIVE" | "PAUSED";
  /** Counts the requests of the campaign: a lower revision is superseded. */
  readonly revision: number;
  /** The evaluation that allowed it; null for a request that needs no decision. */
  readonly evaluationId: string | null;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  /** When Spotify accepted it, or it failed permanently or was no longer allowed; null while it is open. */
  readonly closedAt: Date | null;
}

/** Whom a campaign is to reach, by the names of audiences. */
export interface TargetingRecord {
  readonly id: string;
  readonly campaignId: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly offer: string | null;
  /** The evaluation that decided it; null for a pushed one. */
  readonly evaluationId: string | null;
  readonly requestedBy: string;
  /** Strictly increasing for each campaign. */
  readonly requestedAt: Date;
  /** When Spotify had accepted it for all ad sets. */
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
  /** The id in Spotify Ads; null for a case that is not about a campaign. */
  readonly campaignId: string | null;
  readonly account: string;
  readonly customerValue: CustomerValue;
  /** The account's, ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly issue: CaseIssue;
  readonly severity: CaseSeverity;
  readonly description: string;
  readonly status: CaseStatus;
  /** In whole milliseconds, like every time that a list is ordered by: a cursor is no more precise. */
  readonly openedAt: Date;
  readonly openedBy?: string;
  /** The evaluation that routed it; null if it is not recorded, or the case is not routed yet. */
  readonly evaluationId?: string | null;
  /** As it was routed. */
  readonly queue?: string | null;
  readonly priority?: number | null;
  readonly resolvedBy?: string | null;
  readonly resolvedAt?: Date | null;
  /** The outcome, in words. */
  readonly note?: string | null;
}

export interface SponsorshipRecord {
  readonly id: string;
  /** The id in Spotify Ads. */
  readonly campaignId: string;
  /** The ids in Megaphone. */
  readonly episodeId: { readonly podcastId: string; readonly episodeId: string };
  readonly brand: string;
  readonly productCategory: string;
  /** Slugs of advertisers. */
  readonly competitors: readonly string[];
  readonly status: RequestStatus;
  readonly requestedBy: string;
  /** In whole milliseconds. */
  readonly requestedAt: Date;
  /** The evaluation that decided its status; null if it is not recorded, or the request is undecided. */
  readonly evaluationId?: string | null;
  /** Its latest review. */
  readonly reviewId?: string | null;
  /** The names of the endpoints whose acceptance fulfils it, and that have not accepted it yet. */
  readonly awaits?: readonly string[];
}

/** Listed by campaign and `openedAt`. */
export type CaseRecords = ByOwner<CaseRecord>;

export interface RankedCase {
  readonly id: string;
  /** The priority; 0 if it could not be decided. */
  readonly rank: number;
  /** Why it could not be decided: the code of the error. */
  readonly error: string | null;
  /** What it was decided by; null if it has to be decided again in any case. */
  readonly question: string | null;
  readonly at: Date | null;
}

export interface UnresolvedCase extends CaseRecord {
  readonly rank: number;
  readonly rankError: string | null;
  readonly rankQuestion: string | null;
  readonly rankedAt: Date | null;
}

/** All unresolved cases, or those about campaigns of these accounts: places are by rank and opening time. */
export interface CaseWorklistRecords {
  /** In order: up to `limit` after a place, or from the start. */
  items(limit: number, after: Place | undefined, accounts?: readonly string[]): Promise<readonly Placed<CaseRecord>[]>;
  hasUpTo(place: Place, accounts?: readonly string[]): Promise<boolean>;
  count(accounts?: readonly string[]): Promise<number>;
  /** By id: up to `limit` after an id, or from the start. */
  unresolved(limit: number, after?: string): Promise<readonly UnresolvedCase[]>;
  /** Leaves out those that are resolved by now. */
  rank(ranks: readonly RankedCase[]): Promise<void>;
}

/** Listed by campaign and `requestedAt`. */
export type SponsorshipRecords = ByOwner<SponsorshipRecord>;
