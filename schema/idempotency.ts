/** How does a client try a mutation, and how does it retry one without executing it twice? */
import { IsOptional, Length } from "class-validator";
import { Field, InputType } from "type-graphql";

/** Of every mutation. */
@InputType()
export class MutationInput {
  @IsOptional()
  @Field(() => Boolean, {
    nullable: true,
    description:
      "nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done",
  })
  dryRun?: boolean | null;
}

@InputType()
export class IdempotentInput extends MutationInput {
  @IsOptional()
  @Length(1, 200)
  @Field(() => String, {
    nullable: true,
    description:
      "the same key with the same input returns the first result; the same key with another input is an error",
  })
  idempotencyKey?: string | null;
}
