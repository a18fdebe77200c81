/** Which fields does the comparison of two tables have? */
import { Field, ObjectType } from "type-graphql";
import { Sized } from "../../schema/demand.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { Json } from "../../schema/scalars.ts";
import { Verdict } from "../../schema/verdict.ts";
import type { Change, Difference } from "../pipeline/table/diagram/diff.ts";
import { ShownTable } from "./shown-table.ts";

const CELLS = "of how many cells: a cell is all facts that no condition of either table tells apart. Digits, as text";
const WITNESS = "a value for each input of the tables";

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "Facts to which another verdict is given." })
export class VerdictChange {
  @Field(() => Verdict, { nullable: true, description: "null where no rule gives a row" })
  from!: Verdict | null;
  @Field(() => Verdict, { nullable: true, description: "null where no rule gives a row" })
  to!: Verdict | null;
  @Field({ description: CELLS })
  cells!: string;
  @Field(() => Json, { description: WITNESS })
  witness!: unknown;
}

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "Facts to which an output has another value." })
export class OutputChange {
  @Field()
  output!: string;
  @Field(() => Json, { nullable: true, description: "of a list an item that is removed, null where one is added" })
  from!: unknown;
  @Field(() => Json, { nullable: true, description: "of a list an item that is added, null where one is removed" })
  to!: unknown;
  @Field({ description: CELLS })
  cells!: string;
  @Field(() => Json, { description: WITNESS })
  witness!: unknown;
}

@RequiresScopes(["audit:read"])
@ObjectType({
  simpleResolvers: true,
  description: "What changes where one table replaces another, proven for all facts.",
})
export class TableDifference {
  @Field({ description: "no verdict and no output changes for any facts; reasons may" })
  equivalent!: boolean;
  @Sized(6)
  @Field(() => [VerdictChange], { description: "one for each pair of verdicts" })
  changes!: readonly VerdictChange[];
  @Sized(20)
  @Field(() => [OutputChange], { description: "one for each pair of values of an output; of a list, for each item" })
  outputs!: readonly OutputChange[];
  @Field({ description: "all cells. Digits, as text" })
  cells!: string;
}

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "Two tables of a model, side by side." })
export class TableComparison {
  @Field(() => ShownTable)
  before!: ShownTable;
  @Field(() => ShownTable)
  after!: ShownTable;
  @Field(() => TableDifference, { nullable: true, description: "null where it is not known: problem says why" })
  difference!: TableDifference | null;
  @Field(() => String, { nullable: true, description: "why the difference is not known" })
  problem!: string | null;
}

export function showDifference({ equivalent, changes, outputs, cells }: Difference): TableDifference {
  return {
    equivalent,
    changes: changes.map(showChange),
    outputs: outputs.map((change) => Object.assign(showChange(change), { output: change.output })),
    cells: String(cells),
  };
}

function showChange<Value>({ from, to, cells, witness }: Change<Value>) {
  return { from, to, cells: String(cells), witness };
}
