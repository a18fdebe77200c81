/** Which input does recording a licence take? */
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { MutationPayload } from "../../../schema/dry-run.ts";
import { IdempotentInput } from "../../../schema/idempotency.ts";
import { DateTime } from "../../../schema/scalars.ts";
import { IsText } from "../../../schema/text.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { Location } from "../location/location.ts";
import { LicenceStatus } from "../../records/locations/types.ts";

@InputType()
export class RecordLicenceInput extends IdempotentInput {
  @Field(() => ID)
  locationId!: string;
  @Field(() => LicenceStatus)
  status!: LicenceStatus;
  @IsText({ maxLength: 100 })
  @Field({ description: "background, foreground, events, or another name" })
  tier!: string;
  @Field(() => DateTime, {
    nullable: true,
    description: "omit if the licence does not expire; must be omitted for NONE",
  })
  expiresAt?: Date | null;
}

@RequiresScopes(["decisions:write"])
@ObjectType({ simpleResolvers: true })
export class LocationPayload extends MutationPayload {
  @Field(() => Location)
  location!: Location;
}
