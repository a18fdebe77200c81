/** What does it take to record engagement? */
import { ArrayMaxSize, ArrayNotEmpty, Matches, ValidateNested } from "class-validator";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { DateTime } from "../../../schema/scalars.ts";
import { EngagementKind } from "../../records/listeners/types.ts";

registerEnumType(EngagementKind, { name: "EngagementKind", description: "What a listener did." });

@InputType()
export class EngagementEventInput {
  // Whoever names events names them in some alphabet; what is no letter of any would not come back as it was sent.
  @Matches(/^[^\p{Cc}\p{Cs}]{1,200}$/u, { message: "id must be 1 to 200 characters, none of them a control character" })
  @Field(() => ID, {
    description: "given by whoever saw it; an id that was counted before is a duplicate, whatever else the event says",
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
  @Field(() => DateTime, { description: "no more than five minutes in the future; however long ago" })
  at!: Date;
}

@InputType()
export class RecordEngagementInput {
  @ArrayNotEmpty()
  @ArrayMaxSize(500)
  @ValidateNested({ each: true })
  @Field(() => [EngagementEventInput], { description: "1 to 500" })
  events!: readonly EngagementEventInput[];
}

@ObjectType({ simpleResolvers: true })
export class RecordEngagementPayload {
  @Field(() => Int, { description: "events that were not counted before" })
  accepted!: number;
  @Field(() => Int, { description: "events whose id was counted before, or stands in the same call twice" })
  duplicates!: number;
}
