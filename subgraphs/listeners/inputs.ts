/** What does it take to write something down about listeners? */
import { ArrayMaxSize, ArrayNotEmpty, Matches, ValidateNested } from "class-validator";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { IdempotentInput } from "../../schema/idempotency.ts";
import { DateTime } from "../../schema/scalars.ts";
import { Listener } from "./listener/listener.ts";
import { ConsentPurpose, EngagementKind } from "../records/listeners/types.ts";

registerEnumType(EngagementKind, { name: "EngagementKind", description: "What a listener did." });

@InputType()
export class RecordConsentInput extends IdempotentInput {
  @Field(() => ID)
  listenerId!: string;
  @Field(() => ConsentPurpose)
  purpose!: ConsentPurpose;
  @Field({ description: "false: refused, or withdrawn" })
  granted!: boolean;
  @Field(() => DateTime, {
    nullable: true,
    description:
      "when the listener said so; just now where left out. Up to five minutes in the future is taken for a fast clock, and for just now",
  })
  recordedAt?: Date | null;
}

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

@InputType()
export class RouteLeadInput extends IdempotentInput {
  @Field(() => ID)
  listenerId!: string;
}

@ObjectType({ simpleResolvers: true })
export class ListenerPayload {
  @Field(() => Listener)
  listener!: Listener;
}

@ObjectType({ simpleResolvers: true })
export class RecordEngagementPayload {
  @Field(() => Int, { description: "events that were not counted before" })
  accepted!: number;
  @Field(() => Int, { description: "events whose id was counted before, or stands in the same call twice" })
  duplicates!: number;
}
