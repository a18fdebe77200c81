/** What is a sponsorship to a client, and to a gateway that brings the facts of its episode? */
import { Directive, Field, ID, ObjectType } from "type-graphql";
import { z } from "zod";
import { connectionOf } from "../../../schema/connection.ts";
import { episodeId, sponsorshipId } from "../../../schema/id.ts";
import { RequestStatus } from "../../../schema/request-status.ts";
import { ReviewReference, toReviewReference } from "../../../schema/review-reference.ts";
import { DateTime } from "../../../schema/scalars.ts";
import { Episode, EpisodeFacts, EpisodeReference } from "../external/episode.ts";
import type { SponsorshipRecord } from "../../records/campaigns/types.ts";

/** Its campaign and the decision about it are resolved where a client asks for them. */
@Directive('@key(fields: "id")')
@ObjectType({ simpleResolvers: true, description: "A request to place a campaign in an episode." })
export class Sponsorship {
  @Field(() => ID)
  id!: string;
  @Field(() => Episode)
  episode!: Episode;
  @Field()
  brand!: string;
  @Field({ description: "what is advertised" })
  productCategory!: string;
  @Field(() => [String], { description: "slugs of advertisers it is not to be heard beside" })
  competitors!: readonly string[];
  @Field(() => RequestStatus)
  status!: RequestStatus;
  @Field()
  requestedBy!: string;
  @Field(() => ReviewReference, { nullable: true, description: "the last one; null where nobody had to look at it" })
  review!: ReviewReference | null;
  @Field(() => DateTime)
  requestedAt!: Date;

  /** By which the episodes subgraph tells `episodeFacts`, where the reason for both fields is told. */
  @Directive("@inaccessible")
  @Field(() => ID)
  episodeId!: string;
  @Directive("@external")
  @Field(() => EpisodeFacts, { nullable: true })
  episodeFacts!: EpisodeFacts | null;

  /** Of its campaign, as Spotify Ads calls it. */
  adsId!: string;
  /** By which it came to its status; null where nobody wrote that down, or it is not decided yet. */
  evaluationId!: string | null;
}

export const SponsorshipConnection = connectionOf("Sponsorship", () => Sponsorship);

/** What a gateway sends as a reference to a sponsorship: with the facts of its episode where `decision` requires them. */
export const SponsorshipReference = z.object({
  id: z.string(),
  episodeFacts: EpisodeReference.shape.facts,
});

export function toSponsorship(record: SponsorshipRecord, episodeFacts: EpisodeFacts | null = null): Sponsorship {
  const {
    brand,
    productCategory,
    competitors,
    status,
    requestedBy,
    requestedAt,
    reviewId,
    evaluationId = null,
  } = record;
  const episode = episodeId.encode(record.episodeId.podcastId, record.episodeId.episodeId);
  return Object.assign(new Sponsorship(), {
    id: sponsorshipId.encode(record.id),
    episode: Object.assign(new Episode(), { id: episode, facts: null }),
    episodeId: episode,
    episodeFacts,
    brand,
    productCategory,
    competitors,
    status,
    review: reviewId ? toReviewReference(reviewId) : null,
    requestedBy,
    requestedAt,
    adsId: record.campaignId,
    evaluationId,
  });
}
