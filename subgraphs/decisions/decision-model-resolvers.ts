/** Which decision models does the graph use, and which version of each does the service run? */
import { FieldResolver, Query, Resolver, Root } from "type-graphql";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { Sized } from "../../schema/demand.ts";
import { DecisionModel, DecisionModelVersion, TrustState } from "./decision-model.ts";
import type { DecisionVariable } from "./decision-model.ts";
import type { DecisionServices } from "./services.ts";
import { checksOf } from "../pipeline/checks.ts";
import type { Variable } from "../pipeline/table/table.ts";

@Resolver(() => DecisionModel)
export class DecisionModelResolver {
  readonly #services: Pick<DecisionServices, "models" | "versions" | "trust" | "tables">;

  constructor(services: Pick<DecisionServices, "models" | "versions" | "trust" | "tables">) {
    this.#services = services;
  }

  @RequiresScopes(["audit:read"])
  @Sized(10)
  @Query(() => [DecisionModel], { description: "the models that the graph decides by, ordered by key" })
  decisionModels(): readonly DecisionModel[] {
    const { models, versions, trust } = this.#services;
    const byKey = [...models.values()].toSorted((left, right) => (left.decision.key < right.decision.key ? -1 : 1));
    return byKey.map((model) => {
      const { table } = model.compiled;
      const running = versions.running(table.key);
      const { state, since, agreed, disagreed } = trust.of(table.key);
      return {
        key: table.key,
        name: table.name,
        description: table.description || null,
        version: String(running ?? "unknown"),
        hitPolicy: table.aggregator === undefined ? table.hitPolicy : `${table.hitPolicy} ${table.aggregator}`,
        inputs: table.inputs.map(variableOf),
        outputs: table.outputs.map(variableOf),
        rules: table.rules.length,
        drifted: running === undefined || state === "DISTRUSTED",
        trust: { state: TrustState[state], since: new Date(since), agreed, disagreed },
        checks: () => checksOf(model),
      };
    });
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
