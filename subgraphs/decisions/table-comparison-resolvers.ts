/** What does one table of a model say that another does not, and which cases stand beside it? */
import { Arg, Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { badUserInput } from "../../schema/errors.ts";
import { Sized } from "../../schema/demand.ts";
import { readCandidate } from "../pipeline/candidate.ts";
import { NoDifference, differenceOf } from "../pipeline/difference.ts";
import type { Model } from "../pipeline/models.ts";
import { compiledOf } from "../pipeline/replay.ts";
import { readCases } from "../pipeline/rules/cases.ts";
import { TableError } from "../pipeline/table/problem.ts";
import type { Table } from "../pipeline/table/table.ts";
import type { Context } from "../platform/context.ts";
import { DecisionCase, DecisionModel } from "./decision-model.ts";
import type { DecisionServices } from "./services.ts";
import { showTable } from "./shown-table.ts";
import { TableComparison } from "./table-comparison.ts";
import { toTableDifference } from "./table-difference.ts";

type Services = Pick<DecisionServices, "models" | "load">;

const DIGEST = "the digest of one of the model's versions; by default the table that the graph decides by";

@Resolver(() => DecisionModel)
export class TableComparisonResolver {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  @FieldResolver(() => TableComparison, {
    description:
      "two tables of the model and what changes between them, proven here: the decision service is not asked",
  })
  async comparison(
    @Root() { key }: DecisionModel,
    @Arg("before", () => String, { nullable: true, description: DIGEST }) before: string | null,
    @Arg("after", () => String, { nullable: true, description: DIGEST }) after: string | null,
    @Arg("table", () => String, { nullable: true, description: "the text of an .otdt file, in the place of `after`" })
    table: string | null,
    @Ctx() context: Context,
  ): Promise<TableComparison> {
    const model = this.#modelOf(key);
    if (typeof table === "string" && typeof after === "string")
      throw badUserInput("Cannot compare: give after or table, not both", "table");
    const old = await this.#tableOf(model, before, "before", context);
    const next =
      typeof table === "string"
        ? readCandidate(model, table, "table").compiled.table
        : await this.#tableOf(model, after, "after", context);
    const found = await differenceOf(model, old, next);
    const { matchedBy } = this.#services.load(context);
    const shown = [old, next].map((one) => showTable(one, model.decision, matchedBy(key)));
    const difference = found instanceof NoDifference ? null : toTableDifference(found);
    const problem = found instanceof NoDifference ? found.problem : null;
    return Object.assign(new TableComparison(), { before: shown[0], after: shown[1], difference, problem });
  }

  @Sized(150)
  @FieldResolver(() => [DecisionCase], { description: "the examples that stand beside the graph's copy of the table" })
  cases(@Root() { key }: DecisionModel): readonly DecisionCase[] {
    const { compiled, decision, cases } = this.#modelOf(key);
    if (cases === undefined) return [];
    const read = readCases(compiled.table, decision.outputs, cases);
    return read.map(({ facts, expected }, index) => ({ number: index + 1, facts, expected }));
  }

  #modelOf(key: string): Model {
    const model = this.#services.models.get(key);
    if (!model) throw new Error(`there must be a model ${key}`);
    return model;
  }

  async #tableOf(model: Model, digest: string | null, argument: string, context: Context): Promise<Table> {
    const { key } = model.decision;
    if (typeof digest !== "string") return model.compiled.table;
    const kept = (await this.#services.load(context).tables.load(key)).find((one) => one.digest === digest);
    if (!kept) throw badUserInput(`Cannot compare: no version of ${key} with the digest ${digest} is kept`, argument);
    const compiled = compiledOf(key, kept);
    if (compiled instanceof TableError) throw badUserInput(`Cannot compare: ${compiled.message}`, argument);
    return compiled.table;
  }
}
