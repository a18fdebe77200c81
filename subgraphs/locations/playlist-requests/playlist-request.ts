/** Which fields does a playlist request have? */
import { Directive, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { connectionOf } from "../../../schema/connection.ts";
import { playlistRequestId } from "../../../schema/id.ts";
import { RequestStatus } from "../../../schema/request-status.ts";
import { ReviewReference, toReviewReference } from "../../../schema/review-reference.ts";
import { DateTime } from "../../../schema/scalars.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { PlaylistUsage } from "../../records/locations/types.ts";
import type { PlaylistRequestRecord } from "../../records/locations/types.ts";

registerEnumType(PlaylistUsage, {
  name: "PlaylistUsage",
  valuesConfig: { PROMOTION: { description: "music that advertises something" } },
});

/** Its location and its decision are resolved if a client selects them. */
@Directive('@key(fields: "id")')
@RequiresScopes(["graph:read"])
@ObjectType({ simpleResolvers: true, description: "A request for a branded playlist." })
export class PlaylistRequest {
  @RequiresScopes(["graph:read"], ["decisions:write"])
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
  @Field(() => DateTime, { nullable: true, description: "null: as soon as it is approved" })
  startsAt!: Date | null;
  @Field(() => DateTime, { nullable: true, description: "null: it has no last day" })
  endsAt!: Date | null;
  @Field(() => RequestStatus)
  status!: RequestStatus;
  @RequiresScopes(["audit:read"])
  @Field(() => ReviewReference, { nullable: true, description: "its last review" })
  review!: ReviewReference | null;
  @Field(() => String, { nullable: true, description: "set once the playlist exists in Spotify" })
  playlistUri!: string | null;
  @RequiresScopes(["graph:read", "listeners:read"])
  @Field()
  requestedBy!: string;
  @Field(() => DateTime)
  requestedAt!: Date;

  /** From the database. */
  record!: PlaylistRequestRecord;
}

export const PlaylistRequestConnection = connectionOf("PlaylistRequest", () => PlaylistRequest, {
  scopes: [["graph:read"]],
});

export function toPlaylistRequest(record: PlaylistRequestRecord): PlaylistRequest {
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
  });
}
