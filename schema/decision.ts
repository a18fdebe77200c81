/**
 * Which fields do all decisions have?
 *
 * The types that every subgraph shares: a verdict, the reasons for it, and the origin of the answer.
 */
// Before any decorator runs: a decision is also read without its subgraph.
import "reflect-metadata";
import { Directive, Extensions, Field, ID, Int, InterfaceType, ObjectType, registerEnumType } from "type-graphql";
import { LAZY } from "./connection.ts";
import { Sized } from "./demand.ts";
import { DateTime, Json } from "./scalars.ts";
import { Origin, Verdict } from "./verdict.ts";
import { PartnerFields } from "./partner.ts";
import { RequiresScopes } from "./requires-scopes.ts";

registerEnumType(Verdict, {
  name: "Verdict",
  description: "The verdict of a decision. The severest matching rule wins: DENY over REVIEW over ALLOW.",
});
registerEnumType(Origin, {
  name: "DecisionOrigin",
  description: "How an answer was obtained.",
  valuesConfig: {
    SERVICE: { description: "the decision service evaluated exactly these facts" },
    CACHE: { description: "an earlier answer that has not expired" },
    STALE: {
      description: "an earlier answer that has expired, given because the service is failing; expiresAt is in the past",
    },
    EQUIVALENT: {
      description: "the service's answer for other facts that match exactly the same rules of the same table version",
    },
    LOCAL: {
      description: "the graph evaluated its own copy of the table with exactly these facts, without the service",
    },
  },
});

@Directive("@shareable")
@RequiresScopes(["eligibility:read"], ["audit:read"])
@ObjectType({
  simpleResolvers: true,
  description: "The model that decided, and the version that the service reports.",
})
export class DecisionModelRef {
  @Field()
  key!: string;
  @Field()
  version!: string;
}

@Directive("@shareable")
@RequiresScopes(["eligibility:read"])
@PartnerFields("code", "message", "verdict")
@ObjectType({ simpleResolvers: true, description: "One rule that matched." })
export class Reason {
  @Field()
  code!: string;
  @Field()
  message!: string;
  @Field(() => Verdict, {
    description: "what this rule alone says; the decision has the severest verdict of all that matched",
  })
  verdict!: Verdict;
  @Field(() => Int, {
    nullable: true,
    description: "the number of the rule in its table, from 1; null if it is unknown",
  })
  rule!: number | null;
  @Field({
    description: "the service does not report the rule; the graph found it in its own copy of the same table version",
  })
  reconstructed!: boolean;
}

@Directive("@shareable")
@RequiresScopes(["eligibility:read"], ["audit:read"])
@ObjectType({ simpleResolvers: true, description: "One input that would have to have another value." })
export class FactChange {
  @Field({ description: "an input of the decision table" })
  input!: string;
  @RequiresScopes(["eligibility:read", "listeners:read"], ["audit:read", "listeners:read"])
  @Field(() => Json, { nullable: true })
  from!: unknown;
  @RequiresScopes(["eligibility:read", "listeners:read"], ["audit:read", "listeners:read"])
  @Field(() => Json, {
    nullable: true,
    description: "the nearest value that would do, together with the other changes",
  })
  to!: unknown;
}

@Directive("@shareable")
@RequiresScopes(["eligibility:read"], ["audit:read"])
@ObjectType({ simpleResolvers: true, description: "The fewest changes to inputs that somebody can change." })
export class WouldAllow {
  @Field({ description: "false where no change would" })
  possible!: boolean;
  @Sized(2)
  @Field(() => [FactChange], { description: "in the order of the table's inputs; none where the verdict is ALLOW" })
  changes!: readonly FactChange[];
}

@Directive("@shareable")
@RequiresScopes(["eligibility:read"], ["audit:read"])
@ObjectType({ simpleResolvers: true, description: "One of the facts that a verdict rests on." })
export class SufficientFact {
  @Field({ description: "an input of the decision table" })
  input!: string;
  @RequiresScopes(["eligibility:read", "listeners:read"], ["audit:read", "listeners:read"])
  @Field(() => Json, { nullable: true })
  value!: unknown;
}

/** Of a decision that partners see. The interface itself is not for them: it would show them all other decisions. */
export const PARTNER_DECISION = ["verdict", "eligible", "reasons", "decidedAt", "expiresAt"] as const;

// Only types that a resolver of the subgraph returns implement it there, not all that exist in the process.
@InterfaceType("Decision", {
  description: "What the rules decided about one subject, and why.",
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
  @Sized(5)
  @Field(() => [Reason])
  reasons!: readonly Reason[];
  @Field(() => DateTime)
  decidedAt!: Date;
  @Field(() => DateTime, { nullable: true })
  expiresAt!: Date | null;
  @Field(() => Origin)
  origin!: Origin;
  @Extensions(LAZY)
  @Field(() => WouldAllow, {
    nullable: true,
    description:
      "what would have to change for the verdict to be ALLOW, proven by the graph's copy of the table; null where that is not the one that decided",
  })
  wouldAllow!: () => WouldAllow | null;
  @Extensions(LAZY)
  @Sized(3)
  @Field(() => [SufficientFact], {
    nullable: true,
    description:
      "a smallest set of facts that fixes the verdict, whatever the others are; null where the graph's copy of the table did not decide",
  })
  sufficient!: () => readonly SufficientFact[] | null;
}
