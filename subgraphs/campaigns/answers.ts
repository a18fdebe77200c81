/** What do this subgraph's decisions look like to a client? */
import { Field, ObjectType } from "type-graphql";
import { DecisionFields } from "../../schema/decision.ts";

@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "May a campaign be placed in an episode?",
})
export class PlacementDecision extends DecisionFields {
  @Field(() => String, { nullable: true, description: "who reviews it, where verdict is REVIEW" })
  queue!: string | null;
}

@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "Whom should a campaign reach, and with what?",
})
export class TargetingDecision extends DecisionFields {
  @Field(() => [String], { description: "audiences to reach" })
  include!: readonly string[];
  @Field(() => [String], { description: "audiences to leave out" })
  exclude!: readonly string[];
  @Field(() => String, { nullable: true })
  offer!: string | null;
}
