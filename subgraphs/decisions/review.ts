/** Which fields does a review have? */
import { Directive, Field, ID, InputType, ObjectType, registerEnumType } from "type-graphql";
import { MutationPayload } from "../../schema/dry-run.ts";
import { Verdict } from "../../schema/verdict.ts";
import { connectionOf } from "../../schema/connection.ts";
import { reviewId } from "../../schema/id.ts";
import { IdempotentInput } from "../../schema/idempotency.ts";
import { DateTime } from "../../schema/scalars.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { IsText } from "../../schema/text.ts";
import { ReviewRequest, toReviewRequest } from "./review-request.ts";
import type { ReviewRecord } from "../records/decisions/reviews.ts";

export const ReviewStatus = { OPEN: "OPEN", RESOLVED: "RESOLVED" } as const;
export type ReviewStatus = (typeof ReviewStatus)[keyof typeof ReviewStatus];

registerEnumType(ReviewStatus, { name: "ReviewStatus" });

/** Its evaluation is resolved if a client selects it. */
@Directive('@key(fields: "id")')
@RequiresScopes(["audit:read"])
@ObjectType({
  simpleResolvers: true,
  description: "A request that a person has to approve or reject, because the rules do not decide it.",
})
export class Review {
  @RequiresScopes(["audit:read"], ["reviews:write"])
  @Field(() => ID)
  id!: string;
  @Field({ description: "the team that reviews it" })
  queue!: string;
  @Field({ description: "the id of the request in review, or of the listener whose lead is in review" })
  subject!: string;
  @Field(() => ReviewRequest, { nullable: true, description: "null where a lead is in review" })
  request!: ReviewRequest | null;
  @Field(() => ReviewStatus)
  status!: ReviewStatus;
  @Field(() => Verdict, { nullable: true, description: "the reviewer's verdict: ALLOW or DENY" })
  verdict!: Verdict | null;
  @Field(() => String, { nullable: true })
  note!: string | null;
  @Field(() => String, { nullable: true })
  reviewer!: string | null;
  @Field(() => DateTime)
  openedAt!: Date;
  @Field(() => DateTime, { nullable: true })
  resolvedAt!: Date | null;

  /** The evaluation that required the review. */
  evaluationId!: string;
}

export const ReviewConnection = connectionOf("Review", () => Review, { scopes: [["audit:read"]] });

@InputType()
export class ResolveReviewInput extends IdempotentInput {
  @Field(() => ID)
  reviewId!: string;
  @Field(() => Verdict, { description: "ALLOW or DENY" })
  verdict!: Verdict;
  @IsText({ maxLength: 2000 })
  @Field({ description: "the reason for the verdict" })
  note!: string;
}

@RequiresScopes(["reviews:write"])
@ObjectType({ simpleResolvers: true })
export class ReviewPayload extends MutationPayload {
  @Field(() => Review)
  review!: Review;
}

export function toReview({ id, queue, subject, status, ...record }: ReviewRecord): Review {
  const { verdict, note, reviewer, openedAt, resolvedAt, evaluationId } = record;
  return Object.assign(new Review(), {
    id: reviewId.encode(id),
    queue,
    subject,
    request: toReviewRequest(subject),
    status,
    verdict,
    note,
    reviewer,
    openedAt,
    resolvedAt,
    evaluationId,
  });
}
