/** What is told of a subject whose eligibility has changed? */
import { Field, ID, ObjectType } from "type-graphql";
import { DecisionModelRef, Reason } from "../../schema/decision.ts";
import { Sized } from "../../schema/demand.ts";
import { DateTime } from "../../schema/scalars.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { Verdict } from "../../schema/verdict.ts";

@RequiresScopes(["eligibility:read"])
@ObjectType({
  simpleResolvers: true,
  description: "A verdict that is another than the one before. All else of the decision is asked of its subject.",
})
export class EligibilityChange {
  @Field(() => ID, { description: "of the campaign, episode, location or listener" })
  id!: string;
  @Field(() => ID, { nullable: true, description: "the campaign that it was decided for" })
  campaignId!: string | null;
  @Field(() => ID, { description: "the evaluation's id in the ledger" })
  evaluationId!: string;
  @Field(() => DecisionModelRef)
  model!: DecisionModelRef;
  @Field(() => Verdict, {
    nullable: true,
    description:
      "the one that was told last, or held when the subscription began; null if it could not be decided then",
  })
  previous!: Verdict | null;
  @Field(() => Verdict)
  verdict!: Verdict;
  @Field({ description: "verdict == ALLOW" })
  eligible!: boolean;
  @Sized(5)
  @Field(() => [Reason])
  reasons!: readonly Reason[];
  @Field(() => DateTime)
  decidedAt!: Date;
  @Field(() => DateTime, { nullable: true })
  expiresAt!: Date | null;
}
