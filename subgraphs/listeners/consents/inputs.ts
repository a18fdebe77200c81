/** What does it take to record a consent? */
import { Field, ID, InputType } from "type-graphql";
import { IdempotentInput } from "../../../schema/idempotency.ts";
import { DateTime } from "../../../schema/scalars.ts";
import { ConsentPurpose } from "../../records/listeners/types.ts";

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
