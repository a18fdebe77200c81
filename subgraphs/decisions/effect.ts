/** Which fields does an effect have? */
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { MutationPayload } from "../../schema/dry-run.ts";
import { connectionOf } from "../../schema/connection.ts";
import { effectId } from "../../schema/id.ts";
import { IdempotentInput } from "../../schema/idempotency.ts";
import { DateTime } from "../../schema/scalars.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { EffectStatus } from "../records/outbox/effect-records.ts";
import type { EffectRecord } from "../records/outbox/effect-records.ts";

registerEnumType(EffectStatus, {
  name: "EffectStatus",
  description: "The status of an effect.",
  valuesConfig: {
    WAITING: { description: "waits for its time, or for earlier effects on its subject" },
    RETRYING: { description: "failed, and is retried automatically" },
    RUNNING: { description: "being carried out" },
    DONE: { description: "carried out" },
    FAILED: {
      description: "failed permanently; blocks the later effects on its subject until it is retried or dropped",
    },
    CANCELLED: { description: "not needed any more" },
  },
});

@RequiresScopes(["audit:read"])
@ObjectType({
  simpleResolvers: true,
  description: "A change to an upstream, or a decision that could not be made yet, carried out by the outbox.",
})
export class Effect {
  @RequiresScopes(["audit:read"], ["operations:write"])
  @Field(() => ID)
  id!: string;
  @Field({ description: "what it does: `campaigns.status`" })
  kind!: string;
  @Field({ description: "the id of what it is about" })
  subject!: string;
  @Field(() => EffectStatus)
  status!: EffectStatus;
  @Field(() => Int, { description: "the number of attempts so far" })
  attempts!: number;
  @Field(() => String, { nullable: true, description: "why the last attempt failed" })
  error!: string | null;
  @Field(() => DateTime)
  createdAt!: Date;
  @Field(() => DateTime, {
    nullable: true,
    description: "the earliest time of the next attempt; null if there is none",
  })
  nextAt!: Date | null;
  @Field(() => DateTime, { nullable: true })
  endedAt!: Date | null;
}

export const EffectConnection = connectionOf("Effect", () => Effect, { scopes: [["audit:read"]] });

@InputType()
export class RetryEffectInput extends IdempotentInput {
  @Field(() => ID, { description: "of one that is FAILED" })
  effectId!: string;
}

@InputType()
export class DropEffectInput extends RetryEffectInput {}

@RequiresScopes(["operations:write"])
@ObjectType({ simpleResolvers: true })
export class EffectPayload extends MutationPayload {
  @Field(() => Effect)
  effect!: Effect;
}

@RequiresScopes(["operations:write"])
@ObjectType({ simpleResolvers: true })
export class DroppedEffectPayload extends MutationPayload {
  @Field(() => ID, { description: "of the effect that does not exist any more" })
  effectId!: string;
}

export function toEffect({ id, detail: _detail, ...record }: EffectRecord): Effect {
  return Object.assign(new Effect(), { ...record, id: effectId.encode(id) });
}
