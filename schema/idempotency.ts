/** How does a client repeat a mutation without doing it twice? */
import { IsOptional, Length } from "class-validator";
import { Field, InputType } from "type-graphql";

@InputType()
export class IdempotentInput {
  @IsOptional()
  @Length(1, 200)
  @Field(() => String, {
    nullable: true,
    description:
      "the same key and the same input answer with what came of them the first time; the same key and another input is an error",
  })
  idempotencyKey?: string | null;
}
