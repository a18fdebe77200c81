/** Who is the caller, and what may they do? */
import { Ctx, Field, ObjectType, Query, Resolver } from "type-graphql";
import { Authenticated } from "../../schema/requires-scopes.ts";
import { SCOPES } from "../../schema/scope.ts";
import type { Context } from "../platform/context.ts";

@Authenticated()
@ObjectType({ simpleResolvers: true, description: "Who sent the request." })
export class Caller {
  @Field({
    description: "as the ledger and reviews name it: `token:ada`, `key:7f3a`; `anonymous` where nobody is asked",
  })
  id!: string;
  @Field(() => [String], { description: "what they may do" })
  scopes!: readonly string[];
  @Field(() => [String], { nullable: true, description: "whose campaigns and locations exist for them; null for all" })
  accounts!: readonly string[] | null;
}

@Resolver(() => Caller)
export class CallerResolver {
  @Authenticated()
  @Query(() => Caller, { description: "who sent this request, and what they may do" })
  caller(@Ctx() { caller: { id, scopes, accounts } }: Context): Caller {
    return { id, scopes: SCOPES.filter((scope) => scopes.has(scope)), accounts: accounts ? [...accounts] : null };
  }
}
