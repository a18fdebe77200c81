/** Which fields does the activity of all processes have? */
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { Sized } from "../../schema/demand.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { DateTime } from "../../schema/scalars.ts";
import { Origin, Verdict } from "../../schema/verdict.ts";
import { Upstream } from "./upstream.ts";

/** As a GraphQL enum. */
export enum CircuitState {
  CLOSED = "CLOSED",
  HALF_OPEN = "HALF_OPEN",
  OPEN = "OPEN",
}
registerEnumType(CircuitState, {
  name: "CircuitState",
  description: "Whether calls are made.",
  valuesConfig: {
    CLOSED: { description: "they are" },
    HALF_OPEN: { description: "one is, to see whether it is answered again" },
    OPEN: { description: "none is, because too many have failed: answers that have expired are given instead" },
  },
});

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "Decisions of one kind." })
export class ActivityCount {
  @Field({ description: "the model's key" })
  model!: string;
  @Field(() => Verdict, { nullable: true, description: "null where none could be made" })
  verdict!: Verdict | null;
  @Field(() => Origin, { nullable: true, description: "null where none could be made" })
  origin!: Origin | null;
  @Field(() => String, { nullable: true, description: "of the error, where none could be made" })
  code!: string | null;
  @Field(() => Int)
  count!: number;
}

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "What was decided within a minute." })
export class ActivityMinute {
  @Field(() => DateTime, { description: "when it began" })
  at!: Date;
  @Sized(30)
  @Field(() => [ActivityCount])
  counts!: readonly ActivityCount[];
  @Field(() => Int, { description: "calls to the decision service, retries and comparisons included" })
  calls!: number;
}

@RequiresScopes(["audit:read"])
@ObjectType({
  simpleResolvers: true,
  description: "A circuit breaker of the decision service, which each process has.",
})
export class Circuit {
  @Field({ description: "a model's key, or `service` for the service as a whole" })
  name!: string;
  @Field(() => CircuitState, { description: "the worst of all processes" })
  state!: CircuitState;
  @Field(() => Int, { description: "how many processes have it in this state" })
  processes!: number;
}

/** As a GraphQL enum. */
export enum ActivityReach {
  ALL = "ALL",
  ALONE = "ALONE",
  CUT_OFF = "CUT_OFF",
}
registerEnumType(ActivityReach, {
  name: "ActivityReach",
  description: "Whose activity is counted.",
  valuesConfig: {
    ALL: { description: "that of all processes which share a cache" },
    ALONE: { description: "that of the process that answers: it shares no cache with others" },
    CUT_OFF: { description: "that of the process that answers: the shared cache does not give that of the others" },
  },
});

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "What is decided, and how the upstreams stand." })
export class Activity {
  @Sized(60)
  @Field(() => [ActivityMinute], {
    description: "of the last hour, the oldest first, without those in which nothing was decided",
  })
  minutes!: readonly ActivityMinute[];
  @Sized(20)
  @Field(() => [Circuit])
  circuits!: readonly Circuit[];
  @Sized(10)
  @Field(() => [Upstream])
  upstreams!: readonly Upstream[];
  @Field(() => ActivityReach)
  reach!: ActivityReach;
  @Field(() => Int, {
    description:
      "how many processes this is of: the one that answers, and those that decided or called an upstream in the last hour; one that was started anew counts twice",
  })
  processes!: number;
  @Field(() => Int, { description: "calls to the decision service that wait for their turn" })
  waiting!: number;
  @Field(() => Int, { description: "calls to the decision service that are on their way" })
  working!: number;
}
