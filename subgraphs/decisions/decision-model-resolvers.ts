/** Which decision models does the graph use, and which version of each does the service run? */
import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { Sized } from "../../schema/demand.ts";
import type { Model } from "../pipeline/models.ts";
import { compiledOf } from "../pipeline/replay.ts";
import { digestOfTable } from "../pipeline/table-digest.ts";
import { TableError } from "../pipeline/table/problem.ts";
import type { Context } from "../platform/context.ts";
import { DecisionModel, DecisionModelVersion, TrustState } from "./decision-model.ts";
import type { KeptTable } from "../records/decisions/model-versions.ts";
import type { DecisionServices } from "./services.ts";
import { showTable } from "./shown-table.ts";
import { checksOf } from "../pipeline/checks.ts";

type Services = Pick<DecisionServices, "models" | "versions" | "trust" | "load">;

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
    return {
      ...showTable(table, model.decision, load(context).matchedBy(table.key)),
      key: table.key,
      name: table.name,
      description: table.description || null,
      version: String(running ?? "unknown"),
      copy: table.version,
      rules: table.rules.length,
      drifted: running === undefined || state === "DISTRUSTED",
      trust: { state: TrustState[state], since: new Date(since), agreed, disagreed },
      checks: () => checksOf(model),
    };
  }

  @Sized(10)
  @FieldResolver(() => [DecisionModelVersion], { description: "its tables that are kept, the newest version first" })
  async versions(@Root() { key }: DecisionModel, @Ctx() context: Context): Promise<readonly DecisionModelVersion[]> {
    const { models, load } = this.#services;
    const kept = await load(context).tables.load(key);
    const model = models.get(key);
    return kept.map((one) => Object.assign({ isCurrent: model !== undefined && isTableOf(model, one) }, one));
  }
}

function isTableOf({ compiled: { table }, digest }: Model, kept: KeptTable): boolean {
  if (kept.version !== table.version) return false;
  const compiled = compiledOf(table.key, kept);
  return !(compiled instanceof TableError) && digestOfTable(compiled.table) === digest;
}
