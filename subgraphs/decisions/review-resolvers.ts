/** Which reviews are open, and how is one resolved? */
import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { PageArgs } from "../../schema/connection.ts";
import type { Connection } from "../../schema/connection.ts";
import { Paged, Sized } from "../../schema/demand.ts";
import { reviewId } from "../../schema/id.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import type { Context } from "../platform/context.ts";
import { listCursors, listPage } from "../platform/lists.ts";
import { Evaluation } from "./evaluation.ts";
import type { DecisionServices } from "./services.ts";
import { resolveReview } from "./resolve-review.ts";
import { ResolveReviewInput, Review, ReviewConnection, ReviewPayload, toReview } from "./review.ts";

const cursors = listCursors("reviewQueue");

@ArgsType()
class ReviewQueueArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: "only reviews in this queue" })
  queue!: string | null;
}

@Resolver(() => Review)
export class ReviewResolver {
  readonly #services: DecisionServices;

  constructor(services: DecisionServices) {
    this.#services = services;
  }

  @RequiresScopes(["audit:read"])
  @Query(() => Review, { nullable: true })
  async review(@Arg("id", () => ID) id: string, @Ctx() context: Context): Promise<Review | null> {
    return this.#services.load(context).review.load(reviewId.decode(id)[0]);
  }

  @RequiresScopes(["audit:read"])
  @Paged()
  @Query(() => ReviewConnection, { description: "open reviews, oldest first" })
  async reviewQueue(
    @Args(() => ReviewQueueArgs) args: ReviewQueueArgs,
    @Ctx() context: Context,
  ): Promise<Connection<Review>> {
    const { reviews } = this.#services;
    const filter = { queue: args.queue ?? undefined, accounts: await this.#services.accounts(context) };
    return listPage(args, {
      cursors,
      position: ({ openedAt: at, id }) => ({ at, id }),
      node: toReview,
      items: (window) => reviews.open(filter, window),
      count: () => reviews.countOpen(filter),
    });
  }

  @FieldResolver(() => Evaluation, { description: "the evaluation that required the review" })
  async evaluation(@Root() { id, evaluationId }: Review, @Ctx() context: Context): Promise<Evaluation> {
    const evaluation = await this.#services.load(context).evaluation.load(evaluationId);
    if (!evaluation) throw new Error(`Cannot read the evaluation of ${id}: it is not in the ledger`);
    return evaluation;
  }

  @RequiresScopes(["audit:read"])
  @Sized(10)
  @FieldResolver(() => [Review], {
    description: "the last reviews that were resolved where the same rules had matched, newest first, 10 at most",
  })
  async alike(@Root() { id }: Review, @Ctx() context: Context): Promise<readonly Review[]> {
    const { reviews } = this.#services;
    const accounts = await this.#services.accounts(context);
    const [record] = await reviews.byIds([reviewId.decode(id)[0]], accounts);
    return record ? (await reviews.alike(record, accounts)).map(toReview) : [];
  }

  @RequiresScopes(["reviews:write"])
  @Mutation(() => ReviewPayload, {
    description: "approves or rejects a request in review; the verdict is applied at once",
  })
  async resolveReview(
    @Arg("input", () => ResolveReviewInput) input: ResolveReviewInput,
    @Ctx() context: Context,
  ): Promise<ReviewPayload> {
    const id = await resolveReview(this.#services, context, input);
    const review = await this.#services.load(context).review.clear(id).load(id);
    if (!review) throw new Error(`Cannot read review ${id}: it is missing after its resolution`);
    return { review };
  }
}
