/**
 * Which facts of an episode does a placement decision need?
 *
 * The episodes subgraph provides them as one `@inaccessible` field.
 */
import { Directive, Field, ID, ObjectType } from "type-graphql";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { z } from "zod";

@Directive("@external")
@Directive("@inaccessible")
@ObjectType({ simpleResolvers: true })
export class EpisodeFacts {
  @Field(() => [String])
  topics!: readonly string[];
  @Field(() => [String])
  sensitiveTopics!: readonly string[];
  @Field()
  explicit!: boolean;
  @Field(() => [String])
  languages!: readonly string[];
  @Field()
  transcript!: boolean;
  @Field(() => [String])
  sponsors!: readonly string[];
  @Field()
  status!: string;
  @Field(() => [String])
  markets!: readonly string[];
  @Field()
  adultsOnly!: boolean;
}

@Directive('@key(fields: "id")')
@ObjectType({ simpleResolvers: true })
export class Episode {
  @RequiresScopes(["graph:read"], ["eligibility:read"], ["decisions:write"])
  @Field(() => ID)
  id!: string;
  @Directive("@external")
  @Field(() => EpisodeFacts, { nullable: true })
  facts!: EpisodeFacts | null;
}

/** The selection of `@requires`. */
export const REQUIRED_FACTS =
  "{ topics sensitiveTopics explicit languages transcript sponsors status markets adultsOnly }";

/** A reference to an episode, from a gateway. */
export const EpisodeReference = z.object({
  id: z.string(),
  facts: z
    .object({
      topics: z.array(z.string()),
      sensitiveTopics: z.array(z.string()),
      explicit: z.boolean(),
      languages: z.array(z.string()),
      transcript: z.boolean(),
      sponsors: z.array(z.string()),
      status: z.string(),
      markets: z.array(z.string()),
      adultsOnly: z.boolean(),
    })
    .nullish()
    .transform((facts) => facts ?? null),
});
