/** Which fields does the difference of two versions of a table have? */
import { Field, ObjectType } from "type-graphql";
import { Sized } from "../../schema/demand.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { Json } from "../../schema/scalars.ts";
import { Verdict } from "../../schema/verdict.ts";
import type { Change, Difference } from "../pipeline/table/diagram/diff.ts";

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "Facts whose verdict another version changes, all in the same way." })
export class VerdictChange {
  @Field(() => Verdict, { nullable: true, description: "null where no rule gives a row" })
  from!: Verdict | null;
  @Field(() => Verdict, { nullable: true, description: "null where no rule gives a row" })
  to!: Verdict | null;
  @Field({ description: "how many, as digits: each is all facts that no condition of either version tells apart" })
  cells!: string;
  @Field(() => Json, { description: "one of them: a value for each input" })
  witness!: unknown;
}

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "Facts of which another version changes an output in the same way." })
export class OutputChange {
  @Field()
  output!: string;
  @Field(() => Json, { nullable: true, description: "null where there is none; of a list one item" })
  from!: unknown;
  @Field(() => Json, { nullable: true, description: "null where there is none; of a list one item" })
  to!: unknown;
  @Field({ description: "how many, as digits" })
  cells!: string;
  @Field(() => Json, { description: "one of them: a value for each input" })
  witness!: unknown;
}

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "What another version of a table changes, proven for all facts." })
export class TableDifference {
  @Field({ description: "no verdict and no output of the decision changes for any facts; reasons may" })
  equivalent!: boolean;
  @Field({ description: "all that are possible, as digits" })
  cells!: string;
  @Sized(10)
  @Field(() => [VerdictChange], { description: "one for each pair of verdicts" })
  changes!: readonly VerdictChange[];
  @Sized(50)
  @Field(() => [OutputChange], { description: "one for each pair of values of an output" })
  outputs!: readonly OutputChange[];
}

export function toTableDifference({ equivalent, cells, changes, outputs }: Difference): TableDifference {
  return {
    equivalent,
    cells: String(cells),
    changes: changes.map(withDigits),
    outputs: outputs.map(withDigits),
  };
}

function withDigits<One extends Change<unknown>>(change: One): Omit<One, "cells"> & { readonly cells: string } {
  return { ...change, cells: String(change.cells) };
}
