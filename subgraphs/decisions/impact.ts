/** What does a client see of the impact of a table? */
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionOf } from "../../schema/connection.ts";
import { Sized } from "../../schema/demand.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { DateTime } from "../../schema/scalars.ts";
import type { RequiredScopes } from "../../schema/scope.ts";
import { Verdict } from "../../schema/verdict.ts";
import type { Flip } from "../pipeline/impact.ts";
import { RunState } from "./impact-runs.ts";
import type { ImpactPart, ImpactRun } from "./impact-runs.ts";

/** Subjects are listeners too. */
export const IMPACT_SCOPES: RequiredScopes = [["audit:read", "listeners:read"]];

registerEnumType(RunState, {
  name: "ImpactState",
  description: "How far the search for the impact of a table is.",
  valuesConfig: {
    RUNNING: { description: "ask again: what was found so far is shown" },
    DONE: { description: "all was considered, as far as isComplete says" },
    FAILED: { description: "something could not be listed: problem says what; asking again starts anew" },
  },
});

@RequiresScopes(...IMPACT_SCOPES)
@ObjectType({ simpleResolvers: true, description: "A verdict that would be another one." })
export class ImpactFlip {
  @Field(() => String, {
    nullable: true,
    description: "the field that decides it, null for an evaluation: Location.playback",
  })
  field!: string | null;
  @Field()
  subject!: string;
  @Field(() => String, { nullable: true, description: "of a pair, the campaign that the subject is decided for" })
  about!: string | null;
  @Field(() => ID, { nullable: true, description: "of the ledger" })
  evaluationId!: string | null;
  @Field(() => Verdict, { nullable: true, description: "null where there is no decision" })
  from!: Verdict | null;
  @Field(() => Verdict, { nullable: true, description: "null where there would be no decision" })
  to!: Verdict | null;
  @Field(() => [Int], {
    description: "of the table here, from 1: those that give the verdict; empty for an evaluation",
  })
  rulesBefore!: readonly number[];
  @Field(() => [Int], { description: "of the given table, from 1: those that would give the verdict" })
  rules!: readonly number[];
}

export const ImpactFlipConnection = connectionOf("ImpactFlip", () => ImpactFlip, { scopes: IMPACT_SCOPES });

@RequiresScopes(...IMPACT_SCOPES)
@ObjectType({ simpleResolvers: true })
export class ImpactRule {
  @Field(() => Int, { description: "of the given table, from 1" })
  rule!: number;
  @Field(() => Int, { description: "of how many changed verdicts it would be a reason" })
  count!: number;
}

@RequiresScopes(...IMPACT_SCOPES)
@ObjectType({ simpleResolvers: true, description: "All verdicts that would change in the same way." })
export class ImpactChange {
  @Field(() => Verdict, { nullable: true })
  from!: Verdict | null;
  @Field(() => Verdict, { nullable: true })
  to!: Verdict | null;
  @Field(() => Int)
  count!: number;
  @Sized(10)
  @Field(() => [ImpactRule], { description: "the most frequent first" })
  rules!: readonly ImpactRule[];
}

/** A field resolver adds its `flips`. */
@RequiresScopes(...IMPACT_SCOPES)
@ObjectType({ simpleResolvers: true, description: "What would change among those who were considered." })
export class ImpactPartOf {
  @Field(() => Int, { description: "so far" })
  considered!: number;
  @Field(() => Int, { description: "those of whom a fact is not known, so that nothing is decided of them" })
  unknown!: number;
  @Field({ description: "false while it runs, and where there are more than one run considers" })
  isComplete!: boolean;
  @Field(() => Int)
  changed!: number;
  @Sized(12)
  @Field(() => [ImpactChange], { description: "the most frequent first" })
  changes!: readonly ImpactChange[];
  found!: readonly Flip[];
}

@RequiresScopes(...IMPACT_SCOPES)
@ObjectType({ simpleResolvers: true, description: "Whose verdict another version of a table would change." })
export class ChangeImpact {
  @Field()
  model!: string;
  @Field(() => RunState)
  state!: RunState;
  @Field(() => String, { nullable: true, description: "why it failed" })
  problem!: string | null;
  @Field(() => DateTime)
  startedAt!: Date;
  @Field(() => Int, { description: "of the ledger" })
  days!: number;
  @Field(() => ImpactPartOf, {
    description:
      "all that exists now, by the table here and by the given one; pairs of campaigns with episodes and listeners too",
  })
  today!: ImpactPartOf;
  @Field(() => ImpactPartOf, {
    description: "the evaluations of the last days, newest first: their verdicts as recorded, and by the given table",
  })
  ledger!: ImpactPartOf;
}

export function toChangeImpact(model: string, days: number, run: ImpactRun): ChangeImpact {
  const { state, problem, startedAt } = run;
  return { model, days, state, problem, startedAt, today: partOf(run.today), ledger: partOf(run.ledger) };
}

function partOf({ tally, isComplete }: ImpactPart): ImpactPartOf {
  const { considered, unknown, changed, changes, flips } = tally;
  return Object.assign(new ImpactPartOf(), { considered, unknown, isComplete, changed, changes, found: flips });
}
