/** Which evaluations are in the ledger? */
import { Arg, Args, ArgsType, Ctx, Field, ID, Query, Resolver } from "type-graphql";
import { PageArgs } from "../../schema/connection.ts";
import type { Connection } from "../../schema/connection.ts";
import { Paged } from "../../schema/demand.ts";
import { badUserInput } from "../../schema/errors.ts";
import { evaluationId } from "../../schema/id.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { DateTime } from "../../schema/scalars.ts";
import { Verdict } from "../../schema/verdict.ts";
import type { Context } from "../platform/context.ts";
import { listCursors, listPage } from "../platform/lists.ts";
import type { EvaluationFilter } from "../records/decisions/ledger.ts";
import type { DecisionServices } from "./services.ts";
import { Evaluation, EvaluationConnection, toEvaluation } from "./evaluation.ts";

const cursors = listCursors("evaluations");

@ArgsType()
class EvaluationArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: "only evaluations of this subject, by its id" })
  subject!: string | null;
  @Field(() => String, { nullable: true, description: "only evaluations of this model, by its key" })
  model!: string | null;
  @Field(() => Verdict, { nullable: true, description: "only evaluations with this verdict" })
  verdict!: Verdict | null;
  @Field(() => String, {
    nullable: true,
    description: "only evaluations in which this rule of `model` matched, by its reason's code",
  })
  rule!: string | null;
  @Field(() => DateTime, { nullable: true, description: "only evaluations at this time or later" })
  since!: Date | null;
  @Field(() => DateTime, { nullable: true, description: "only evaluations before this time" })
  until!: Date | null;
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
    const filter = { ...filterOf(args), accounts };
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

/** Throws BAD_USER_INPUT: the codes of rules are those of their table. */
function filterOf({ subject, model, verdict, rule, since, until }: EvaluationArgs): EvaluationFilter {
  if (typeof rule === "string" && typeof model !== "string")
    throw badUserInput("Cannot list: rule is one of a model, and needs model", "rule");
  const given = Object.entries({ subject, model, verdict, rule, since, until });
  return Object.fromEntries(given.filter(([, value]) => value !== null && value !== undefined));
}
