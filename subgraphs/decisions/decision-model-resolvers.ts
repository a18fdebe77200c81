/** Which decision models does the graph use, and which version of each does the service run? */
import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { Sized } from "../../schema/demand.ts";
import type { Model } from "../pipeline/models.ts";
import type { Rule, Table, Variable } from "../pipeline/table/table.ts";
import { writeCondition } from "../pipeline/table/written.ts";
import type { Context } from "../platform/context.ts";
import { DecisionModel, DecisionModelVersion, TrustState } from "./decision-model.ts";
import type { DecisionRule, DecisionVariable } from "./decision-model.ts";
import type { DecisionServices } from "./services.ts";
import { checksOf } from "../pipeline/checks.ts";

type Services = Pick<DecisionServices, "models" | "versions" | "trust" | "tables" | "load">;

@Resolver(() => DecisionModel)
export class DecisionModelResolver {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  @RequiresScopes(["audit:read"])
  @Sized(10)
  @Query(() => [DecisionModel], { description: "the models that the graph decides by, ordered by key" })
  decisionModels(@Ctx() context: Context): readonly DecisionModel[] {
    const byKey = [...this.#services.models.values()].toSorted((left, right) =>
      left.decision.key < right.decision.key ? -1 : 1,
    );
    return byKey.map((model) => this.#modelOf(model, context));
  }

  @RequiresScopes(["audit:read"])
  @Query(() => DecisionModel, { nullable: true, description: "null if the graph decides nothing by it" })
  decisionModel(@Arg("key", () => String) key: string, @Ctx() context: Context): DecisionModel | null {
    const model = this.#services.models.get(key);
    return model ? this.#modelOf(model, context) : null;
  }

  #modelOf(model: Model, context: Context): DecisionModel {
    const { table } = model.compiled;
    const { versions, trust, load } = this.#services;
    const running = versions.running(table.key);
    const { state, since, agreed, disagreed } = trust.of(table.key);
    const matchedBy = async ({ row }: Rule): Promise<number> =>
      (await load(context).matches.load(table.key)).get(String(row["reason_code"])) ?? 0;
    return {
      key: table.key,
      name: table.name,
      description: table.description || null,
      version: String(running ?? "unknown"),
      copy: table.version,
      hitPolicy: table.aggregator === undefined ? table.hitPolicy : `${table.hitPolicy} ${table.aggregator}`,
      inputs: table.inputs.map(variableOf),
      outputs: table.outputs.map(variableOf),
      rules: table.rules.length,
      table: table.rules.map((rule) => ruleOf(rule, table, () => matchedBy(rule))),
      drifted: running === undefined || state === "DISTRUSTED",
      trust: { state: TrustState[state], since: new Date(since), agreed, disagreed },
      checks: () => checksOf(model),
    };
  }

  @Sized(10)
  @FieldResolver(() => [DecisionModelVersion], { description: "its tables that are kept, the newest version first" })
  async versions(@Root() { key }: DecisionModel): Promise<readonly DecisionModelVersion[]> {
    return this.#services.tables.of(key);
  }
}

function variableOf({ name, label, type, entries }: Variable): DecisionVariable {
  return { name, label: label || null, type, entries };
}

function ruleOf({ number, conditions, row }: Rule, { inputs }: Table, matched: () => Promise<number>): DecisionRule {
  const written = inputs.map(({ type }, column) => {
    const condition = conditions[column] ?? null;
    return condition === null ? null : writeCondition(type, condition);
  });
  return { number, conditions: written, outputs: row, matched };
}
