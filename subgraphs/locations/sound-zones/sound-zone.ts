/** Which fields does a sound zone have? */
import { Field, ID, ObjectType } from "type-graphql";
import { zoneId } from "../../../schema/id.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { UNKNOWN } from "../decisions/location-facts.ts";
import type { LocationKnowledge } from "../decisions/location-facts.ts";
import { ItemError } from "../../platform/items.ts";
import type { SoundtrackLocation, SoundtrackZone } from "../../sources/soundtrack/replies.ts";

/** `nowPlaying` is resolved if a client selects it. */
@RequiresScopes(["graph:read"])
@ObjectType({ simpleResolvers: true, description: "A part of a location that has its own player." })
export class SoundZone {
  @Field(() => ID)
  id!: string;
  @Field({ description: "`unknown` if Soundtrack has none" })
  name!: string;
  @Field({ description: "false also if it is not known" })
  online!: boolean;
  @Field({ description: "ACTIVE, CANCELLED, EXPIRED, INACTIVE or PAUSED, from Soundtrack; `unknown` if it has none" })
  subscription!: string;

  /** Its id in Soundtrack. */
  soundtrackId!: string;
}

export function toSoundZone({ id, name, online, subscription }: SoundtrackZone): SoundZone {
  return Object.assign(new SoundZone(), {
    id: zoneId.encode(id),
    name: name ?? UNKNOWN,
    online: online ?? false,
    subscription: subscription ?? UNKNOWN,
    soundtrackId: id,
  });
}

/** Throws an UpstreamError if zones are unknown, which is not the same as no zones. */
export function requireZones({ zones, zonesError }: SoundtrackLocation): readonly SoundtrackZone[] {
  if (zonesError) throw zonesError;
  return zones;
}

/**
 * What the rules count. Throws an UpstreamError also if it is not known whether a zone is online or what its subscription
 * is: it would be counted wrongly.
 */
export function countedZones(location: SoundtrackLocation): LocationKnowledge["zones"] {
  return requireZones(location).map(({ id, online, subscription }) => {
    if (online === null) throw unknownOf(id, "online");
    if (subscription === null) throw unknownOf(id, "subscription");
    return { online, subscription };
  });
}

function unknownOf(id: string, field: string): ItemError {
  return new ItemError("soundtrack", { item: `sound zone ${id}`, field, problem: `${field}: not known`, id });
}
