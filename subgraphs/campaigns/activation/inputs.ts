/** What does it take to have a campaign go live or pause? */
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { DecisionFields } from "../../../schema/decision.ts";
import { IdempotentInput } from "../../../schema/idempotency.ts";
import type { ActivationDecision } from "../decisions/marketing-activation.ts";
import type { TargetingDecision } from "../decisions/campaign-targeting.ts";
import { Campaign } from "../campaign/campaign.ts";

@InputType()
export class ActivateCampaignInput extends IdempotentInput {
  @Field(() => ID)
  campaignId!: string;
}

@InputType()
export class PauseCampaignInput extends IdempotentInput {
  @Field(() => ID)
  campaignId!: string;
}

@ObjectType({ simpleResolvers: true })
export class CampaignPayload {
  @Field(() => Campaign)
  campaign!: Campaign;
  @Field(() => DecisionFields, {
    nullable: true,
    description: "by which it was done, or was not: only ALLOW changes anything; null where no decision was needed",
  })
  decision!: ActivationDecision | TargetingDecision | null;
}
