/** What does a client see of a campaign? */
import { Directive, Field, Float, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionOf } from "../../../schema/connection.ts";
import { Money } from "../../../schema/money.ts";
import { CountryCode, DateTime } from "../../../schema/scalars.ts";
import { PartnerFields } from "../../../schema/partner.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { CampaignTier } from "../../records/campaigns/types.ts";
import type { Figure } from "../../sources/spotify-ads/reports.ts";

export const CampaignStatus = {
  DRAFT: "DRAFT",
  PENDING: "PENDING",
  ACTIVE: "ACTIVE",
  PAUSED: "PAUSED",
  ARCHIVED: "ARCHIVED",
  RESTRICTED: "RESTRICTED",
} as const;
export type CampaignStatus = (typeof CampaignStatus)[keyof typeof CampaignStatus];

registerEnumType(CampaignStatus, { name: "CampaignStatus" });
registerEnumType(CampaignTier, { name: "CampaignTier", description: "The importance of the advertiser." });

/** Field resolvers add what comes from its ad sets, ads, reports and our own records, only if it is selected. */
@Directive('@key(fields: "id")')
@RequiresScopes(["graph:read"])
@PartnerFields("id", "name", "asOf", "activation")
@ObjectType({ simpleResolvers: true, description: "An advertising campaign on Spotify." })
export class Campaign {
  @RequiresScopes(["graph:read"], ["eligibility:read"], ["decisions:write"])
  @Field(() => ID)
  id!: string;
  @RequiresScopes(["graph:read"], ["eligibility:read"])
  @Field({ description: "`unknown` if Spotify has none" })
  name!: string;
  @Field(() => CampaignStatus)
  status!: CampaignStatus;
  @RequiresScopes(["graph:read"], ["eligibility:read"])
  @Field(() => DateTime, { description: "when it was read from Spotify Ads" })
  asOf!: Date;

  /** The id in Spotify Ads. */
  adsId!: string;
  /** The objective in Spotify Ads: `AWARENESS`. */
  goal!: string;
}

@RequiresScopes(["graph:read"])
@ObjectType({ simpleResolvers: true, description: "The targets of all ad sets of a campaign combined." })
export class CampaignTargets {
  @Field(() => [CountryCode])
  countries!: readonly string[];
  @Field(() => Int, {
    nullable: true,
    description: "the lowest age that any ad set targets; null if an ad set has no limit",
  })
  minAge!: number | null;
  @Field(() => Int, {
    nullable: true,
    description: "the highest age that any ad set targets; null if an ad set has no limit",
  })
  maxAge!: number | null;
  @Field(() => [String])
  genders!: readonly string[];
  @Field(() => [String])
  placements!: readonly string[];
  @Field(() => [String])
  topics!: readonly string[];
  @Field(() => [String])
  sensitiveTopicExclusions!: readonly string[];
  @Field(() => [ID])
  audienceIds!: readonly string[];
}

@RequiresScopes(["graph:read"])
@ObjectType({
  simpleResolvers: true,
  description: "Lifetime metrics of a campaign. A metric that Spotify withholds for privacy is null.",
})
export class CampaignPerformance {
  @Field(() => Int, { nullable: true })
  impressions!: Figure;
  @Field(() => Int, { nullable: true })
  clicks!: Figure;
  @Field(() => Float, { nullable: true, description: "0 to 1" })
  completionRate!: Figure;
  @Field(() => Int, { nullable: true, description: "unique people" })
  reach!: Figure;
  @Field(() => Float, { nullable: true, description: "impressions per person reached" })
  frequency!: Figure;
  @Field(() => Int, { nullable: true })
  listeners!: Figure;
  @Field(() => Int, { nullable: true })
  streams!: Figure;
  @Field(() => Money, { nullable: true })
  spend!: Figure<Money>;
}

export const CampaignConnection = connectionOf("Campaign", () => Campaign, {
  scopes: [["graph:read"], ["eligibility:read"]],
  isForPartners: true,
});
