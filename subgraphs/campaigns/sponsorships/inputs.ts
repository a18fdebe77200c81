/** What is the input and payload of a sponsorship request? */
import { ArrayMaxSize, IsNotEmpty, MaxLength } from "class-validator";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { MutationPayload } from "../../../schema/dry-run.ts";
import { IdempotentInput } from "../../../schema/idempotency.ts";
import { IsText } from "../../../schema/text.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { Sponsorship } from "./sponsorship.ts";

@InputType()
export class SubmitSponsorshipInput extends IdempotentInput {
  @Field(() => ID)
  campaignId!: string;
  @Field(() => ID)
  episodeId!: string;
  @IsText({ maxLength: 200 })
  @Field()
  brand!: string;
  @IsText({ maxLength: 200 })
  @Field({ description: "the category of the advertised product" })
  productCategory!: string;
  @ArrayMaxSize(100)
  @IsNotEmpty({ each: true })
  @MaxLength(200, { each: true })
  @Field(() => [String], {
    nullable: true,
    defaultValue: [],
    description: "slugs of advertisers that must not be in the same episode",
  })
  competitors!: readonly string[];
}

@RequiresScopes(["decisions:write"])
@ObjectType({ simpleResolvers: true })
export class SponsorshipPayload extends MutationPayload {
  @Field(() => Sponsorship)
  sponsorship!: Sponsorship;
}
