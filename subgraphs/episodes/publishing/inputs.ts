/** What do the mutations that submit and publish an episode take and return? */
import { ArrayMaxSize, IsNotEmpty, IsOptional, IsUrl, MaxLength, ValidateBy } from "class-validator";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { MutationPayload } from "../../../schema/dry-run.ts";
import { IdempotentInput } from "../../../schema/idempotency.ts";
import { CountryCode, DateTime } from "../../../schema/scalars.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { Episode } from "../episode/episode.ts";
import { PublishingDecision } from "../decisions/episode-publishing.ts";

@InputType()
export class SubmitEpisodeInput extends IdempotentInput {
  @Field(() => ID)
  episodeId!: string;
  @ArrayMaxSize(50)
  @IsNotEmpty({ each: true })
  @MaxLength(100, { each: true })
  @Field(() => [String], { description: "disclaimers that its listeners get, as slugs: sponsorship, explicit-content" })
  disclaimers!: readonly string[];
  @ArrayMaxSize(50)
  @IsNotEmpty({ each: true })
  @MaxLength(100, { each: true })
  @Field(() => [String], { description: "approvals it has, as slugs: editorial, legal" })
  approvals!: readonly string[];
  @IsOptional()
  @MaxLength(2000)
  @IsUrl({ protocols: ["https"], require_protocol: true }, { message: "transcriptUrl must be an https URL" })
  @Field(() => String, { nullable: true, description: "an https URL; if omitted, it stays as it is" })
  transcriptUrl?: string | null;
  @ArrayMaxSize(50)
  @IsLanguageTag({ each: true })
  @Field(() => [String], { description: "BCP 47" })
  languages!: readonly string[];
  @ArrayMaxSize(300)
  @Field(() => [CountryCode], { description: "where it is to be available" })
  markets!: readonly string[];
}

@InputType()
export class PublishEpisodeInput extends IdempotentInput {
  @Field(() => ID)
  episodeId!: string;
  @Field(() => DateTime, {
    nullable: true,
    description: "in whole seconds; a date in the future schedules it; omit it to publish now",
  })
  publishAt?: Date | null;
}

@RequiresScopes(["decisions:write"])
@ObjectType({ simpleResolvers: true })
export class EpisodePayload extends MutationPayload {
  @Field(() => Episode)
  episode!: Episode;
  @Field(() => PublishingDecision, {
    nullable: true,
    description: "the decision that was made; null and an error if it could not be made",
  })
  decision!: PublishingDecision | Error;
}

function IsLanguageTag(options: { readonly each: true }): PropertyDecorator {
  const validate = (tag: unknown): boolean => typeof tag === "string" && canonicalTag(tag) !== undefined;
  return ValidateBy(
    {
      name: "isLanguageTag",
      validator: { validate, defaultMessage: () => "each value in languages must be a BCP 47 language tag" },
    },
    options,
  );
}

/** `EN-us` → `en-US`; undefined if it is not a language tag. */
export function canonicalTag(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}
