/** What is a review to a client? */
import { IsNotEmpty, MaxLength } from "class-validator";
import { Directive, Field, ID, InputType, ObjectType, registerEnumType } from "type-graphql";
import { Verdict } from "../../schema/verdict.ts";
import { connectionOf } from "../../schema/connection.ts";
import { reviewId } from "../../schema/id.ts";
import { IdempotentInput } from "../../schema/idempotency.ts";
import { DateTime } from "../../schema/scalars.ts";
import type { ReviewRecord } from "../records/decisions/reviews.ts";

export const ReviewStatus = { OPEN: "OPEN", RESOLVED: "RESOLVED" } as const;
export type ReviewStatus = (typeof ReviewStatus)[keyof typeof ReviewStatus];

registerEnumType(ReviewStatus, { name: "ReviewStatus" });

/** Its evaluation is resolved where a client asks for it. */
@Directive('@key(fields: "id")')
@ObjectType({
  simpleResolvers: true,
  description: "What somebody has to look at, because the rules do not decide it alone.",
})
export class Review {
  @Field(() => ID)
  id!: string;
  @Field({ description: "who looks at it" })
  queue!: string;
  @Field({ description: "what is to be looked at, by its id" })
  subject!: string;
  @Field(() => ReviewStatus)
  status!: ReviewStatus;
  @Field(() => Verdict, { nullable: true, description: "what the reviewer said: ALLOW or DENY" })
  verdict!: Verdict | null;
  @Field(() => String, { nullable: true })
  note!: string | null;
  @Field(() => String, { nullable: true })
  reviewer!: string | null;
  @Field(() => DateTime)
  openedAt!: Date;
  @Field(() => DateTime, { nullable: true })
  resolvedAt!: Date | null;

  /** Of the evaluation that asked for it. */
  evaluationId!: string;
}

export const ReviewConnection = connectionOf("Review", () => Review);

@InputType()
export class ResolveReviewInput extends IdempotentInput {
  @Field(() => ID)
  reviewId!: string;
  @Field(() => Verdict, { description: "ALLOW or DENY" })
  verdict!: Verdict;
  @IsNotEmpty()
  @MaxLength(2000)
  @Field({ description: "why" })
  note!: string;
}

@ObjectType({ simpleResolvers: true })
export class ReviewPayload {
  @Field(() => Review)
  review!: Review;
}

export function toReview({ id, queue, subject, status, ...record }: ReviewRecord): Review {
  const { verdict, note, reviewer, openedAt, resolvedAt, evaluationId } = record;
  return Object.assign(new Review(), {
    id: reviewId.encode(id),
    queue,
    subject,
    status,
    verdict,
    note,
    reviewer,
    openedAt,
    resolvedAt,
    evaluationId,
  });
}
