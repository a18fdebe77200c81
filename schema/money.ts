/** How is an amount of money represented? In units of its currency. */
import { Directive, Field, Float, ObjectType } from "type-graphql";
import { CurrencyCode } from "./scalars.ts";
import { RequiresScopes } from "./requires-scopes.ts";

@Directive("@shareable")
@RequiresScopes(["graph:read"])
@ObjectType({ simpleResolvers: true, description: "An amount in units of its currency, never in micros or cents." })
export class Money {
  @Field(() => Float)
  amount!: number;
  @Field(() => CurrencyCode)
  currency!: string;
}
