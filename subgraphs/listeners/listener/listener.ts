/** What is a listener to a client? */
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionOf } from "../../../schema/connection.ts";
import { CustomerValue } from "../../../schema/customer-value.ts";
import { Sized } from "../../../schema/demand.ts";
import { CountryCode, DateTime } from "../../../schema/scalars.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { ConsentPurpose } from "../../records/listeners/types.ts";

registerEnumType(ConsentPurpose, {
  name: "ConsentPurpose",
  valuesConfig: {
    MARKETING: { description: "to get advertising" },
    PERSONALISATION: { description: "to get recommendations from what was listened to" },
    PROFILING: { description: "to be assigned to audiences" },
  },
});

@RequiresScopes(["listeners:read"])
@ObjectType({ simpleResolvers: true, description: "A listener's answer to a request for consent." })
export class Consent {
  @Field(() => ConsentPurpose)
  purpose!: ConsentPurpose;
  @Field()
  granted!: boolean;
  @Field(() => DateTime)
  recordedAt!: Date;
}

@RequiresScopes(["listeners:read"])
@ObjectType({ simpleResolvers: true, description: "Counts of the last 30 days." })
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
  @Field(() => DateTime, {
    nullable: true,
    description: "the latest event, also if it is older than 30 days; null if there is none",
  })
  lastAt!: Date | null;
}

@Directive('@key(fields: "id")')
@RequiresScopes(["listeners:read"])
@ObjectType({ simpleResolvers: true, description: "A person who listens and agreed to be recorded." })
export class Listener {
  @RequiresScopes(["listeners:read"], ["decisions:write"])
  @Field(() => ID)
  id!: string;
  @Field(() => ID, {
    nullable: true,
    description: "the account's id in the Spotify Web API; null if none is connected",
  })
  spotifyAccountId!: string | null;
  @Field(() => CountryCode)
  country!: string;
  @Field(() => String, { nullable: true, description: "AMERICAS, APAC or EMEA" })
  region!: string | null;
  @Field(() => Int, { nullable: true, description: "in years" })
  age!: number | null;
  @Field(() => CustomerValue)
  customerValue!: CustomerValue;
  @Field(() => String, { nullable: true, description: "the industry they work in, as a slug" })
  industry!: string | null;
  @Field(() => [String], { description: "as slugs" })
  productsOwned!: readonly string[];
  @Sized(4)
  @Field(() => [Consent], {
    description: "the latest answer for each purpose; a purpose without an answer is missing",
  })
  consents!: readonly Consent[];
  @Field(() => Engagement)
  engagement!: Engagement;

  /** The product of the last call to action that they clicked, as a slug. */
  productInterest!: string | null;
  /** In the payload of `routeLead`: the evaluation that routed them. */
  leadEvaluationId: string | undefined;
}

@Directive("@inaccessible")
@ObjectType("ListenerFacts", { simpleResolvers: true, description: "For decisions of other subgraphs." })
export class ListenerFacts {
  @Field(() => Int, { nullable: true })
  age!: number | null;
  @Field()
  country!: string;
  @Field(() => [String], { description: "granted purposes" })
  consents!: readonly string[];
  @Field(() => [String], { description: "refused purposes" })
  refusals!: readonly string[];
}

export const ListenerConnection = connectionOf("Listener", () => Listener, { scopes: [["listeners:read"]] });
