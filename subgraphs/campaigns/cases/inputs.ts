/** What is the input and payload of a mutation of support cases? */
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { MutationPayload } from "../../../schema/dry-run.ts";
import { CustomerValue } from "../../../schema/customer-value.ts";
import { IdempotentInput } from "../../../schema/idempotency.ts";
import { CountryCode } from "../../../schema/scalars.ts";
import { IsText } from "../../../schema/text.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { CaseIssue, CaseSeverity } from "../../records/campaigns/types.ts";
import { SupportCase } from "./support-case.ts";

@InputType()
export class OpenCaseInput extends IdempotentInput {
  @Field(() => ID, { nullable: true, description: "omit if the case is not about a campaign" })
  campaignId?: string | null;
  @IsText({ maxLength: 200 })
  @Field({ description: "the account that complains or asks" })
  account!: string;
  @Field(() => CustomerValue)
  customerValue!: CustomerValue;
  @Field(() => CountryCode, { description: "the country of the account" })
  country!: string;
  @Field(() => CaseIssue)
  issue!: CaseIssue;
  @Field(() => CaseSeverity)
  severity!: CaseSeverity;
  @IsText({ maxLength: 5000 })
  @Field()
  description!: string;
}

@InputType()
export class ResolveCaseInput extends IdempotentInput {
  @Field(() => ID)
  caseId!: string;
  @IsText({ maxLength: 5000 })
  @Field({ description: "the outcome, in words" })
  note!: string;
}

@RequiresScopes(["decisions:write"])
@ObjectType({ simpleResolvers: true })
export class SupportCasePayload extends MutationPayload {
  @Field(() => SupportCase)
  supportCase!: SupportCase;
}
