/** What is a campaign to a client? */
import { Directive, Field, Float, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionOf } from "../../../schema/connection.ts";
import { Money } from "../../../schema/money.ts";
import { CountryCode } from "../../../schema/scalars.ts";
import { CampaignTier } from "../../records/campaigns/types.ts";

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
registerEnumType(CampaignTier, { name: "CampaignTier", description: "What the advertiser means to us." });

/** Its other fields are resolved from its ad sets, ads, reports and our own records, where a client asks for them. */
@Directive('@key(fields: "id")')
@ObjectType({ simpleResolvers: true, description: "An advertising campaign on Spotify." })
export class Campaign {
  @Field(() => ID)
  id!: string;
  @Field()
  name!: string;
  @Field(() => CampaignStatus)
  status!: CampaignStatus;

  /** As Spotify Ads calls it. */
  adsId!: string;
  /** What the campaign is to achieve, as Spotify Ads says it: `AWARENESS`. */
  goal!: string;
}

@ObjectType({ simpleResolvers: true, description: "Whom a campaign's ad sets reach, taken together." })
export class CampaignTargets {
  @Field(() => [CountryCode])
  countries!: readonly string[];
  @Field(() => Int, { nullable: true, description: "the lowest age any ad set reaches; null where one sets no limit" })
  minAge!: number | null;
  @Field(() => Int, { nullable: true, description: "the highest age any ad set reaches; null where one sets no limit" })
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

@ObjectType({
  simpleResolvers: true,
  description:
    "Figures over the campaign's whole life. What Spotify withholds for privacy is null, never a made-up number.",
})
export class CampaignPerformance {
  @Field(() => Int, { nullable: true })
  impressions!: number | null;
  @Field(() => Int, { nullable: true })
  clicks!: number | null;
  @Field(() => Float, { nullable: true, description: "0 to 1" })
  completionRate!: number | null;
  @Field(() => Int, { nullable: true, description: "different people" })
  reach!: number | null;
  @Field(() => Float, { nullable: true, description: "impressions for each person reached" })
  frequency!: number | null;
  @Field(() => Int, { nullable: true })
  listeners!: number | null;
  @Field(() => Int, { nullable: true })
  streams!: number | null;
  @Field(() => Money, { nullable: true })
  spend!: Money | null;
}

export const CampaignConnection = connectionOf("Campaign", () => Campaign);
