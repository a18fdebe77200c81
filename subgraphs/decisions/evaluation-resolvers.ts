/** Which evaluations are in the ledger? */
import { Arg, Args, ArgsType, Ctx, Field, ID, Query, Resolver } from "type-graphql";
import { PageArgs } from "../../schema/connection.ts";
import type { Connection } from "../../schema/connection.ts";
import { Paged } from "../../schema/demand.ts";
import { evaluationId } from "../../schema/id.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import type { Context } from "../platform/context.ts";
import { listCursors, listPage } from "../platform/lists.ts";
import type { DecisionServices } from "./services.ts";
import { Evaluation, EvaluationConnection, toEvaluation } from "./evaluation.ts";

const cursors = listCursors("evaluations");

@ArgsType()
class EvaluationArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: "only evaluations of this subject, by its id" })
  subject!: string | null;
  @Field(() => String, { nullable: true, description: "only evaluations of this model, by its key" })
  model!: string | null;
}

@Resolver(() => Evaluation)
export class EvaluationResolver {
  readonly #services: DecisionServices;

  constructor(services: DecisionServices) {
    this.#services = services;
  }

  @RequiresScopes(["audit:read"])
  @Query(() => Evaluation, {
    nullable: true,
    description: "null if it does not exist; a new evaluation may take a moment to appear",
  })
  async evaluation(@Arg("id", () => ID) id: string, @Ctx() context: Context): Promise<Evaluation | null> {
    evaluationId.check(id);
    return this.#services.load(context).evaluation.load(id);
  }

  @RequiresScopes(["audit:read"])
  @Paged()
  @Query(() => EvaluationConnection, { description: "all evaluations, newest first" })
  async evaluations(
    @Args(() => EvaluationArgs) args: EvaluationArgs,
    @Ctx() context: Context,
  ): Promise<Connection<Evaluation>> {
    const { evaluations, written } = this.#services;
    const accounts = await this.#services.accounts(context);
    const filter = { subject: args.subject ?? undefined, model: args.model ?? undefined, accounts };
    await written();
    return listPage(args, {
      cursors,
      position: ({ decidedAt: at, id }) => ({ at, id }),
      node: toEvaluation,
      items: (window) => evaluations.list(filter, window),
      count: () => evaluations.count(filter),
    });
  }
}
