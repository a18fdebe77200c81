/** Which fields does the activity of a process have? */
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { Sized } from "../../schema/demand.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { DateTime } from "../../schema/scalars.ts";
import { Origin, Verdict } from "../../schema/verdict.ts";

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
@ObjectType({ simpleResolvers: true, description: "A circuit breaker of the decision service." })
export class Circuit {
  @Field({ description: "a model's key, or `service` for the service as a whole" })
  name!: string;
  @Field(() => CircuitState)
  state!: CircuitState;
}

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "What the process decides, and how it stands with the service." })
export class Activity {
  @Sized(60)
  @Field(() => [ActivityMinute], {
    description: "of the last hour, the oldest first, without those in which nothing was decided",
  })
  minutes!: readonly ActivityMinute[];
  @Sized(20)
  @Field(() => [Circuit])
  circuits!: readonly Circuit[];
  @Field(() => Int, { description: "calls to the decision service that wait for their turn" })
  waiting!: number;
  @Field(() => Int, { description: "calls to the decision service that are on their way" })
  working!: number;
}
