/** What does a client see of a sponsorship, and what does a gateway send to have it decided? */
import { Directive, Field, ID, ObjectType } from "type-graphql";
import { z } from "zod";
import { connectionOf } from "../../../schema/connection.ts";
import { episodeId, sponsorshipId } from "../../../schema/id.ts";
import { RequestStatus } from "../../../schema/request-status.ts";
import { ReviewReference, toReviewReference } from "../../../schema/review-reference.ts";
import { DateTime } from "../../../schema/scalars.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { Episode, EpisodeFacts, EpisodeReference } from "../external/episode.ts";
import type { SponsorshipRecord } from "../../records/campaigns/types.ts";

/** Field resolvers add its campaign and its decision, only if they are selected. */
@Directive('@key(fields: "id")')
@RequiresScopes(["graph:read"])
@ObjectType({ simpleResolvers: true, description: "A request to place a campaign in an episode." })
export class Sponsorship {
  @RequiresScopes(["graph:read"], ["decisions:write"])
  @Field(() => ID)
  id!: string;
  @Field(() => Episode)
  episode!: Episode;
  @Field()
  brand!: string;
  @Field({ description: "the category of the advertised product" })
  productCategory!: string;
  @Field(() => [String], { description: "slugs of advertisers that must not be in the same episode" })
  competitors!: readonly string[];
  @Field(() => RequestStatus)
  status!: RequestStatus;
  @RequiresScopes(["graph:read", "listeners:read"])
  @Field()
  requestedBy!: string;
  @RequiresScopes(["audit:read"])
  @Field(() => ReviewReference, { nullable: true, description: "the latest one; null if no review was required" })
  review!: ReviewReference | null;
  @Field(() => DateTime)
  requestedAt!: Date;

  /**
   * Where the episodes subgraph reads `episodeFacts`; the reason for both fields is documented there. null where
   * `decision` needs no facts, because a gateway fetches what is required whether a resolver uses it or not.
   */
  @Directive("@inaccessible")
  @Field(() => ID, { nullable: true })
  episodeId!: string | null;
  @Directive("@external")
  @Field(() => EpisodeFacts, { nullable: true })
  episodeFacts!: EpisodeFacts | null;

  /** The id of its campaign in Spotify Ads. */
  adsId!: string;
  /** The evaluation that decided its status; null if it is not recorded, or the request is undecided. */
  evaluationId!: string | null;
}

export const SponsorshipConnection = connectionOf("Sponsorship", () => Sponsorship, { scopes: [["graph:read"]] });

/** A reference from a gateway: with the facts of its episode if `decision` requires them. */
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
    episodeId: evaluationId === null && status !== "UNDECIDED" ? episode : null,
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
