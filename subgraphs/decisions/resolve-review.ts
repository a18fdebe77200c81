/**
 * What happens where a reviewer says yes or no?
 *
 * The review is closed and what it is about goes on, in one transaction, by the hand of whoever owns it. Of two reviewers
 * the first one has said it; the other is told so.
 */
import { badUserInput, conflict } from "../../schema/errors.ts";
import { reviewId } from "../../schema/id.ts";
import type { Context } from "../platform/context.ts";
import { closeReview } from "../records/decisions/reviews.ts";
import type { DecisionServices } from "./services.ts";
import type { ResolveReviewInput } from "./review.ts";

/** Gives the id of the record. */
export async function resolveReview(
  { mutate, reviews, reviewHandlers, now }: DecisionServices,
  context: Context,
  input: ResolveReviewInput,
): Promise<string> {
  const [id] = reviewId.decode(input.reviewId, "reviewId");
  const { verdict, note } = input;
  if (verdict === "REVIEW") {
    const problem = "must be ALLOW or DENY: a reviewer has the last word";
    throw badUserInput(`Cannot resolveReview: verdict ${problem}`, "input", { verdict: [problem] });
  }
  const made = await mutate(context, "resolveReview", input, async () => {
    const [known] = await reviews.byIds([id]);
    if (!known) throw badUserInput(`Cannot resolveReview: there is no review ${input.reviewId}`, "reviewId");
    const owner = reviewHandlers.find(({ kind }) => kind === known.kind);
    if (!owner) throw new Error(`nobody commands on reviews of the kind ${known.kind}`);
    const resolution = { verdict, note, reviewer: context.caller, resolvedAt: new Date(now()) };
    return async (tx) => {
      const closed = await closeReview(tx, id, resolution);
      if (!closed) throw conflict(`Cannot resolve ${input.reviewId}: it is RESOLVED`);
      await owner.apply(tx, closed);
      return { id };
    };
  });
  return made.id;
}
