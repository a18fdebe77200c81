/** What does this subgraph know of a review? That there is one: the decisions subgraph, which owns it, tells the rest. */
import { Directive, Field, ID, ObjectType } from "type-graphql";
import { reviewId } from "../../schema/id.ts";

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType({ simpleResolvers: true })
export class Review {
  @Field(() => ID)
  id!: string;
}

/** `id` as it is written down. */
export function toReview(id: string): Review {
  return Object.assign(new Review(), { id: reviewId.encode(id) });
}
