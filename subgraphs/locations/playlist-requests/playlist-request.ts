/** What is a request for a playlist to a client? */
import { Directive, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { connectionOf } from "../../../schema/connection.ts";
import { playlistRequestId } from "../../../schema/id.ts";
import { RequestStatus } from "../../../schema/request-status.ts";
import { ReviewReference, toReviewReference } from "../../../schema/review-reference.ts";
import { DateTime } from "../../../schema/scalars.ts";
import { PlaylistUsage } from "../../records/locations/types.ts";
import type { PlaylistRequestRecord } from "../../records/locations/types.ts";

registerEnumType(PlaylistUsage, {
  name: "PlaylistUsage",
  valuesConfig: { PROMOTION: { description: "music that sells something" } },
});

/** Its location and the decision about it are resolved where a client asks for them. */
@Directive('@key(fields: "id")')
@ObjectType({ simpleResolvers: true, description: "A request for a branded playlist." })
export class PlaylistRequest {
  @Field(() => ID)
  id!: string;
  @Field()
  title!: string;
  @Field(() => PlaylistUsage)
  usage!: PlaylistUsage;
  @Field(() => [String], { description: "`spotify:track:…`" })
  trackUris!: readonly string[];
  @Field(() => String, { nullable: true })
  brandGuidelines!: string | null;
  @Field(() => DateTime, { nullable: true, description: "null: as soon as it may be made" })
  startsAt!: Date | null;
  @Field(() => DateTime, { nullable: true, description: "null: until somebody takes it down" })
  endsAt!: Date | null;
  @Field(() => RequestStatus)
  status!: RequestStatus;
  @Field(() => ReviewReference, { nullable: true, description: "by whoever looks, or has looked, at it" })
  review!: ReviewReference | null;
  @Field(() => String, { nullable: true, description: "set once the playlist exists in Spotify" })
  playlistUri!: string | null;
  @Field()
  requestedBy!: string;
  @Field(() => DateTime)
  requestedAt!: Date;

  /** As it is written down. */
  record!: PlaylistRequestRecord;
  /** What a mutation did, and not what the rules say now. */
  isAsRecorded!: boolean;
}

export const PlaylistRequestConnection = connectionOf("PlaylistRequest", () => PlaylistRequest);

export function toPlaylistRequest(record: PlaylistRequestRecord, { isAsRecorded = false } = {}): PlaylistRequest {
  const { id, title, usage, trackUris, brandGuidelines, startsAt, endsAt } = record;
  const { status, reviewId, playlistUri, requestedBy, requestedAt } = record;
  return Object.assign(new PlaylistRequest(), {
    id: playlistRequestId.encode(id),
    title,
    usage,
    trackUris,
    brandGuidelines,
    startsAt,
    endsAt,
    status,
    review: reviewId ? toReviewReference(reviewId) : null,
    playlistUri,
    requestedBy,
    requestedAt,
    record,
    isAsRecorded,
  });
}
