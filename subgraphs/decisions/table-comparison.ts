/** Which fields does the comparison of two tables have? */
import { Field, ObjectType } from "type-graphql";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { ShownTable } from "./shown-table.ts";
import { TableDifference } from "./table-difference.ts";

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
