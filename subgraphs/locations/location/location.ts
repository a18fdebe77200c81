/** Which fields does a location have? */
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionOf } from "../../../schema/connection.ts";
import { locationId } from "../../../schema/id.ts";
import { UNKNOWN_COUNTRY } from "../../../schema/country-code.ts";
import { CountryCode, DateTime } from "../../../schema/scalars.ts";
import { PartnerFields } from "../../../schema/partner.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { UNKNOWN } from "../decisions/location-facts.ts";
import type { SoundtrackLocation } from "../../sources/soundtrack/replies.ts";
import { LicenceStatus, StoreType } from "../../records/locations/types.ts";

registerEnumType(StoreType, { name: "StoreType" });
registerEnumType(LicenceStatus, {
  name: "LicenceStatus",
  valuesConfig: { EXPIRING: { description: "valid, and its renewal was announced" } },
});

/** Its other fields are resolved from Soundtrack and our records if a client selects them. */
@Directive('@key(fields: "id")')
@RequiresScopes(["graph:read"])
@PartnerFields("id", "name", "asOf", "playback")
@ObjectType({ simpleResolvers: true, description: "A place of business that plays music." })
export class Location {
  @RequiresScopes(["graph:read"], ["eligibility:read"], ["decisions:write"])
  @Field(() => ID)
  id!: string;
  @RequiresScopes(["graph:read"], ["eligibility:read"])
  @Field({ description: "`unknown` if Soundtrack has none" })
  name!: string;
  @Field({ description: "the business that it belongs to; `unknown` if Soundtrack has none" })
  account!: string;
  @Field(() => CountryCode, { description: "`ZZ` if Soundtrack has none" })
  country!: string;
  @Field(() => String, { nullable: true })
  city!: string | null;
  @Field({ description: "IANA: `Europe/Paris`; `unknown` if Soundtrack has none" })
  timezone!: string;
  @RequiresScopes(["graph:read"], ["eligibility:read"])
  @Field(() => DateTime, { description: "when it was read from Soundtrack" })
  asOf!: Date;

  /** From Soundtrack. */
  source!: SoundtrackLocation;
}

@RequiresScopes(["graph:read"])
@ObjectType({ simpleResolvers: true, description: "When a location is open on one day, in its local time." })
export class OpeningHours {
  @Field(() => Int, { description: "1 is Monday, 7 is Sunday" })
  day!: number;
  @Field({ description: "`09:30`" })
  opens!: string;
  @Field({ description: "`24:00` at the latest; on the next day if it is not after opens" })
  closes!: string;
}

@RequiresScopes(["graph:read"])
@ObjectType({ simpleResolvers: true, description: "The permission of a location to play music in public." })
export class Licence {
  @Field(() => LicenceStatus)
  status!: LicenceStatus;
  @Field({ description: "background, foreground, events, or another recorded name" })
  tier!: string;
  @Field(() => DateTime, { nullable: true, description: "null if it does not expire" })
  expiresAt!: Date | null;
}

export const LocationConnection = connectionOf("Location", () => Location, {
  scopes: [["graph:read"], ["eligibility:read"]],
  isDated: true,
  isForPartners: true,
});

/** `asOf` is when it was read, in milliseconds since the epoch. */
export function toLocation(source: SoundtrackLocation, asOf: number): Location {
  const { id, name, account, country, city, timezone } = source;
  return Object.assign(new Location(), {
    id: locationId.encode(id),
    name: name ?? UNKNOWN,
    account: account ?? UNKNOWN,
    country: country ?? UNKNOWN_COUNTRY,
    city,
    timezone: timezone ?? UNKNOWN,
    asOf: new Date(asOf),
    source,
  });
}
