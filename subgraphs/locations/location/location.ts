/** What is a location to a client? */
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionOf } from "../../../schema/connection.ts";
import { locationId, zoneId } from "../../../schema/id.ts";
import { CountryCode, DateTime } from "../../../schema/scalars.ts";
import type { SoundtrackLocation, SoundtrackZone } from "../../sources/soundtrack/client.ts";
import { LicenceStatus, StoreType } from "../../records/locations/types.ts";

registerEnumType(StoreType, { name: "StoreType" });
registerEnumType(LicenceStatus, {
  name: "LicenceStatus",
  valuesConfig: { EXPIRING: { description: "valid, and somebody has been told that it ends" } },
});

/** Its other fields are resolved from our own records and Soundtrack, where a client asks for them. */
@Directive('@key(fields: "id")')
@ObjectType({ simpleResolvers: true, description: "A place of business that plays music." })
export class Location {
  @Field(() => ID)
  id!: string;
  @Field()
  name!: string;
  @Field({ description: "the business it belongs to; `unknown` where Soundtrack does not say" })
  account!: string;
  @Field(() => CountryCode)
  country!: string;
  @Field(() => String, { nullable: true })
  city!: string | null;
  @Field({ description: "IANA: `Europe/Paris`" })
  timezone!: string;

  /** As Soundtrack tells of it. */
  source!: SoundtrackLocation;
}

@ObjectType({ simpleResolvers: true, description: "When a location is open, on one day, by its own clock." })
export class OpeningHours {
  @Field(() => Int, { description: "1 is Monday, 7 is Sunday" })
  day!: number;
  @Field({ description: "`09:30`" })
  opens!: string;
  @Field({ description: "`24:00` at the latest; where it is not after opens, on the day after" })
  closes!: string;
}

@ObjectType({ simpleResolvers: true, description: "What allows a location to play music in public." })
export class Licence {
  @Field(() => LicenceStatus)
  status!: LicenceStatus;
  @Field({ description: "background, foreground or events, or whatever is on record" })
  tier!: string;
  @Field(() => DateTime, { nullable: true, description: "null where it names no end" })
  expiresAt!: Date | null;
}

/** What plays is asked for where a client wants to know. */
@ObjectType({ simpleResolvers: true, description: "A part of a location with a player of its own." })
export class SoundZone {
  @Field(() => ID)
  id!: string;
  @Field()
  name!: string;
  @Field()
  online!: boolean;
  @Field({ description: "ACTIVE, CANCELLED, EXPIRED, INACTIVE or PAUSED, as Soundtrack says" })
  subscription!: string;

  /** As Soundtrack calls it. */
  soundtrackId!: string;
}

export const LocationConnection = connectionOf("Location", () => Location);

export function toLocation(source: SoundtrackLocation): Location {
  const { id, name, account, country, city, timezone } = source;
  return Object.assign(new Location(), {
    id: locationId.encode(id),
    name,
    account: account ?? "unknown",
    country,
    city,
    timezone,
    source,
  });
}

export function toZone({ id, name, online, subscription }: SoundtrackZone): SoundZone {
  return Object.assign(new SoundZone(), { id: zoneId.encode(id), name, online, subscription, soundtrackId: id });
}
