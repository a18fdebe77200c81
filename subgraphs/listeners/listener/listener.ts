/** What is a listener to a client? */
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionOf } from "../../../schema/connection.ts";
import { CustomerValue } from "../../../schema/customer-value.ts";
import { CountryCode, DateTime } from "../../../schema/scalars.ts";
import { ConsentPurpose } from "../../records/listeners/types.ts";

registerEnumType(ConsentPurpose, {
  name: "ConsentPurpose",
  valuesConfig: {
    MARKETING: { description: "to be advertised to" },
    PERSONALISATION: { description: "that what is shown follows what is listened to" },
    PROFILING: { description: "to be put into audiences" },
  },
});

@ObjectType({ simpleResolvers: true, description: "What a listener answered to being asked for consent." })
export class Consent {
  @Field(() => ConsentPurpose)
  purpose!: ConsentPurpose;
  @Field()
  granted!: boolean;
  @Field(() => DateTime)
  recordedAt!: Date;
}

@ObjectType({ simpleResolvers: true, description: "The last 30 days." })
export class Engagement {
  @Field(() => Int)
  listens!: number;
  @Field(() => Int)
  skips!: number;
  @Field(() => Int)
  follows!: number;
  @Field(() => Int)
  playlistAdds!: number;
  @Field(() => Int)
  ctaClicks!: number;
  @Field(() => DateTime, { nullable: true, description: "the last time of all, however long ago" })
  lastAt!: Date | null;
}

@Directive('@key(fields: "id")')
@ObjectType({ simpleResolvers: true, description: "Somebody who listens, and agreed to be known." })
export class Listener {
  @Field(() => ID)
  id!: string;
  @Field(() => ID, { nullable: true, description: "in the Spotify Web API; null where no account is connected" })
  spotifyAccountId!: string | null;
  @Field(() => CountryCode)
  country!: string;
  @Field(() => String, { nullable: true, description: "AMERICAS, APAC or EMEA" })
  region!: string | null;
  @Field(() => Int, { nullable: true, description: "in years" })
  age!: number | null;
  @Field(() => CustomerValue)
  customerValue!: CustomerValue;
  @Field(() => String, { nullable: true, description: "where they work, as a slug" })
  industry!: string | null;
  @Field(() => [String], { description: "as slugs" })
  productsOwned!: readonly string[];
  @Field(() => [Consent], {
    description: "the latest answer for each purpose; a purpose that is missing was never asked about",
  })
  consents!: readonly Consent[];
  @Field(() => Engagement)
  engagement!: Engagement;

  /** What the last call to action that was clicked was for, as a slug. */
  productInterest!: string | null;
}

@Directive("@inaccessible")
@ObjectType("ListenerFacts", { simpleResolvers: true, description: "What other subgraphs decide from." })
export class ListenerFacts {
  @Field(() => Int, { nullable: true })
  age!: number | null;
  @Field()
  country!: string;
  @Field(() => [String], { description: "purposes that were granted" })
  consents!: readonly string[];
  @Field(() => [String], { description: "purposes that were refused" })
  refusals!: readonly string[];
}

export const ListenerConnection = connectionOf("Listener", () => Listener);
