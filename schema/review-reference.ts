/** How does a subgraph refer to a review? By its id: the decisions subgraph owns the rest. */
import { Directive, Field, ID, ObjectType } from "type-graphql";
import { reviewId } from "./id.ts";
import { RequiresScopes } from "./requires-scopes.ts";

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType("Review", { simpleResolvers: true })
export class ReviewReference {
  @RequiresScopes(["audit:read"], ["reviews:write"])
  @Field(() => ID)
  id!: string;
}

/** `id` is the record's. */
export function toReviewReference(id: string): ReviewReference {
  return Object.assign(new ReviewReference(), { id: reviewId.encode(id) });
}
