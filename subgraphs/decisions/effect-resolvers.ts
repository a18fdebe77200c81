/** Which effects on upstreams are waiting, done or failed? */
import { Args, ArgsType, Ctx, Field, Query, Resolver } from "type-graphql";
import { PageArgs } from "../../schema/connection.ts";
import type { Connection } from "../../schema/connection.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { Paged } from "../../schema/demand.ts";
import type { Context } from "../platform/context.ts";
import { listCursors, listPage } from "../platform/lists.ts";
import { EffectStatus } from "../records/outbox/effect-records.ts";
import { Effect, EffectConnection, toEffect } from "./effect.ts";
import type { DecisionServices } from "./services.ts";

const cursors = listCursors("effects");

@ArgsType()
class EffectArgs extends PageArgs {
  @Field(() => EffectStatus, { nullable: true })
  status!: EffectStatus | null;
}

@Resolver(() => Effect)
export class EffectResolver {
  readonly #services: DecisionServices;

  constructor(services: DecisionServices) {
    this.#services = services;
  }

  @RequiresScopes(["audit:read"])
  @Paged()
  @Query(() => EffectConnection, { description: "changes to upstreams that follow from decisions, newest first" })
  async effects(@Args(() => EffectArgs) args: EffectArgs, @Ctx() context: Context): Promise<Connection<Effect>> {
    const { effects } = this.#services;
    const filter = { status: args.status ?? undefined, accounts: await this.#services.accounts(context) };
    return listPage(args, {
      cursors,
      position: ({ createdAt: at, id }) => ({ at, id }),
      node: toEffect,
      items: (window) => effects.list(filter, window),
      count: () => effects.count(filter),
    });
  }
}
