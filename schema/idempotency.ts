/** How does a client retry a mutation without executing it twice? */
import { IsOptional, Length } from "class-validator";
import { Field, InputType } from "type-graphql";

@InputType()
export class IdempotentInput {
  @IsOptional()
  @Length(1, 200)
  @Field(() => String, {
    nullable: true,
    description:
      "the same key with the same input returns the first result; the same key with another input is an error",
  })
  idempotencyKey?: string | null;
}
