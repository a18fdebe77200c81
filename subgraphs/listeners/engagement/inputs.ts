/** What does the mutation that records engagement take and return? */
import { ArrayMaxSize, ArrayNotEmpty, IsOptional, Matches, ValidateNested } from "class-validator";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { MutationPayload } from "../../../schema/dry-run.ts";
import { MutationInput } from "../../../schema/idempotency.ts";
import { DateTime } from "../../../schema/scalars.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { EngagementKind } from "../../records/listeners/types.ts";

registerEnumType(EngagementKind, { name: "EngagementKind", description: "What a listener did." });

@InputType()
export class EngagementEventInput {
  // Control characters and lone surrogates are not stored as they were sent.
  @Matches(/^[^\p{Cc}\p{Cs}]{1,200}$/u, { message: "id must be 1 to 200 characters, none of them a control character" })
  @Field(() => ID, {
    description:
      "given by its source; an event with an id that was counted before is a duplicate, whatever its other fields",
  })
  id!: string;
  @Field(() => ID)
  listenerId!: string;
  @Field(() => EngagementKind)
  kind!: EngagementKind;
  @Field(() => ID, { nullable: true })
  campaignId?: string | null;
  @Field(() => ID, { nullable: true })
  episodeId?: string | null;
  @IsOptional()
  @Matches(/^(?=.{1,100}$)[a-z0-9]+(?:-[a-z0-9]+)*$/, { message: "product must be a slug of up to 100 characters" })
  @Field(() => String, {
    nullable: true,
    description:
      "the product that the link is about, as a slug: `audio-ads`. Only of a CTA_CLICK: that of the last one is what the listener is interested in",
  })
  product?: string | null;
  @Field(() => DateTime, { description: "no more than five minutes in the future" })
  at!: Date;
}

@InputType()
export class RecordEngagementInput extends MutationInput {
  @ArrayNotEmpty()
  @ArrayMaxSize(500)
  @ValidateNested({ each: true })
  @Field(() => [EngagementEventInput], { description: "1 to 500" })
  events!: readonly EngagementEventInput[];
}

@RequiresScopes(["decisions:write"])
@ObjectType({ simpleResolvers: true })
export class RecordEngagementPayload extends MutationPayload {
  @Field(() => Int, { description: "new events, counted by this call" })
  accepted!: number;
  @Field(() => Int, { description: "events whose id was counted before, or is repeated in the call" })
  duplicates!: number;
}
