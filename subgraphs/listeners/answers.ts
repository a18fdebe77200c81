/** What do this subgraph's decisions look like to a client? */
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { DecisionFields } from "../../schema/decision.ts";
import { LeadRoute } from "../records/listeners/types.ts";

registerEnumType(LeadRoute, {
  name: "LeadRoute",
  valuesConfig: {
    SALES: { description: "somebody calls" },
    NURTURE: { description: "kept warm until there is more to call about" },
    SUPPRESS: { description: "not to be contacted" },
  },
});

@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "Which audiences does a listener belong to?",
})
export class SegmentDecision extends DecisionFields {
  @Field(() => [String], { description: "audiences, as slugs; none where verdict is DENY" })
  segments!: readonly string[];
}

@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "How good a lead is a listener, and who takes it?",
})
export class LeadDecision extends DecisionFields {
  @Field(() => Int, { description: "0 to 100" })
  score!: number;
  @Field(() => LeadRoute)
  route!: LeadRoute;
  @Field(() => String, { nullable: true, description: "who takes it; null where nobody does" })
  queue!: string | null;
}
