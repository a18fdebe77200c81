/** Which request is in review? This subgraph knows its id alone; those who own it say the rest. */
import { Directive, Field, ID, ObjectType, createUnionType } from "type-graphql";
import { playlistRequestId, sponsorshipId } from "../../schema/id.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType("Sponsorship", { simpleResolvers: true })
class SponsorshipReference {
  @RequiresScopes(["graph:read"], ["decisions:write"])
  @Field(() => ID)
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType("PlaylistRequest", { simpleResolvers: true })
class PlaylistRequestReference {
  @RequiresScopes(["graph:read"], ["decisions:write"])
  @Field(() => ID)
  id!: string;
}

export const ReviewRequest = createUnionType({
  name: "ReviewRequest",
  types: () => [SponsorshipReference, PlaylistRequestReference] as const,
});
export type ReviewRequest = SponsorshipReference | PlaylistRequestReference;

/** null where the subject is no request: a lead is reviewed by its listener. */
export function toReviewRequest(id: string): ReviewRequest | null {
  if (id.startsWith(sponsorshipId.prefix)) return Object.assign(new SponsorshipReference(), { id });
  if (id.startsWith(playlistRequestId.prefix)) return Object.assign(new PlaylistRequestReference(), { id });
  return null;
}
