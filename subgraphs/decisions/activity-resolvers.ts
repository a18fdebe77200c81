/** What is decided just now, and how do the upstreams stand? */
import { Ctx, Query, Resolver } from "type-graphql";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import type { UpstreamStanding } from "../pipeline/activity/upstreams.ts";
import type { Context } from "../platform/context.ts";
import { Activity, ActivityMinute, ActivityReach, CircuitState } from "./activity.ts";
import type { DecisionServices } from "./services.ts";
import { UpstreamState } from "./upstream.ts";
import type { Upstream } from "./upstream.ts";

const CIRCUITS = { closed: CircuitState.CLOSED, "half open": CircuitState.HALF_OPEN, open: CircuitState.OPEN };
const REACHES = { all: ActivityReach.ALL, alone: ActivityReach.ALONE, "cut off": ActivityReach.CUT_OFF };
const UPSTREAMS = {
  answering: UpstreamState.ANSWERING,
  degraded: UpstreamState.DEGRADED,
  "not answering": UpstreamState.NOT_ANSWERING,
};

@Resolver(() => Activity)
export class ActivityResolver {
  readonly #services: Pick<DecisionServices, "activity">;

  constructor(services: Pick<DecisionServices, "activity">) {
    this.#services = services;
  }

  @RequiresScopes(["audit:read"])
  @Query(() => Activity, {
    nullable: true,
    description:
      "what is decided just now, in all processes; null for a caller with accounts, because it counts what is of others",
  })
  async activity(@Ctx() { caller }: Context): Promise<Activity | null> {
    if (caller.accounts !== undefined) return null;
    const { minutes, circuits, upstreams, reach, ...counts } = await this.#services.activity();
    return {
      ...counts,
      minutes: minutes.map((minute) => Object.assign(new ActivityMinute(), minute, { at: new Date(minute.at) })),
      circuits: circuits.map(({ name, state, processes }) => ({ name, state: CIRCUITS[state], processes })),
      upstreams: upstreams.map(toUpstream),
      reach: REACHES[reach],
    };
  }
}

function toUpstream({ state, answeredAt, lastFailure, budgets, ...upstream }: UpstreamStanding): Upstream {
  return {
    ...upstream,
    state: state === undefined ? null : UPSTREAMS[state],
    answeredAt: answeredAt === undefined ? null : new Date(answeredAt),
    lastFailure: lastFailure
      ? {
          ...lastFailure,
          at: new Date(lastFailure.at),
          againAt: lastFailure.againAt === null ? null : new Date(lastFailure.againAt),
        }
      : null,
    budgets: budgets.map(({ fullAt, ...budget }) => ({
      ...budget,
      fullAt: fullAt === undefined ? null : new Date(fullAt),
    })),
  };
}
