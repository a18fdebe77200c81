/** Which evaluations are in the ledger? */
import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Int, Query, Resolver, Root } from "type-graphql";
import { PageArgs } from "../../schema/connection.ts";
import type { Connection } from "../../schema/connection.ts";
import { SufficientFact, WouldAllow } from "../../schema/decision.ts";
import { Paged, Sized } from "../../schema/demand.ts";
import { badUserInput } from "../../schema/errors.ts";
import { evaluationId } from "../../schema/id.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { DateTime, Json } from "../../schema/scalars.ts";
import { Verdict } from "../../schema/verdict.ts";
import type { Context } from "../platform/context.ts";
import { listCursors, listPage } from "../platform/lists.ts";
import type { EvaluationFilter } from "../records/decisions/ledger.ts";
import { explanationsOf } from "../pipeline/explanations.ts";
import type { Explanations } from "../pipeline/explanations.ts";
import { givesRows, replay } from "../pipeline/replay.ts";
import { likelyTables } from "../records/decisions/model-versions.ts";
import { receiptOf, signingBy } from "../records/decisions/receipts.ts";
import type { DecisionServices } from "./services.ts";
import { Evaluation, EvaluationConnection, Replay, toEvaluation } from "./evaluation.ts";

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

  @FieldResolver(() => String, {
    nullable: true,
    description: `a JSON Web Signature (EdDSA) over the id, the model, its version, the digest of its table, the verdict and the
time, to show to others: receiptKeys verify it, without this graph. Null where no LEDGER_KEY is set`,
  })
  async receipt(@Root() { record }: Evaluation, @Ctx() context: Context): Promise<string | null> {
    const { ledgerKeys, load } = this.#services;
    if (!ledgerKeys) return null;
    const kept = await load(context).tables.load(record.model);
    const table = likelyTables(kept, record).find((one) => givesRows(one, record));
    return receiptOf(record, table?.digest, signingBy(ledgerKeys));
  }

  @FieldResolver(() => WouldAllow, {
    nullable: true,
    description:
      "what would have to change in its facts for the verdict to be ALLOW; null where the table here did not give this answer",
  })
  wouldAllow(@Root() evaluation: Evaluation): WouldAllow | null {
    return this.#explained(evaluation).wouldAllow();
  }

  @Sized(3)
  @FieldResolver(() => [SufficientFact], {
    nullable: true,
    description:
      "a smallest set of its facts that fixes the verdict, whatever the others are; null where the table here did not give this answer",
  })
  sufficient(@Root() evaluation: Evaluation): readonly SufficientFact[] | null {
    return this.#explained(evaluation).sufficient();
  }

  #explained({ record, model }: Evaluation): Explanations {
    const { models, trust } = this.#services;
    return explanationsOf(models.get(model.key), record.facts, { model, rows: record.rows }, trust.isTableHere);
  }

  @RequiresScopes(["audit:read", "listeners:read"])
  @FieldResolver(() => Replay, { description: "the same facts, evaluated here by a version of the table that is kept" })
  async replay(
    @Root() { record }: Evaluation,
    @Arg("version", () => Int, { description: "one of the model's versions" }) version: number,
    @Ctx() context: Context,
  ): Promise<Replay> {
    const { models, load } = this.#services;
    const table = (await load(context).tables.load(record.model)).find((kept) => kept.version === version);
    if (!table) throw badUserInput(`Cannot replay: no version ${version} of ${record.model} is kept`, "version");
    return { version, table: table.digest, ...replay(models.get(record.model), table, record) };
  }

  @RequiresScopes(["audit:read"], ["eligibility:read"])
  @Query(() => Json, {
    description:
      "the public keys of receipts and of the ledger's days, as a JSON Web Key Set; empty where no LEDGER_KEY is set",
  })
  receiptKeys(): object {
    return this.#services.ledgerKeys?.published ?? { keys: [] };
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
