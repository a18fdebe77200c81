/** What is the input of a mutation that changes the targeting of a campaign? */
import { ArrayMaxSize, IsOptional, Matches, MaxLength, MinLength } from "class-validator";
import { Field, ID, InputType } from "type-graphql";
import { IdempotentInput } from "../../../schema/idempotency.ts";
import { IsText } from "../../../schema/text.ts";

/** Spotify's limits of an audience's name, in UTF-16 code units. */
const MIN_LENGTH = 2;
const MAX_LENGTH = 80;
/** In one list: a longer one is taken for a mistake. */
const MAX_NAMES = 50;

@InputType({ description: "without include, exclude and offer, the rules decide the targeting" })
export class ApplyTargetingInput extends IdempotentInput {
  @Field(() => ID)
  campaignId!: string;
  @IsOptional()
  @AreAudienceNames()
  @Field(() => [String], {
    nullable: true,
    description: "names of audiences to reach; empty if it is omitted but exclude or offer is given",
  })
  include?: readonly string[] | null;
  @IsOptional()
  @AreAudienceNames()
  @Field(() => [String], {
    nullable: true,
    description: "names of audiences to exclude; empty if it is omitted but include or offer is given",
  })
  exclude?: readonly string[] | null;
  @IsOptional()
  @IsText({ maxLength: 200 })
  @Field(() => String, { nullable: true, description: "stored with the targeting, not sent to Spotify" })
  offer?: string | null;
}

function AreAudienceNames(): PropertyDecorator {
  const message = "each value in $property must not have blanks around it";
  const checks = [
    ArrayMaxSize(MAX_NAMES),
    MinLength(MIN_LENGTH, { each: true }),
    MaxLength(MAX_LENGTH, { each: true }),
    Matches(/^\S(?:.*\S)?$/s, { each: true, message }),
  ];
  return (target, property) => {
    for (const check of checks) check(target, property);
  };
}
