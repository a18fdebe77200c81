/** Which fields does a decision model have? */
import { Field, Int, ObjectType } from "type-graphql";

@ObjectType({ simpleResolvers: true, description: "An input or an output of a decision table." })
export class DecisionVariable {
  @Field()
  name!: string;
  @Field(() => String, { nullable: true, description: "a readable name" })
  label!: string | null;
  @Field({ description: "string, number, boolean, date or collection" })
  type!: string;
  @Field(() => [String], { description: "the values that its author listed, as text; empty if there are none" })
  entries!: readonly string[];
}

@ObjectType({ simpleResolvers: true, description: "A decision table that the graph decides by." })
export class DecisionModel {
  @Field()
  key!: string;
  @Field()
  name!: string;
  @Field(() => String, { nullable: true })
  description!: string | null;
  @Field({ description: "the version that the decision service runs; `unknown` until it reports one" })
  version!: string;
  @Field()
  hitPolicy!: string;
  @Field(() => [DecisionVariable])
  inputs!: readonly DecisionVariable[];
  @Field(() => [DecisionVariable])
  outputs!: readonly DecisionVariable[];
  @Field(() => Int, { description: "the number of rules in the graph's copy of the table" })
  rules!: number;
  @Field({
    description:
      "the graph's copy of the table has another version than the service runs, or the service has not reported one",
  })
  drifted!: boolean;
}
