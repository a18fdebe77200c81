/** What do subgraphs know of a review? That there is one: the decisions subgraph, which owns it, tells the rest. */
import { Directive, Field, ID, ObjectType } from "type-graphql";
import { reviewId } from "./id.ts";

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType("Review", { simpleResolvers: true })
export class ReviewReference {
  @Field(() => ID)
  id!: string;
}

/** `id` as it is written down. */
export function toReviewReference(id: string): ReviewReference {
  return Object.assign(new ReviewReference(), { id: reviewId.encode(id) });
}
