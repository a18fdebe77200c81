/**
 * What do we know of a campaign that no upstream knows?
 *
 * How much its advertiser means to us, and beside whom they do not want to stand. First-party data, behind an
 * interface: where it is kept is not this subgraph's concern.
 */

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
