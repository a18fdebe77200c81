/** What is decided just now? */
import { Ctx, Query, Resolver } from "type-graphql";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import type { Context } from "../platform/context.ts";
import type { DecisionServices } from "./services.ts";
import { Activity, ActivityMinute, CircuitState } from "./activity.ts";

const STATES = { closed: CircuitState.CLOSED, "half open": CircuitState.HALF_OPEN, open: CircuitState.OPEN };

@Resolver(() => Activity)
export class ActivityResolver {
  readonly #services: Pick<DecisionServices, "states" | "minutes">;

  constructor(services: Pick<DecisionServices, "states" | "minutes">) {
    this.#services = services;
  }

  @RequiresScopes(["audit:read"])
  @Query(() => Activity, {
    nullable: true,
    description:
      "what is decided just now, in the process that answers; null for a caller with accounts, because it counts what is of others",
  })
  activity(@Ctx() { caller }: Context): Activity | null {
    if (caller.accounts !== undefined) return null;
    const { states, minutes } = this.#services;
    const { waiting, working } = states.scheduler;
    return {
      minutes: minutes().map((minute) => Object.assign(new ActivityMinute(), minute, { at: new Date(minute.at) })),
      circuits: Array.from(states.breakers(), ([name, state]) => ({ name, state: STATES[state] })),
      waiting,
      working,
    };
  }
}
