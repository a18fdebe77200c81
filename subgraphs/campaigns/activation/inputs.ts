/** What is the input and payload of a mutation that activates or pauses a campaign? */
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { MutationPayload } from "../../../schema/dry-run.ts";
import { DecisionFields } from "../../../schema/decision.ts";
import { IdempotentInput } from "../../../schema/idempotency.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
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

@RequiresScopes(["decisions:write"])
@ObjectType({ simpleResolvers: true })
export class CampaignPayload extends MutationPayload {
  @Field(() => Campaign)
  campaign!: Campaign;
  @Field(() => DecisionFields, {
    nullable: true,
    description: "the decision that the change depended on: only ALLOW changes the campaign; null if none was needed",
  })
  decision!: ActivationDecision | TargetingDecision | null;
}
