/** Which fields do the checks of a decision model have? */
import { Field, Int, ObjectType } from "type-graphql";
import { Sized } from "../../schema/demand.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { Json } from "../../schema/scalars.ts";
import type { Checks } from "../pipeline/table/diagram/check.ts";

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "Facts for which no rule gives a row." })
export class RuleGap {
  @Field(() => Json, { description: "a value for each input of the table" })
  witness!: unknown;
}

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "Two rules of different verdicts that match the same facts." })
export class RuleContradiction {
  @Field(() => [Int])
  rules!: readonly number[];
  @Field(() => Json, { description: "a value for each input of the table" })
  witness!: unknown;
}

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "Two rules that say the same of the same facts." })
export class RuleDuplicate {
  @Field(() => [Int])
  rules!: readonly number[];
}

@RequiresScopes(["audit:read"])
@ObjectType({
  simpleResolvers: true,
  description:
    "An input that, where it alone is unknown, leads to ALLOW for facts that some value of it would not allow.",
})
export class RuleMissing {
  @Field()
  input!: string;
  @Field(() => Json, { description: "a value for each input of the table" })
  witness!: unknown;
}

@RequiresScopes(["audit:read"])
@ObjectType({
  simpleResolvers: true,
  description: "What is proven of the graph's copy of a table, for all facts. Rules are numbered from 1.",
})
export class DecisionModelChecks {
  @Sized(1)
  @Field(() => [RuleGap], { description: "at most ten" })
  gaps!: Checks["gaps"];
  @Field(() => [Int], { description: "rules that match no facts" })
  neverMatch!: Checks["neverMatch"];
  @Field(() => [Int], { description: "rules that match, but wherever they do a severer verdict wins" })
  neverDecide!: Checks["neverDecide"];
  @Sized(200)
  @Field(() => [RuleContradiction], { description: "neither always matches; the severer verdict wins" })
  contradictions!: Checks["contradictions"];
  @Sized(1)
  @Field(() => [RuleDuplicate])
  duplicates!: Checks["duplicates"];
  @Sized(5)
  @Field(() => [RuleMissing])
  missing!: Checks["missing"];
}
