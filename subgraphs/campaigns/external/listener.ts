/**
 * Which facts of a listener does an activation decision need?
 *
 * The listeners subgraph provides them as one `@inaccessible` field. They are personal data: the error for a malformed
 * representation names the field, never its value.
 */
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { z } from "zod";

@Directive("@external")
@Directive("@inaccessible")
@ObjectType({ simpleResolvers: true })
export class ListenerFacts {
  @Field(() => Int, { nullable: true })
  age!: number | null;
  @Field()
  country!: string;
  @Field(() => [String])
  consents!: readonly string[];
  @Field(() => [String])
  refusals!: readonly string[];
}

@Directive('@key(fields: "id")')
@ObjectType({ simpleResolvers: true })
export class Listener {
  @RequiresScopes(["listeners:read"], ["decisions:write"])
  @Field(() => ID)
  id!: string;
  @Directive("@external")
  @Field(() => ListenerFacts, { nullable: true })
  facts!: ListenerFacts | null;
}

/** The selection of `@requires`. */
export const REQUIRED_LISTENER_FACTS = "facts { age country consents refusals }";

/** A reference to a listener, from a gateway. */
export const ListenerReference = z.object({
  id: z.string(),
  facts: z
    .object({
      age: z
        .int()
        .nullish()
        .transform((age) => age ?? null),
      country: z.string(),
      consents: z.array(z.string()),
      refusals: z.array(z.string()),
    })
    .nullish()
    .transform((facts) => facts ?? null),
});
