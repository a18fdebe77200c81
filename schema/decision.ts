/**
 * Which fields do all decisions have?
 *
 * The types that every subgraph shares: a verdict, the reasons for it, and the origin of the answer.
 */
// Before any decorator runs: a decision is also read without its subgraph.
import "reflect-metadata";
import { Directive, Field, ID, Int, InterfaceType, ObjectType, registerEnumType } from "type-graphql";
import { Sized } from "./demand.ts";
import { DateTime } from "./scalars.ts";
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
@PartnerFields("code", "message")
@ObjectType({ simpleResolvers: true, description: "One rule that matched." })
export class Reason {
  @Field()
  code!: string;
  @Field()
  message!: string;
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
}
