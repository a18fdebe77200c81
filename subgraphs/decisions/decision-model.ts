/** Which fields does a decision model have? */
import { Extensions, Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { LAZY } from "../../schema/connection.ts";
import { Sized } from "../../schema/demand.ts";
import { DateTime, Json } from "../../schema/scalars.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { DecisionModelChecks } from "./decision-model-checks.ts";

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "An input or an output of a decision table." })
export class DecisionVariable {
  @Field()
  name!: string;
  @Field(() => String, { nullable: true, description: "a readable name" })
  label!: string | null;
  @Field({ description: "string, number, boolean, date or collection" })
  type!: string;
  @Field(() => [String], { description: "the values that its author listed, as text; empty if there are none" })
  entries!: readonly string[];
  @Field(() => String, {
    nullable: true,
    description:
      "of an output of its own, what is made of the rows of the winning verdict: `first`, `list`, `lowest`, `highest`, or `beside` another output",
  })
  way!: string | null;
}

/** As a GraphQL enum. */
export enum TrustState {
  UNPROVEN = "UNPROVEN",
  TRUSTED = "TRUSTED",
  DISTRUSTED = "DISTRUSTED",
}
registerEnumType(TrustState, {
  name: "TrustState",
  description: "Whether the decision service has shown that it runs the graph's copy of a table.",
  valuesConfig: {
    UNPROVEN: { description: "no answer was compared yet, or the running version is unknown" },
    TRUSTED: { description: "every answer was the same as the copy gives: answers count for equivalent facts" },
    DISTRUSTED: { description: "an answer differed: each distinct set of facts is asked" },
  },
});

@RequiresScopes(["audit:read"])
@ObjectType({
  simpleResolvers: true,
  description: "What comparing the answers of the decision service with the graph's copy of the table has shown.",
})
export class DecisionModelTrust {
  @Field(() => TrustState)
  state!: TrustState;
  @Field(() => DateTime, { description: "when that state began" })
  since!: Date;
  @Field(() => Int, { description: "answers of the running version that were the same, in this process" })
  agreed!: number;
  @Field(() => Int, { description: "answers of the running version that differed, in this process" })
  disagreed!: number;
}

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "What a rule requires of one input." })
export class DecisionCondition {
  @Field({ description: "as OpenText names it: `==`, `>=`, `IS IN`, `NONE OF`" })
  operator!: string;
  @Field(() => [Json], { description: "of the input's type; a date is `YYYY-MM-DD`" })
  values!: readonly unknown[];
}

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "A rule of a decision table." })
export class DecisionRule {
  @Field(() => Int, { description: "from 1" })
  number!: number;
  @Sized(15)
  @Field(() => [DecisionCondition], {
    nullable: "items",
    description: "one for each input, in their order; null matches whatever it is",
  })
  conditions!: readonly (DecisionCondition | null)[];
  @Field(() => Json, { description: "a value for each output that is not empty, by name" })
  outputs!: unknown;
  @Extensions(LAZY)
  @Field(() => Int, { description: "how many of the last 10,000 evaluations of the model it matched" })
  matched!: () => Promise<number>;
}

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "A table that was decided by here, now or before." })
export class DecisionModelVersion {
  @Field(() => Int)
  version!: number;
  @Field({ description: "SHA-256 of its file, hexadecimal: another table may have had the same version" })
  digest!: string;
  @Field(() => DateTime, { description: "when a process of Decibel had it first" })
  firstSeenAt!: Date;
  @Field({ description: "the text of its file" })
  source!: string;
  @Field({ description: "the graph decides by it now" })
  isCurrent!: boolean;
}

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "An example of what a table answers." })
export class DecisionCase {
  @Field(() => Int, { description: "from 1" })
  number!: number;
  @Field(() => Json, { description: "a value for each input of the table" })
  facts!: unknown;
  @Field(() => Json, { description: "the verdict and the outputs of its own, by name, as text; empty for none" })
  expected!: unknown;
}

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "A decision table that the graph decides by." })
export class DecisionModel {
  @Field()
  key!: string;
  @Field()
  name!: string;
  @Field(() => String, { nullable: true })
  description!: string | null;
  @Field({ description: "the version that the decision service runs; `unknown` until it reports one" })
  version!: string;
  @Field()
  hitPolicy!: string;
  @Sized(15)
  @Field(() => [DecisionVariable])
  inputs!: readonly DecisionVariable[];
  @Sized(15)
  @Field(() => [DecisionVariable])
  outputs!: readonly DecisionVariable[];
  @Field(() => Int, { description: "the number of rules in the graph's copy of the table" })
  rules!: number;
  @Sized(60)
  @Field(() => [DecisionRule], { description: "the graph's copy of the table, rule by rule" })
  table!: readonly DecisionRule[];
  @Field(() => Int, { description: "the version of the graph's copy; the service numbers its deployments by itself" })
  copy!: number;
  @Field({
    description:
      "the decision service runs another table than the graph's copy, as an answer has shown, or has not reported its version",
  })
  drifted!: boolean;
  @Field(() => DecisionModelTrust)
  trust!: DecisionModelTrust;
  @Extensions(LAZY)
  @Field(() => DecisionModelChecks, {
    nullable: true,
    description: "what is proven of the graph's copy of the table; null where it is too large for that",
  })
  checks!: () => Promise<DecisionModelChecks | null>;
}
