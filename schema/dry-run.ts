/** What would a mutation do? */
import { Directive, Extensions, Field, ID, ObjectType } from "type-graphql";
import { Sized } from "./demand.ts";
import { RequiresScopes } from "./requires-scopes.ts";
import { DateTime } from "./scalars.ts";
import { Verdict } from "./verdict.ts";

/** The extension of the field that says what a dry run would do. */
export const PLANNED = { planned: true } as const;

const WHO = [["decisions:write"], ["operations:write"], ["reviews:write"]] as const;

@Directive("@shareable")
@RequiresScopes(...WHO)
@ObjectType({
  simpleResolvers: true,
  description: "What a mutation would tell to an upstream, or to who is told of events.",
})
export class PlannedEffect {
  @Field({ description: "as of an Effect" })
  kind!: string;
  @Field({ description: "the id of what it is about" })
  subject!: string;
  @Field(() => DateTime, { nullable: true, description: "when it would be due; null at once" })
  at!: Date | null;
}

@Directive("@shareable")
@RequiresScopes(...WHO)
@ObjectType({ simpleResolvers: true, description: "A decision that a mutation rests on." })
export class DryRunDecision {
  @Field(() => ID, { description: "of the evaluation, which is in the ledger: the decision service was asked" })
  evaluationId!: string;
  @Field({ description: "the key of the model" })
  model!: string;
  @Field(() => Verdict)
  verdict!: Verdict;
}

@Directive("@shareable")
@RequiresScopes(...WHO)
@ObjectType({ simpleResolvers: true, description: "What a mutation would do, of which nothing was done." })
export class DryRun {
  @Sized(1)
  @Field(() => [DryRunDecision])
  decisions!: readonly DryRunDecision[];
  @Sized(5)
  @Field(() => [PlannedEffect], { description: "in the order in which they would be told" })
  effects!: readonly PlannedEffect[];
}

/** Of every mutation. */
@ObjectType({ simpleResolvers: true })
export abstract class MutationPayload {
  @Extensions(PLANNED)
  @Field(() => DryRun, {
    nullable: true,
    description: `what would be told, if input.dryRun was true: nothing was changed, and the fields of this subgraph show what
would be there; null otherwise`,
  })
  dryRun?: DryRun | null;
}
