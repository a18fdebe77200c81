/**
 * What do all decisions look like to a client?
 *
 * The vocabulary every subgraph shares: a traffic light, the reasons for it, and where the answer came from.
 */
// Before any decorator runs: a decision is also read without its subgraph.
import "reflect-metadata";
import { Directive, Field, ID, Int, InterfaceType, ObjectType, registerEnumType } from "type-graphql";
import { DateTime } from "./scalars.ts";
import { Origin, Verdict } from "./verdict.ts";

registerEnumType(Verdict, { name: "Verdict", description: "The traffic light every decision carries." });
registerEnumType(Origin, {
  name: "DecisionOrigin",
  description: "Where an answer came from.",
  valuesConfig: {
    SERVICE: { description: "the decision service evaluated exactly these facts" },
    CACHE: { description: "an earlier answer that is still fresh" },
    STALE: {
      description:
        "an earlier answer that is fresh no more, given because the service fails; expiresAt lies in the past",
    },
    EQUIVALENT: {
      description: "the service answered for other facts that match exactly the same rules of the same table version",
    },
    LOCAL: { description: "the table here was evaluated with exactly these facts; the service was not asked" },
  },
});

@Directive("@shareable")
@ObjectType({
  simpleResolvers: true,
  description: "The model that decided, and its version as the service reports it.",
})
export class DecisionModelRef {
  @Field()
  key!: string;
  @Field()
  version!: string;
}

@Directive("@shareable")
@ObjectType({ simpleResolvers: true, description: "One rule that matched." })
export class Reason {
  @Field()
  code!: string;
  @Field()
  message!: string;
  @Field(() => Int, {
    nullable: true,
    description: "the number of the rule in its table, from 1; null where nobody knows",
  })
  rule!: number | null;
  @Field({ description: "the service does not say which rule it was: found by the same table version here" })
  reconstructed!: boolean;
}

// Implementations register themselves by standing in a resolver of their own subgraph, not because they exist somewhere.
@InterfaceType("Decision", {
  description: "What the rules said about one subject, and why.",
  autoRegisterImplementations: false,
})
export abstract class DecisionFields {
  @Field(() => ID, { description: "the evaluation's id in the ledger" })
  id!: string;
  @Field(() => DecisionModelRef)
  model!: DecisionModelRef;
  @Field(() => Verdict)
  verdict!: Verdict;
  @Field({ description: "verdict == ALLOW" })
  eligible!: boolean;
  @Field(() => [Reason])
  reasons!: readonly Reason[];
  @Field(() => DateTime)
  decidedAt!: Date;
  @Field(() => DateTime, { nullable: true })
  expiresAt!: Date | null;
  @Field(() => Origin)
  origin!: Origin;
}
