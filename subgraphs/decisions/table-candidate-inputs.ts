/** What has to be said to propose a table, to resolve and to deploy one? */
import { IsNotEmpty, IsOptional, MaxLength } from "class-validator";
import { Field, ID, InputType } from "type-graphql";
import { CandidateState } from "../../schema/candidate-state.ts";
import { IdempotentInput } from "../../schema/idempotency.ts";

/** Of a table's file, characters: ten times the largest here. */
export const MAX_TABLE = 1_000_000;
const MAX_NOTE = 2000;

@InputType()
export class ProposeTableInput extends IdempotentInput {
  @Field({ description: "the key of the model" })
  model!: string;
  @MaxLength(MAX_TABLE)
  @Field({ description: `the text of an .otdt file, up to ${MAX_TABLE.toLocaleString("en")} characters` })
  table!: string;
  @IsNotEmpty()
  @MaxLength(MAX_NOTE)
  @Field({ description: "what it changes, and why" })
  note!: string;
}

@InputType()
export class ResolveCandidateInput extends IdempotentInput {
  @Field(() => ID)
  candidateId!: string;
  @Field(() => CandidateState, {
    description: "APPROVED or REJECTED, by somebody else than its proposer; WITHDRAWN, by its proposer",
  })
  state!: CandidateState;
  @IsNotEmpty()
  @MaxLength(MAX_NOTE)
  @Field({ description: "the reason" })
  note!: string;
}

@InputType()
export class BeginDeploymentInput extends IdempotentInput {
  @Field({ description: "the key of the model" })
  model!: string;
  @MaxLength(MAX_TABLE)
  @Field({ description: "the text of an .otdt file that says what was approved, in any formatting" })
  table!: string;
  @IsNotEmpty()
  @MaxLength(500)
  @Field({ description: "who or what will get it, for the record: a URL, the name of a file" })
  target!: string;
}

@InputType()
export class EndDeploymentInput extends IdempotentInput {
  @Field(() => ID)
  deploymentId!: string;
  @IsOptional()
  @IsNotEmpty()
  @MaxLength(MAX_NOTE)
  @Field(() => String, { nullable: true, description: "why it failed; null where it did not" })
  problem?: string | null;
}
