/** What does it take to open a support case, and to settle it? */
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { CustomerValue } from "../../../schema/customer-value.ts";
import { IdempotentInput } from "../../../schema/idempotency.ts";
import { CountryCode } from "../../../schema/scalars.ts";
import { IsText } from "../../../schema/text.ts";
import { CaseIssue, CaseSeverity } from "../../records/campaigns/types.ts";
import { SupportCase } from "./support-case.ts";

@InputType()
export class OpenCaseInput extends IdempotentInput {
  @Field(() => ID, { nullable: true, description: "left out where it is about none" })
  campaignId?: string | null;
  @IsText({ maxLength: 200 })
  @Field({ description: "who complains, or asks" })
  account!: string;
  @Field(() => CustomerValue)
  customerValue!: CustomerValue;
  @Field(() => CountryCode, { description: "the account's" })
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
  @Field({ description: "what came of it" })
  note!: string;
}

@ObjectType({ simpleResolvers: true })
export class SupportCasePayload {
  @Field(() => SupportCase)
  supportCase!: SupportCase;
}
