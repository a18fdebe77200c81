/** What does it take to hand in an episode, and to publish one? */
import { ArrayMaxSize, IsNotEmpty, IsOptional, IsUrl, MaxLength, ValidateBy } from "class-validator";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { IdempotentInput } from "../../../schema/idempotency.ts";
import { CountryCode, DateTime } from "../../../schema/scalars.ts";
import { Episode } from "../episode/episode.ts";
import { PublishingDecision } from "../decisions/episode-publishing.ts";

@InputType()
export class SubmitEpisodeInput extends IdempotentInput {
  @Field(() => ID)
  episodeId!: string;
  @ArrayMaxSize(50)
  @IsNotEmpty({ each: true })
  @MaxLength(100, { each: true })
  @Field(() => [String], { description: "what its listeners are told, as slugs: sponsorship, explicit-content" })
  disclaimers!: readonly string[];
  @ArrayMaxSize(50)
  @IsNotEmpty({ each: true })
  @MaxLength(100, { each: true })
  @Field(() => [String], { description: "who has agreed to it, as slugs: editorial, legal" })
  approvals!: readonly string[];
  @IsOptional()
  @MaxLength(2000)
  @IsUrl({ protocols: ["https"], require_protocol: true }, { message: "transcriptUrl must be an https URL" })
  @Field(() => String, { nullable: true, description: "an https URL; left out: as it was" })
  transcriptUrl?: string | null;
  @ArrayMaxSize(50)
  @IsLanguageTag({ each: true })
  @Field(() => [String], { description: "BCP 47" })
  languages!: readonly string[];
  @ArrayMaxSize(300)
  @Field(() => [CountryCode], { description: "where it is to be heard" })
  markets!: readonly string[];
}

@InputType()
export class PublishEpisodeInput extends IdempotentInput {
  @Field(() => ID)
  episodeId!: string;
  @Field(() => DateTime, {
    nullable: true,
    description: "to the second; now where left out, and scheduled where it lies in the future",
  })
  publishAt?: Date | null;
}

@ObjectType({ simpleResolvers: true })
export class EpisodePayload {
  @Field(() => Episode)
  episode!: Episode;
  @Field(() => PublishingDecision, {
    nullable: true,
    description: "by which this was done, or was not; null and an error where it could not be decided",
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

/** `EN-us` → `en-US`; undefined where it is none. */
export function canonicalTag(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}
