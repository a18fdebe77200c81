/**
 * What happens when a reviewer approves or rejects?
 *
 * One transaction closes the review and applies the verdict to its subject, by the handler of the subgraph that owns it. Of
 * two concurrent reviewers, the second one gets CONFLICT.
 */
import { badUserInput, conflict } from "../../schema/errors.ts";
import { reviewId } from "../../schema/id.ts";
import type { Context } from "../platform/context.ts";
import { closeReview } from "../records/decisions/reviews.ts";
import type { DecisionServices } from "./services.ts";
import type { ResolveReviewInput } from "./review.ts";

/** Gives the record's id. */
export async function resolveReview(
  { mutate, accounts, reviews, reviewHandlers, now }: DecisionServices,
  context: Context,
  input: ResolveReviewInput,
): Promise<string> {
  const [id] = reviewId.decode(input.reviewId, "reviewId");
  const { verdict, note } = input;
  if (verdict === "REVIEW") {
    const problem = "must be ALLOW or DENY";
    throw badUserInput(`Cannot resolveReview: verdict ${problem}`, "input", { verdict: [problem] });
  }
  const resolved = await mutate(context, "resolveReview", input, async () => {
    const [review] = await reviews.byIds([id], await accounts(context));
    if (!review) throw badUserInput(`Cannot resolveReview: there is no review ${input.reviewId}`, "reviewId");
    const handler = reviewHandlers.find(({ kind }) => kind === review.kind);
    if (!handler) throw new Error(`Cannot resolve ${input.reviewId}: no handler for reviews of ${review.kind}`);
    const resolution = { verdict, note, reviewer: context.caller.id, resolvedAt: new Date(now()) };
    return async (tx) => {
      const closed = await closeReview(tx, id, resolution);
      if (!closed) throw conflict(`Cannot resolve ${input.reviewId}: it is RESOLVED`);
      await handler.apply(tx, closed);
      return { id };
    };
  });
  return resolved.id;
}
