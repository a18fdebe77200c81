/** What does it take to route a listener as a lead? */
import { Field, ID, InputType } from "type-graphql";
import { IdempotentInput } from "../../../schema/idempotency.ts";

@InputType()
export class RouteLeadInput extends IdempotentInput {
  @Field(() => ID)
  listenerId!: string;
}
