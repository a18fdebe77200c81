/** What does the mutation that routes a lead take? */
import { Field, ID, InputType } from "type-graphql";
import { IdempotentInput } from "../../../schema/idempotency.ts";

@InputType()
export class RouteLeadInput extends IdempotentInput {
  @Field(() => ID)
  listenerId!: string;
}
