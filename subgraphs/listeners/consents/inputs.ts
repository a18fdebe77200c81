/** What does the mutation that records a consent take? */
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
  @Field({ description: "false: refused or withdrawn" })
  granted!: boolean;
  @Field(() => DateTime, {
    nullable: true,
    description:
      "when the listener answered; now if omitted. A time up to five minutes in the future counts as now: the clock is taken to be fast",
  })
  recordedAt?: Date | null;
}
