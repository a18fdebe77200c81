/** Which fields does an upstream have, to those who look after it? Nothing that it said, and no address. */
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { Sized } from "../../schema/demand.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { DateTime } from "../../schema/scalars.ts";

/** As a GraphQL enum. */
export enum UpstreamState {
  ANSWERING = "ANSWERING",
  DEGRADED = "DEGRADED",
  NOT_ANSWERING = "NOT_ANSWERING",
}
registerEnumType(UpstreamState, {
  name: "UpstreamState",
  description: "Whether an upstream answers.",
  valuesConfig: {
    ANSWERING: { description: "it answers every call" },
    DEGRADED: { description: "calls of the last minutes failed, or a circuit is not closed" },
    NOT_ANSWERING: { description: "its last three calls or more failed, or the circuit of the service is open" },
  },
});

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "A call that failed." })
export class UpstreamFailure {
  @Field({ description: "as in the errors of fields" })
  code!: string;
  @Field(() => Int, { nullable: true, description: "HTTP status; null where there was no answer" })
  status!: number | null;
  @Field(() => DateTime)
  at!: Date;
  @Field(() => DateTime, { nullable: true, description: "when it may be asked again, if it said so" })
  againAt!: Date | null;
}

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "What is left of a limit of an upstream." })
export class UpstreamBudget {
  @Field({ description: "what is limited, such as `requests` or `tokens`" })
  name!: string;
  @Field(() => Int, { description: "as of the last call" })
  left!: number;
  @Field(() => Int)
  total!: number;
  @Field(() => DateTime, {
    nullable: true,
    description: "when all of it is left, if nothing else is sent; null if it is",
  })
  fullAt!: Date | null;
}

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "How an upstream answers all processes." })
export class Upstream {
  @Field({ description: "as in logs: `spotify-ads`" })
  name!: string;
  @Field(() => UpstreamState, { nullable: true, description: "null where it was not called in the last hour" })
  state!: UpstreamState | null;
  @Field(() => Int, { description: "calls of the last five minutes, those for its tokens included" })
  calls!: number;
  @Field(() => Int, { description: "those of them that failed; what it refuses for what was asked is no failure" })
  failures!: number;
  @Field(() => DateTime, { nullable: true, description: "when it last answered; null where that is not known" })
  answeredAt!: Date | null;
  @Field(() => UpstreamFailure, { nullable: true, description: "the last one that is known" })
  lastFailure!: UpstreamFailure | null;
  @Sized(3)
  @Field(() => [UpstreamBudget], { description: "by its limits; none where no limit is known" })
  budgets!: readonly UpstreamBudget[];
}
