/** Which effects on upstreams are waiting, done or failed, and what happens to those that failed? */
import { Arg, Args, ArgsType, Ctx, Field, ID, Mutation, Query, Resolver } from "type-graphql";
import { PageArgs } from "../../schema/connection.ts";
import type { Connection } from "../../schema/connection.ts";
import { notFound } from "../../schema/errors.ts";
import { effectId } from "../../schema/id.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { Paged } from "../../schema/demand.ts";
import type { Context } from "../platform/context.ts";
import { listCursors, listPage } from "../platform/lists.ts";
import { EffectStatus } from "../records/outbox/effect-records.ts";
import {
  DropEffectInput,
  DroppedEffectPayload,
  Effect,
  EffectConnection,
  EffectPayload,
  RetryEffectInput,
  toEffect,
} from "./effect.ts";
import { resolveEffect } from "./resolve-effect.ts";
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
  @Query(() => Effect, { nullable: true, description: "null if it does not exist, or does not exist any more" })
  async effect(@Arg("id", () => ID) id: string, @Ctx() context: Context): Promise<Effect | null> {
    return this.#services.load(context).effect.load(effectId.decode(id)[0]);
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

  @RequiresScopes(["operations:write"])
  @Mutation(() => EffectPayload, {
    description: "carries out an effect that failed, with all the attempts of a new one",
  })
  async retryEffect(
    @Arg("input", () => RetryEffectInput) input: RetryEffectInput,
    @Ctx() context: Context,
  ): Promise<EffectPayload> {
    const id = await resolveEffect(this.#services, context, "retryEffect", input);
    // A repetition may come after the caller's accounts have changed.
    const effect = await this.#services.effects.byId(id, await this.#services.accounts(context));
    if (!effect) throw notFound(`Cannot show effect ${input.effectId}: it no longer exists`);
    return { effect: toEffect(effect) };
  }

  @RequiresScopes(["operations:write"])
  @Mutation(() => DroppedEffectPayload, {
    description: "deletes an effect that failed: it will never be carried out, and blocks the later ones no longer",
  })
  async dropEffect(
    @Arg("input", () => DropEffectInput) input: DropEffectInput,
    @Ctx() context: Context,
  ): Promise<DroppedEffectPayload> {
    return { effectId: effectId.encode(await resolveEffect(this.#services, context, "dropEffect", input)) };
  }
}
