/** What do this subgraph's decisions look like to a client? */
import { Field, Int, ObjectType } from "type-graphql";
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

@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "Who takes a support case, how soon, and what may be offered?",
})
export class CaseDecision extends DecisionFields {
  @Field(() => Int, { description: "1 is the most urgent" })
  priority!: number;
  @Field()
  queue!: string;
  @Field(() => String, { nullable: true })
  compensation!: string | null;
}

/** Its `alternative` is looked up where a client asks for it, from what is written down here for no client. */
@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "May a campaign go live, or be put before a listener?",
})
export class ActivationDecision extends DecisionFields {
  /** A slug: where the rules send whoever may not get the campaign. */
  alternativeCategory!: string | null;
  /** Those that were decided about: an alternative has to be offered in one of them. */
  countries!: readonly string[];
  /** The campaign that was decided about, as Spotify Ads calls it. */
  adsId!: string;
}
