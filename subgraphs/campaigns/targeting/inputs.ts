/** What does it take to change whom a campaign reaches? */
import { ArrayMaxSize, IsOptional, Matches, MaxLength, MinLength } from "class-validator";
import { Field, ID, InputType } from "type-graphql";
import { IdempotentInput } from "../../../schema/idempotency.ts";
import { IsText } from "../../../schema/text.ts";

/** Of an audience, in UTF-16 code units: what Spotify takes. */
const SHORTEST = 2;
const LONGEST = 80;
/** A list this long is no targeting any more. */
const MOST = 50;

@InputType({ description: "include, exclude and offer left out: the targeting the rules decide now" })
export class ApplyTargetingInput extends IdempotentInput {
  @Field(() => ID)
  campaignId!: string;
  @IsOptional()
  @AreNames()
  @Field(() => [String], {
    nullable: true,
    description: "names of audiences to reach; none where another part of a targeting is given and this is left out",
  })
  include?: readonly string[] | null;
  @IsOptional()
  @AreNames()
  @Field(() => [String], {
    nullable: true,
    description:
      "names of audiences to leave out; none where another part of a targeting is given and this is left out",
  })
  exclude?: readonly string[] | null;
  @IsOptional()
  @IsText({ maxLength: 200 })
  @Field(() => String, { nullable: true, description: "kept with the targeting; Spotify has no place for it" })
  offer?: string | null;
}

function AreNames(): PropertyDecorator {
  const message = "each value in $property must not have blanks around it";
  const checks = [
    ArrayMaxSize(MOST),
    MinLength(SHORTEST, { each: true }),
    MaxLength(LONGEST, { each: true }),
    Matches(/^\S(?:.*\S)?$/s, { each: true, message }),
  ];
  return (target, property) => {
    for (const check of checks) check(target, property);
  };
}
