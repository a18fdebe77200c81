/**
 * What does this subgraph need to know of an episode to judge a placement in it?
 *
 * The episodes subgraph knows these facts and sends them along as one field that no client sees.
 */
import { Directive, Field, ID, ObjectType } from "type-graphql";
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
}

@Directive('@key(fields: "id")')
@ObjectType({ simpleResolvers: true })
export class Episode {
  @Field(() => ID)
  id!: string;
  @Directive("@external")
  @Field(() => EpisodeFacts, { nullable: true })
  facts!: EpisodeFacts | null;
}

/** Which facts `@requires` asks the episodes subgraph for. */
export const REQUIRED_FACTS = "{ topics sensitiveTopics explicit languages transcript sponsors status }";

/** What a gateway sends as a reference to an episode. */
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
    })
    .nullish()
    .transform((facts) => facts ?? null),
});
