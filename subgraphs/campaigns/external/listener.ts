/**
 * What does this subgraph need to know of a listener to judge a campaign put before them?
 *
 * The listeners subgraph knows these facts and sends them along as one field that no client sees. They are personal: a
 * representation that is malformed is refused by the name of its field, never by what stands in it.
 */
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
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
  @Field(() => ID)
  id!: string;
  @Directive("@external")
  @Field(() => ListenerFacts, { nullable: true })
  facts!: ListenerFacts | null;
}

/** What `@requires` asks the listeners subgraph for. */
export const REQUIRED_LISTENER_FACTS = "facts { age country consents refusals }";

/** What a gateway sends as a reference to a listener. */
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
