/** What is an episode to a client? */
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionOf } from "../../../schema/connection.ts";
import type { States } from "../../../schema/states.ts";
import type { MegaphoneEpisode } from "../../sources/megaphone/client.ts";

export const EpisodeStatus = {
  DRAFT: "DRAFT",
  SUBMITTED: "SUBMITTED",
  SCHEDULED: "SCHEDULED",
  PUBLISHED: "PUBLISHED",
} as const;
export type EpisodeStatus = (typeof EpisodeStatus)[keyof typeof EpisodeStatus];

registerEnumType(EpisodeStatus, {
  name: "EpisodeStatus",
  valuesConfig: {
    DRAFT: { description: "nobody has submitted it yet" },
    SUBMITTED: { description: "handed in for publishing" },
    SCHEDULED: { description: "goes out at publishedAt" },
    PUBLISHED: { description: "is out, or goes out as soon as the host of the podcast has been told" },
  },
});

/** What it may come to next: what is out stays out, and what goes out is handed in no more. */
export const EPISODE_STATES: States<EpisodeStatus> = {
  DRAFT: ["SUBMITTED"],
  SUBMITTED: ["SUBMITTED", "SCHEDULED", "PUBLISHED"],
  SCHEDULED: ["SCHEDULED", "PUBLISHED"],
  PUBLISHED: [],
};

@Directive('@key(fields: "id")')
@ObjectType({ simpleResolvers: true })
export class Show {
  @Field(() => ID)
  id!: string;
  @Field()
  name!: string;
  @Field(() => String, { nullable: true })
  publisher!: string | null;
}

/** Its other fields are resolved from the Web API and our own records, where a client asks for them. */
@Directive('@key(fields: "id")')
@ObjectType({ simpleResolvers: true, description: "An episode of a podcast, published or still in the making." })
export class Episode {
  @Field(() => ID)
  id!: string;
  @Field(() => ID, { nullable: true, description: "in the Spotify Web API; null until it is published" })
  spotifyId!: string | null;
  @Field()
  title!: string;
  @Field(() => String, { nullable: true })
  description!: string | null;
  @Field(() => Int, { description: "milliseconds" })
  durationMs!: number;

  /** As Megaphone tells of it. */
  source!: MegaphoneEpisode;
}

@Directive("@inaccessible")
@ObjectType("EpisodeFacts", { simpleResolvers: true, description: "What other subgraphs decide from." })
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
  @Field(() => [String], { description: "slugs of the advertisers that are in it already" })
  sponsors!: readonly string[];
  @Field()
  status!: string;
}

export const EpisodeConnection = connectionOf("Episode", () => Episode);
