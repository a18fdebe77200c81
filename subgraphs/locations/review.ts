/** What does this subgraph know of a review? That there is one; the rest is the decisions subgraph's. */
import { Directive, Field, ID, ObjectType } from "type-graphql";
import { reviewId } from "../../schema/id.ts";

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType({ simpleResolvers: true })
export class Review {
  @Field(() => ID)
  id!: string;
}

export function toReview(id: string): Review {
  return Object.assign(new Review(), { id: reviewId.encode(id) });
}
