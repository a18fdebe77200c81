/** What is an episode to a client? */
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionOf } from "../../../schema/connection.ts";
import { CountryCode, DateTime } from "../../../schema/scalars.ts";
import type { States } from "../../../schema/states.ts";
import { PartnerFields } from "../../../schema/partner.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import type { MegaphoneEpisode } from "../../sources/megaphone/replies.ts";

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
    DRAFT: { description: "not submitted yet" },
    SUBMITTED: { description: "submitted for publishing" },
    SCHEDULED: { description: "to be published at publishedAt" },
    PUBLISHED: { description: "published, or allowed and being sent to the podcast's host" },
  },
});

/** Publication is final, and a scheduled episode cannot be submitted again. */
export const EPISODE_STATES: States<EpisodeStatus> = {
  DRAFT: ["SUBMITTED"],
  SUBMITTED: ["SUBMITTED", "SCHEDULED", "PUBLISHED"],
  SCHEDULED: ["SCHEDULED", "PUBLISHED"],
  PUBLISHED: [],
};

@Directive('@key(fields: "id")')
@RequiresScopes(["graph:read"])
@ObjectType({ simpleResolvers: true })
export class Show {
  @Field(() => ID)
  id!: string;
  @Field()
  name!: string;
  @Field(() => String, { nullable: true })
  publisher!: string | null;
}

@RequiresScopes(["graph:read"])
@ObjectType({ simpleResolvers: true, description: "What an episode was last submitted with." })
export class EpisodeSubmission {
  @Field(() => [String], { description: "disclaimers that its listeners get, as slugs" })
  disclaimers!: readonly string[];
  @Field(() => [String], { description: "approvals it has, as slugs" })
  approvals!: readonly string[];
  @Field(() => [String], { description: "BCP 47" })
  languages!: readonly string[];
  @Field(() => [CountryCode], { description: "where it is to be available" })
  markets!: readonly string[];
  @Field(() => DateTime)
  submittedAt!: Date;
}

/** The fields that need the Web API or our own records have resolvers, so that only a client who selects them waits. */
@Directive('@key(fields: "id")')
@RequiresScopes(["graph:read"])
@PartnerFields("id", "title", "asOf", "publishing")
@ObjectType({ simpleResolvers: true, description: "An episode of a podcast, published or not." })
export class Episode {
  @RequiresScopes(["graph:read"], ["eligibility:read"], ["decisions:write"])
  @Field(() => ID)
  id!: string;
  @Field(() => ID, { nullable: true, description: "its id in the Spotify Web API; null until it is published" })
  spotifyId!: string | null;
  @RequiresScopes(["graph:read"], ["eligibility:read"])
  @Field({ description: "`unknown` if Megaphone has none" })
  title!: string;
  @Field(() => String, { nullable: true })
  description!: string | null;
  @Field(() => Int, { description: "milliseconds" })
  durationMs!: number;
  @RequiresScopes(["graph:read"], ["eligibility:read"])
  @Field(() => DateTime, { description: "when it was read from Megaphone" })
  asOf!: Date;

  /** Megaphone's answer. */
  source!: MegaphoneEpisode;
}

@Directive("@inaccessible")
@ObjectType("EpisodeFacts", { simpleResolvers: true, description: "For decisions of other subgraphs." })
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
  @Field(() => [String], { description: "advertisers already in it, as slugs" })
  sponsors!: readonly string[];
  @Field()
  status!: string;
  @Field(() => [String], { description: "countries that it was submitted for; empty if none is known" })
  markets!: readonly string[];
  @Field({ description: "its rating says that only adults listen" })
  adultsOnly!: boolean;
}

export const EpisodeConnection = connectionOf("Episode", () => Episode, {
  scopes: [["graph:read"], ["eligibility:read"]],
  isForPartners: true,
});
