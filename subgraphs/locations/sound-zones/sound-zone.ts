/** Which fields does a sound zone have? */
import { Field, ID, ObjectType } from "type-graphql";
import { zoneId } from "../../../schema/id.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import type { SoundtrackLocation, SoundtrackZone } from "../../sources/soundtrack/replies.ts";

/** `nowPlaying` is resolved if a client selects it. */
@ObjectType({ simpleResolvers: true, description: "A part of a location that has its own player." })
export class SoundZone {
  @Field(() => ID)
  id!: string;
  @Field()
  name!: string;
  @Field()
  online!: boolean;
  @Field({ description: "ACTIVE, CANCELLED, EXPIRED, INACTIVE or PAUSED, from Soundtrack" })
  subscription!: string;

  /** Its id in Soundtrack. */
  soundtrackId!: string;
}

export function toSoundZone({ id, name, online, subscription }: SoundtrackZone): SoundZone {
  return Object.assign(new SoundZone(), { id: zoneId.encode(id), name, online, subscription, soundtrackId: id });
}

/** Throws an UpstreamError if the zones are unknown, which is not the same as no zones. */
export function requireZones({ zones }: SoundtrackLocation): readonly SoundtrackZone[] {
  if (zones) return zones;
  throw new UpstreamError("soundtrack", "UNEXPECTED", "its reply has no sound zones of the location");
}
