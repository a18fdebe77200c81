/** What is an effect to a client? */
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionOf } from "../../schema/connection.ts";
import { effectId } from "../../schema/id.ts";
import { DateTime } from "../../schema/scalars.ts";
import { EffectStatus } from "../records/outbox/effect-records.ts";
import type { EffectRecord } from "../records/outbox/effect-records.ts";

registerEnumType(EffectStatus, {
  name: "EffectStatus",
  description: "How far an upstream has been told of what was decided.",
  valuesConfig: {
    WAITING: { description: "for its turn, or its time" },
    RETRYING: { description: "failed before, and is tried again by itself" },
    RUNNING: { description: "being carried out" },
    DONE: { description: "carried out" },
    FAILED: { description: "not tried again by itself; holds up the later effects on its subject" },
    CANCELLED: { description: "nobody wants it any more" },
  },
});

@ObjectType({ simpleResolvers: true, description: "Something that an upstream is told because of a decision." })
export class Effect {
  @Field(() => ID)
  id!: string;
  @Field({ description: "what is done: `campaigns.status`" })
  kind!: string;
  @Field({ description: "to what, by its id" })
  subject!: string;
  @Field(() => EffectStatus)
  status!: EffectStatus;
  @Field(() => Int, { description: "how often it was tried" })
  attempts!: number;
  @Field(() => String, { nullable: true, description: "what the last try failed with" })
  error!: string | null;
  @Field(() => DateTime)
  createdAt!: Date;
  @Field(() => DateTime, { nullable: true, description: "not tried before then; null where it is over" })
  nextAt!: Date | null;
  @Field(() => DateTime, { nullable: true })
  endedAt!: Date | null;
}

export const EffectConnection = connectionOf("Effect", () => Effect);

export function toEffect({ id, detail: _detail, ...record }: EffectRecord): Effect {
  return Object.assign(new Effect(), { ...record, id: effectId.encode(id) });
}
