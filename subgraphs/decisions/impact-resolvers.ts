/** Whose verdict would another version of a table change? */
import { setTimeout as delay } from "node:timers/promises";
import { Arg, Args, Ctx, FieldResolver, Int, Query, Resolver, Root } from "type-graphql";
import { PageArgs, cursorsOf } from "../../schema/connection.ts";
import type { Connection } from "../../schema/connection.ts";
import { Paged } from "../../schema/demand.ts";
import { badUserInput } from "../../schema/errors.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import type { Context } from "../platform/context.ts";
import { listPage } from "../platform/lists.ts";
import { ChangeImpact, IMPACT_SCOPES, ImpactFlipConnection, ImpactPartOf, toChangeImpact } from "./impact.ts";
import type { ImpactFlip } from "./impact.ts";
import type { DecisionServices } from "./services.ts";

/** A position is how many of the kept ones are before it. */
const cursors = cursorsOf("flips", (value) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined,
);

const MAX_DAYS = 90;
/** A small world is answered at once. */
const WAIT_MS = 2000;

@Resolver(() => ImpactPartOf)
export class ImpactResolver {
  readonly #services: DecisionServices;

  constructor(services: DecisionServices) {
    this.#services = services;
  }

  @RequiresScopes(...IMPACT_SCOPES)
  @Query(() => ChangeImpact, {
    description:
      "whose verdict this table would change, by evaluating it here: nothing is asked of the decision service, and nothing " +
      "recorded. The first query starts it; while it is RUNNING, the same query says how far it is",
  })
  async changeImpact(
    @Arg("model", () => String) key: string,
    @Arg("table", () => String, { description: "the text of an .otdt file" }) table: string,
    @Arg("days", () => Int, { defaultValue: 30, description: `of the ledger, 0 to ${MAX_DAYS}` }) days: number,
    @Ctx() context: Context,
  ): Promise<ChangeImpact> {
    const { models, startImpact } = this.#services;
    const model = models.get(key);
    if (!model) throw badUserInput(`Cannot find the impact: the graph decides nothing by ${key}`, "model");
    if (days < 0 || days > MAX_DAYS)
      throw badUserInput(`Cannot find the impact: days must be from 0 to ${MAX_DAYS}, but got ${days}`, "days");
    const accounts = await this.#services.accounts(context);
    const run = startImpact(context, { model, table, days, accounts });
    await Promise.race([run.ended, delay(WAIT_MS, undefined, { ref: false })]);
    return toChangeImpact(key, days, run);
  }

  @Paged()
  @FieldResolver(() => ImpactFlipConnection, {
    description: "in the order in which they were found: up to 20,000 are kept, and totalCount is of these",
  })
  flips(@Root() { found }: ImpactPartOf, @Args(() => PageArgs) page: PageArgs): Promise<Connection<ImpactFlip>> {
    const placed = found.map((flip, index) => ({ flip, passed: index + 1 }));
    return listPage(page, {
      cursors,
      position: ({ passed }: (typeof placed)[number]) => passed,
      node: ({ flip }: (typeof placed)[number]) => flip,
      items: async ({ limit, after = 0 }) => placed.slice(after, after + limit),
      count: async () => placed.length,
    });
  }
}
